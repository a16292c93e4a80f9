import type { CallContext, Outcome } from '../port.js'
import type { EventbriteClient } from './client.js'
import { ok } from './outcomes.js'
import { readAll } from './pages.js'
import { reopeningTime } from './reopening.js'
import { salesEndMark, toEventbriteTime } from './sales-end-mark.js'
import { closedByUs, readSaleTimes } from './ticket-class.js'

type SaleTimes = ReturnType<typeof readSaleTimes>

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
  async undo(context: CallContext, waypoint: string | null): Promise<Outcome<number>> {
    const classes = await this.list(context, waypoint)
    if (classes.kind !== 'OK') return classes
    const marked = classes.value.filter((one) => closedByUs(one).salesEnd)
    if (marked.length === 0) return ok(0)
    const time = await reopeningTime(this.client, this.eventId, this.now(), context)
    if (time.kind !== 'OK') return time
    return time.value === null ? ok(0) : this.set(marked, time.value, context)
  }

  private async set(classes: SaleTimes[], salesEnd: Date, context: CallContext): Promise<Outcome<number>> {
    const body = { ticket_class: { sales_end: toEventbriteTime(salesEnd) } }
    for (const { id } of classes) {
      const path = [...this.path(), id]
      const written = await this.client.post({ path, operation: 'write_ticket_class' }, body, context)
      if (written.kind !== 'OK') return written
    }
    return ok(classes.length)
  }

  private list(context: CallContext, waypoint: string | null): Promise<Outcome<SaleTimes[]>> {
    const call = { path: this.path(), operation: 'list_ticket_classes', waypoint }
    return readAll(this.client, call, 'ticket_classes', readSaleTimes, context)
  }

  private path(): string[] {
    return ['events', this.eventId, 'ticket_classes']
  }
}
