import type { CallContext, Outcome } from '../port.js'
import type { EventbriteClient } from './client.js'
import { requireObject } from './fields.js'
import { ok } from './outcomes.js'
import { readAll } from './pages.js'
import { reopeningTime } from './reopening.js'
import { isOurMark, salesEndMark, toEventbriteTime } from './sales-end-mark.js'
import { readTicketClass, type TicketClass } from './ticket-class.js'

export interface Resumed {
  /** Classes whose sales were resumed. */
  changed: number
  /** True: as far as told, no class is on sale, for a reason that is not ours. */
  closedByOthers: boolean
}

/**
 * Closes and opens a whole event by the end of sales of its classes: the last resort, where an event without a sale
 * can be closed neither by its cap nor by a hold.
 */
export class SalesEnds {
  constructor(
    private readonly client: EventbriteClient,
    private readonly eventId: string,
    private readonly now: () => Date,
  ) {}

  async end(context: CallContext): Promise<Outcome<number>> {
    const classes = await this.list(context, null)
    if (classes.kind !== 'OK') return classes
    const now = this.now()
    const selling = classes.value.filter((one) => !one.hidden && (one.salesEnd === null || one.salesEnd > now))
    return this.set(selling, salesEndMark(now), context)
  }

  /** Undoes `end` where a class bears our mark. `waypoint`: of the write that set the cap. */
  async undo(context: CallContext, waypoint: string | null): Promise<Outcome<Resumed>> {
    const classes = await this.list(context, waypoint)
    if (classes.kind !== 'OK') return classes
    const marked = classes.value.filter((one) => isOurMark(one.salesEnd))
    if (marked.length === 0) {
      const closed = classes.value.every(({ saleStatus }) => saleStatus !== null && saleStatus !== 'AVAILABLE')
      return ok({ changed: 0, closedByOthers: closed })
    }
    const time = await reopeningTime(this.client, this.eventId, this.now(), context)
    if (time.kind !== 'OK') return time
    if (time.value === null) return ok({ changed: 0, closedByOthers: true })
    const resumed = await this.set(marked, time.value, context)
    return resumed.kind === 'OK' ? ok({ changed: resumed.value, closedByOthers: false }) : resumed
  }

  private async set(classes: TicketClass[], salesEnd: Date, context: CallContext): Promise<Outcome<number>> {
    const body = { ticket_class: { sales_end: toEventbriteTime(salesEnd) } }
    for (const { id } of classes) {
      const path = [...this.path(), id]
      const written = await this.client.post({ path, operation: 'write_ticket_class' }, body, context)
      if (written.kind !== 'OK') return written
    }
    return ok(classes.length)
  }

  private list(context: CallContext, waypoint: string | null): Promise<Outcome<TicketClass[]>> {
    const call = { path: this.path(), operation: 'list_ticket_classes', waypoint }
    const read = (item: unknown) => readTicketClass(requireObject(item, 'ticket_classes'))
    return readAll(this.client, call, 'ticket_classes', read, context)
  }

  private path(): string[] {
    return ['events', this.eventId, 'ticket_classes']
  }
}
