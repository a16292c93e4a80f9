import type { CallContext, ChannelReading, ConfirmedState, Listing, Outcome } from '../port.js'
import { readPending } from './capacity-tier.js'
import type { EventbriteChannel } from './channel.js'
import { cartsOfClass } from './class-carts.js'
import { decodeAnswer, type EventbriteClient, type Seen } from './client.js'
import { asksForState, fetchEventStatus } from './event-status.js'
import type { JsonObject } from './fields.js'
import { lowerCap } from './lower-cap.js'
import { afterLanding, ok, readBack, rejected } from './outcomes.js'
import { SalesEnds } from './sales-ends.js'
import { modeForOurPart, modeOfTicketClass, readTicketClass, type TicketClass } from './ticket-class.js'

type Written = Outcome<Seen<TicketClass>>

/**
 * The channel is one ticket class: its own `capacity` is the cap. Carts are only told for the event as a whole, and
 * always read before the class's sales: a cart that is paid for in between then counts twice and never not at all.
 */
export class TicketClassChannel implements EventbriteChannel {
  private readonly eventId: string
  private readonly salesEnds: SalesEnds

  constructor(
    private readonly client: EventbriteClient,
    private readonly listing: Listing,
    private readonly classId: string,
    private readonly now: () => Date,
  ) {
    this.eventId = listing.externalEventId
    this.salesEnds = new SalesEnds(client, this.eventId, now)
  }

  /** 2 calls; 1 more where carts may be left that a larger cap let in, and 1 for the event's state. */
  async read(context: CallContext): Promise<Outcome<ChannelReading>> {
    const counted = await this.count(context, null, 0)
    if (counted.kind !== 'OK') return counted
    const { ticketClass, pending } = counted.value
    const { cap, sold } = ticketClass
    const asOf = this.now()
    const mode = modeOfTicketClass(ticketClass, pending, asOf)
    const capSource = cap === null ? 'none' : 'read'
    const reading = { cap, capSource, sold, pending, mode, waitlistAvailable: null, asOf } as const
    if (!asksForState(context)) return ok(reading)
    const status = await fetchEventStatus(this.client, this.eventId, context)
    return status.kind === 'OK' ? ok({ ...reading, listingState: status.value.value.listingState }) : status
  }

  async writeCap(cap: number, context: CallContext): Promise<Outcome<ConfirmedState>> {
    return this.confirm(await this.lower(cap, cap, context), context)
  }

  /**
   * cap = sold, `cap` first, unread: sold out keeps the platform's waitlist. Without a sale the cap cannot go low
   * enough, and in a rush it may not close in time: then sales are ended.
   */
  async close(cap: number, context: CallContext): Promise<Outcome<ConfirmedState>> {
    const lowered = await this.lower(cap, 0, context)
    if (lowered.kind !== 'OK') return lowered.kind === 'CAP_BELOW_SOLD' ? this.endSales(lowered, context) : lowered
    const { cap: stands, sold, saleStatus } = lowered.value.value
    if (typeof stands === 'number' && stands <= sold) return this.confirm(lowered, context)
    if (saleStatus !== 'SOLD_OUT') return this.endSales(lowered, context)
    // Carts may fill it, which the class alone does not tell.
    const state = await this.confirm(lowered, context)
    return state.kind === 'OK' && state.value.mode !== 'WAITLIST_ONLY' ? this.endSales(lowered, context) : state
  }

  /** The cap first; then our end of sales is undone. */
  async open(cap: number, context: CallContext): Promise<Outcome<ConfirmedState>> {
    const written = await this.lower(cap, cap, context)
    if (written.kind !== 'OK') return written
    const resuming = await this.salesEnds.resuming(written.value.value, context)
    if (resuming.kind !== 'OK') return afterLanding(resuming, 'the new end of sales could not be found')
    if (resuming.value === null) return this.confirm(written, context)
    const opened = await this.post(resuming.value, context)
    // A refusal leaves a raised cap on a closed class; the answer says so by its mode.
    if (opened.kind === 'REJECTED') return this.confirm(written, context)
    if (opened.kind !== 'OK') return afterLanding(opened, 'the class could not be opened')
    return this.confirm(opened, context)
  }

  private lower(first: number, least: number, context: CallContext): Promise<Written> {
    return lowerCap(
      { first, least, inForce: this.listing.acknowledgedCap },
      {
        write: (capacity) => this.post({ capacity }, context),
        count: () => this.readClass(context),
        figures: ({ cap, sold }) => ({ cap, floor: sold, sold, pending: 0 }),
        now: () => this.now().getTime(),
      },
    )
  }

  /** `lowered`: the state that an accepted write left, or that none was. */
  private async endSales(lowered: Written, context: CallContext): Promise<Outcome<ConfirmedState>> {
    const seen = lowered.kind === 'OK' ? lowered : await this.readClass(context)
    if (seen.kind !== 'OK') return seen
    const ended = await this.salesEnds.end([seen.value.value], context)
    if (ended.kind === 'REJECTED') {
      if (lowered.kind === 'OK') return this.confirm(lowered, context)
      return { kind: 'CAP_BELOW_SOLD', sold: seen.value.value.sold, pending: 0, reason: ended.message }
    }
    if (ended.kind !== 'OK') return lowered.kind === 'OK' ? afterLanding(ended, 'sales could not be ended') : ended
    const after = await this.readClass(context, ended.value)
    if (after.kind !== 'OK') return afterLanding(after, 'sales ended, the cap is not known')
    const { cap, sold } = after.value.value
    const floor = Math.max(1, sold)
    const written = typeof cap === 'number' && cap <= floor ? after : await this.post({ capacity: floor }, context)
    // Refused for carts, say: what stands is closed by its end of sales.
    if (written.kind === 'UNKNOWN') return written
    return this.confirm(written.kind === 'OK' ? written : after, context)
  }

  private async post(fields: JsonObject, context: CallContext): Promise<Written> {
    const call = { path: this.path(), operation: 'write_ticket_class' }
    const answer = await this.client.post(call, { ticket_class: fields }, context)
    if (answer.kind !== 'OK') return answer
    const written = decodeAnswer(answer, readTicketClass)
    if (written.kind === 'OK') return written
    return readBack(await this.readClass(context, answer.value.waypoint), fields.capacity)
  }

  /**
   * 2 calls after a shrink, which may leave more in carts than it allows: those may have been opened under the cap
   * before. 1 call after any other write, whose cap covers all carts.
   */
  private async confirm(written: Written, context: CallContext): Promise<Outcome<ConfirmedState>> {
    if (written.kind !== 'OK') return written
    const { value, waypoint } = written.value
    if (typeof value.cap !== 'number') return afterLanding(rejected('CONTRACT', 'no cap'), 'no cap came back')
    const before = this.listing.acknowledgedCap ?? Infinity
    const shrunk = value.cap < before
    const counted = shrunk
      ? await this.count(context, waypoint, before)
      : await this.countCarts(value, context, waypoint)
    if (counted.kind !== 'OK') return afterLanding(counted, 'the open carts could not be read')
    const { ticketClass, pending } = counted.value
    const confirmedAt = this.now()
    const state = { ...ticketClass, cap: value.cap }
    const mode = modeForOurPart(state, pending, confirmedAt)
    return ok({ cap: value.cap, mode, pending, sold: ticketClass.sold, confirmedAt })
  }

  /** Carts first, then the class. `mostCap`: the largest cap that the carts may have been opened under, beside the one in force. */
  private async count(
    context: CallContext,
    waypoint: string | null,
    mostCap: number,
  ): Promise<Outcome<{ ticketClass: TicketClass; pending: number }>> {
    const carts = await this.readCarts(context, waypoint)
    if (carts.kind !== 'OK') return carts
    const seen = await this.readClass(context, carts.value.waypoint)
    if (seen.kind !== 'OK') return seen
    return this.ownCarts(seen.value.value, carts.value.value, mostCap, context)
  }

  private async countCarts(
    ticketClass: TicketClass,
    context: CallContext,
    waypoint: string | null,
  ): Promise<Outcome<{ ticketClass: TicketClass; pending: number }>> {
    const carts = await this.readCarts(context, waypoint)
    return carts.kind === 'OK' ? this.ownCarts(ticketClass, carts.value.value, 0, context) : carts
  }

  private async ownCarts(
    ticketClass: TicketClass,
    carts: number,
    mostCap: number,
    context: CallContext,
  ): Promise<Outcome<{ ticketClass: TicketClass; pending: number }>> {
    const { cap } = ticketClass
    const most = Math.max(typeof cap === 'number' ? cap : Infinity, mostCap)
    const pending = await cartsOfClass(this.client, this.eventId, ticketClass, carts, most, context)
    return pending.kind === 'OK' ? ok({ ticketClass, pending: pending.value }) : pending
  }

  private async readClass(context: CallContext, waypoint: string | null = null): Promise<Written> {
    const call = { path: this.path(), operation: 'read_ticket_class', waypoint }
    return decodeAnswer(await this.client.get(call, context), readTicketClass)
  }

  /** An event whose stock is kept in other ways may have no capacity tier, and then tells of no carts. */
  private async readCarts(context: CallContext, waypoint: string | null): Promise<Outcome<Seen<number>>> {
    const call = { path: ['events', this.eventId, 'capacity_tier'], operation: 'read_capacity_tier', waypoint }
    const answer = await this.client.get(call, context)
    if (answer.kind === 'GONE' || answer.kind === 'REJECTED') return ok({ value: 0, waypoint })
    return decodeAnswer(answer, readPending)
  }

  private path(): string[] {
    return ['events', this.eventId, 'ticket_classes', this.classId]
  }
}
