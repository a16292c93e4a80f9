import type { CallContext, Outcome } from '../../port.js'
import { decodeResponse, type EventbriteClient } from '../client/client.js'
import { EVENT_STATUS_EXPANSIONS, readEventStatus } from '../caps/event-status.js'
import type { JsonObject } from '../../kit/response-shape.js'
import { afterWrite, ok, rejected } from '../../kit/outcomes.js'
import { readAll } from '../client/pages.js'
import { endSalesFields, resumeSalesFields, toEventbriteTime } from './sales-end-mark.js'
import { readSaleTimes, type ClassSale } from '../caps/ticket-class.js'

/** More classes would take too many calls for a closing. */
const MAX_CLASSES = 50

/**
 * Ends and resumes the sales of ticket classes by their end of sales. It cannot be overtaken by sales, so it is used
 * where a cap or a hold does not close in time. Classes hidden by the organizer are ended, too (an access code may sell
 * them), and stay hidden.
 */
export class SalesEnds {
  /** End of sales to restore where our mark does not encode it; read once. */
  private reopening: Promise<Outcome<Date | null>> | null = null

  constructor(
    private readonly client: EventbriteClient,
    private readonly eventId: string,
    private readonly now: () => Date,
  ) {}

  list(context: CallContext, waypoint: string | null = null): Promise<Outcome<ClassSale[]>> {
    const call = { path: this.path(), operation: 'list_ticket_classes', waypoint }
    return readAll(this.client, call, 'ticket_classes', readSaleTimes, context)
  }

  /** Ends those of `classes` that are on sale or will be. Returns the waypoint of the last write. */
  async end(classes: readonly ClassSale[], context: CallContext): Promise<Outcome<string | null>> {
    const now = this.now()
    const selling = classes.filter(({ salesEnd }) => salesEnd === null || salesEnd > now)
    if (selling.length > MAX_CLASSES) return rejected('TOO_MANY_CLASSES', `more than ${MAX_CLASSES} ticket classes`)
    let waypoint: string | null = null
    let applied = false
    for (const one of selling) {
      const ended = await this.firstAccepted(one.id, endSalesFields(one, now), context)
      if (ended.kind !== 'OK') return applied ? afterWrite(ended, `the sales of class ${one.id} continue`) : ended
      applied = true
      waypoint = ended.value
    }
    return ok(waypoint)
  }

  /** Undoes `end` for classes with our mark. `waypoint`: of the write that set the cap. */
  async resume(context: CallContext, waypoint: string | null): Promise<Outcome<number>> {
    const classes = await this.list(context, waypoint)
    if (classes.kind !== 'OK') return classes
    let resumed = 0
    for (const one of classes.value) {
      const fields = await this.resumeFields(one, context)
      if (fields.kind !== 'OK') return fields
      if (fields.value === null) continue
      const written = await this.write(one.id, fields.value, context)
      if (written.kind !== 'OK') return written
      resumed += 1
    }
    return ok(resumed)
  }

  /** The fields that resume the sales of a class; null: it was not ended by us, or the event is over. */
  async resumeFields(one: ClassSale, context: CallContext): Promise<Outcome<JsonObject | null>> {
    const fields = resumeSalesFields(one, this.now())
    if (fields !== 'LOST') return ok(fields)
    this.reopening ??= reopeningTime(this.client, this.eventId, this.now(), context)
    const time = await this.reopening
    if (time.kind !== 'OK') return time
    return ok(time.value === null ? null : { sales_end: toEventbriteTime(time.value) })
  }

  private async firstAccepted(
    classId: string,
    candidates: readonly JsonObject[],
    context: CallContext,
  ): Promise<Outcome<string | null>> {
    let last: Outcome<string | null> = rejected('NO_SALES_END', 'no end of sales to set')
    for (const fields of candidates) {
      last = await this.write(classId, fields, context)
      if (last.kind !== 'REJECTED') return last
    }
    return last
  }

  private async write(classId: string, fields: JsonObject, context: CallContext): Promise<Outcome<string | null>> {
    const call = { path: [...this.path(), classId], operation: 'write_ticket_class' }
    const response = await this.client.post(call, { ticket_class: fields }, context)
    return response.kind === 'OK' ? ok(response.value.waypoint) : response
  }

  private path(): string[] {
    return ['events', this.eventId, 'ticket_classes']
  }
}

/**
 * The end of sales to restore where the organizer's own is unknown: the start of the event, its end once it has
 * started, null when it is over. 1 call.
 */
async function reopeningTime(
  client: EventbriteClient,
  eventId: string,
  now: Date,
  context: CallContext,
): Promise<Outcome<Date | null>> {
  const query = { expand: EVENT_STATUS_EXPANSIONS }
  const response = await client.get({ path: ['events', eventId], operation: 'read_event', query }, context)
  const status = decodeResponse(response, readEventStatus)
  if (status.kind !== 'OK') return status
  const { start, end } = status.value.value
  return ok([start, end].find((time) => time !== null && time > now) ?? null)
}
