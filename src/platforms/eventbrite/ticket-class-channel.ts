import type { CallContext, ChannelReading, ConfirmedState, Outcome } from '../port.js'
import { readPending } from './capacity-tier.js'
import { secondTry, type EventbriteChannel } from './channel.js'
import { decodeAnswer, type EventbriteClient, type Seen } from './client.js'
import type { JsonObject } from './fields.js'
import { afterLanding, ok, readBack, rejected } from './outcomes.js'
import { salesEndMark, toEventbriteTime } from './sales-end-mark.js'
import { reopeningTime } from './reopening.js'
import { closedByUs, modeAsFarAsOurs, modeOfTicketClass, readTicketClass, type TicketClass } from './ticket-class.js'

type Written = Outcome<Seen<TicketClass>>

/** The channel is one ticket class: its own `capacity` is the cap. Carts are only told for the event as a whole. */
export class TicketClassChannel implements EventbriteChannel {
  constructor(
    private readonly client: EventbriteClient,
    private readonly eventId: string,
    private readonly classId: string,
    private readonly now: () => Date,
  ) {}

  async read(context: CallContext): Promise<Outcome<ChannelReading>> {
    const seen = await this.readClass(context)
    if (seen.kind !== 'OK') return seen
    const ticketClass = seen.value.value
    const carts = await this.readPending(context, seen.value.waypoint)
    if (carts.kind !== 'OK') return carts
    const { cap, sold } = ticketClass
    const asOf = this.now()
    const mode = modeOfTicketClass(ticketClass, carts.value, asOf)
    const capSource = cap === null ? 'none' : 'read'
    return ok({ cap, capSource, sold, pending: carts.value, mode, waitlistAvailable: null, asOf })
  }

  async writeCap(cap: number, context: CallContext): Promise<Outcome<ConfirmedState>> {
    return this.confirm(await this.write({ capacity: cap }, context), context, 'OPEN')
  }

  /**
   * Sold out by cap = sold keeps the platform's waitlist. Without a sale the cap cannot go low enough, so the class is
   * hidden, or, where hiding is refused, its sales end.
   */
  async close(context: CallContext): Promise<Outcome<ConfirmedState>> {
    const seen = await this.readClass(context)
    if (seen.kind !== 'OK') return seen
    const { sold } = seen.value.value
    if (sold > 0) return this.confirm(await this.write({ capacity: sold }, context), context, 'CLOSED')
    const hidden = await this.write({ capacity: 1, hidden: true }, context)
    if (hidden.kind !== 'REJECTED') return this.confirm(hidden, context, 'CLOSED')
    const ended = { capacity: 1, sales_end: toEventbriteTime(salesEndMark(this.now())) }
    return this.confirm(await this.write(ended, context), context, 'CLOSED')
  }

  /** The cap first; then what closed the class is undone. */
  async open(cap: number, context: CallContext): Promise<Outcome<ConfirmedState>> {
    const written = await this.write({ capacity: cap }, context)
    if (written.kind !== 'OK') return written
    const closed = closedByUs(written.value.value)
    const undo: JsonObject = {}
    if (closed.hidden) undo.hidden = false
    if (closed.salesEnd) {
      const time = await reopeningTime(this.client, this.eventId, this.now(), context)
      if (time.kind !== 'OK') return afterLanding(time, 'the new end of sales could not be found')
      if (time.value !== null) undo.sales_end = toEventbriteTime(time.value)
    }
    if (Object.keys(undo).length === 0) return this.confirm(written, context, 'OPEN')
    const opened = await this.post(undo, context)
    // A refusal leaves a raised cap on a closed class; the answer says so by its mode.
    if (opened.kind === 'REJECTED') return this.confirm(written, context, 'OPEN')
    if (opened.kind !== 'OK') return afterLanding(opened, 'the class could not be opened')
    return this.confirm(opened, context, 'OPEN')
  }

  /** One write, and a second one with a higher cap if the first was refused as too low. */
  private async write(fields: JsonObject & { capacity: number }, context: CallContext): Promise<Written> {
    const first = await this.post(fields, context)
    if (first.kind !== 'REJECTED') return first
    const seen = await this.read(context)
    if (seen.kind !== 'OK') return first
    const retry = secondTry(first, fields.capacity, (seen.value.sold ?? 0) + seen.value.pending)
    return retry === null ? first : this.post({ ...fields, capacity: retry }, context)
  }

  private async post(fields: JsonObject, context: CallContext): Promise<Written> {
    const call = { path: this.path(), operation: 'write_ticket_class' }
    const answer = await this.client.post(call, { ticket_class: fields }, context)
    if (answer.kind !== 'OK') return answer
    const written = decodeAnswer(answer, readTicketClass)
    if (written.kind === 'OK') return written
    return readBack(await this.readClass(context, answer.value.waypoint), fields.capacity)
  }

  private async confirm(
    written: Written,
    context: CallContext,
    meant: 'OPEN' | 'CLOSED',
  ): Promise<Outcome<ConfirmedState>> {
    if (written.kind !== 'OK') return written
    const { value: ticketClass, waypoint } = written.value
    if (typeof ticketClass.cap !== 'number') return afterLanding(rejected('CONTRACT', 'no cap'), 'no cap came back')
    const carts = await this.readPending(context, waypoint)
    if (carts.kind !== 'OK') return afterLanding(carts, 'the open carts could not be read')
    const confirmedAt = this.now()
    const mode =
      meant === 'OPEN'
        ? modeAsFarAsOurs(ticketClass, carts.value)
        : modeOfTicketClass(ticketClass, carts.value, confirmedAt)
    return ok({ cap: ticketClass.cap, mode, pending: carts.value, sold: ticketClass.sold, confirmedAt })
  }

  private async readClass(context: CallContext, waypoint: string | null = null): Promise<Written> {
    const call = { path: this.path(), operation: 'read_ticket_class', waypoint }
    return decodeAnswer(await this.client.get(call, context), readTicketClass)
  }

  /** An event whose stock is kept in other ways may have no capacity tier, and then tells of no carts. */
  private async readPending(context: CallContext, waypoint: string | null): Promise<Outcome<number>> {
    const call = { path: ['events', this.eventId, 'capacity_tier'], operation: 'read_capacity_tier', waypoint }
    const answer = await this.client.get(call, context)
    if (answer.kind === 'GONE' || answer.kind === 'REJECTED') return ok(0)
    const pending = decodeAnswer(answer, readPending)
    return pending.kind === 'OK' ? ok(pending.value.value) : pending
  }

  private path(): string[] {
    return ['events', this.eventId, 'ticket_classes', this.classId]
  }
}
