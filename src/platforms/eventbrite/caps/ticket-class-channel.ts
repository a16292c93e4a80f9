import type { CallContext, ChannelReading, ConfirmedState, Listing, Outcome } from '../../port.js'
import { readPending } from './capacity-tier.js'
import type { EventbriteChannel } from './channel.js'
import { cartsOfClass } from './class-carts.js'
import { decodeResponse, type EventbriteClient, type WithWaypoint } from '../client/client.js'
import { includesState, fetchEventStatus } from './event-status.js'
import type { JsonObject } from '../../kit/response-shape.js'
import { afterWrite, ok, rejected } from '../../kit/outcomes.js'
import { lowerCap } from './lower-cap.js'
import { readBack } from '../client/outcomes.js'
import { sendingCap } from '../../operation.js'
import { SalesEnds } from '../closing/sales-ends.js'
import { modeAfterWrite, modeOfTicketClass, readTicketClass, type TicketClass } from './ticket-class.js'

type Written = Outcome<WithWaypoint<TicketClass>>

/**
 * The channel is one ticket class; its `capacity` is the cap. Open carts are reported for the whole event only, and
 * always read before the class's sales: a cart that is paid for in between is then counted twice, never missed.
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

  /** 2 calls; 1 more where carts opened under a larger cap may remain, and 1 for the event's state. */
  async read(context: CallContext): Promise<Outcome<ChannelReading>> {
    const asOf = this.now()
    const counted = await this.count(context, null, 0)
    if (counted.kind !== 'OK') return counted
    const { ticketClass, pending } = counted.value
    const { cap, sold } = ticketClass
    const mode = modeOfTicketClass(ticketClass, pending, this.now())
    const capSource = cap === null ? 'none' : 'read'
    const reading = { cap, capSource, sold, pending, mode, waitlistAvailable: null, asOf } as const
    if (!includesState(context)) return ok(reading)
    const status = await fetchEventStatus(this.client, this.eventId, context)
    return status.kind === 'OK' ? ok({ ...reading, listingState: status.value.value.listingState }) : status
  }

  async writeCap(cap: number, context: CallContext): Promise<Outcome<ConfirmedState>> {
    return this.confirm(await this.lower(cap, cap, context), context)
  }

  /**
   * Sets the cap to the tickets sold, starting with `cap` without a read; when sold out, the platform keeps its
   * waitlist. Without a sale the cap cannot go low enough, and under load it may not close in time: then sales are
   * ended.
   */
  async close(cap: number, context: CallContext): Promise<Outcome<ConfirmedState>> {
    const lowered = await this.lower(cap, 0, context)
    if (lowered.kind !== 'OK') return lowered.kind === 'CAP_BELOW_SOLD' ? this.endSales(lowered, context) : lowered
    const { cap: capInForce, sold, saleStatus } = lowered.value.value
    if (typeof capInForce === 'number' && capInForce <= sold) return this.confirm(lowered, context)
    if (saleStatus !== 'SOLD_OUT') return this.endSales(lowered, context)
    // Open carts may fill it, which the class alone does not show.
    const state = await this.confirm(lowered, context)
    return state.kind === 'OK' && state.value.mode !== 'WAITLIST_ONLY' ? this.endSales(lowered, context) : state
  }

  /**
   * Writes the cap first, then undoes our end of sales: not where the platform accepts only a larger cap that would put
   * tickets on sale.
   */
  async open(cap: number, context: CallContext): Promise<Outcome<ConfirmedState>> {
    const written = await this.lower(cap, cap, context)
    if (written.kind !== 'OK') return written
    const { cap: capInForce, sold } = written.value.value
    if (typeof capInForce === 'number' && capInForce > Math.max(cap, sold)) return this.confirm(written, context)
    const fields = await this.salesEnds.resumeFields(written.value.value, context)
    if (fields.kind !== 'OK') return afterWrite(fields, 'the new end of sales could not be determined')
    if (fields.value === null) return this.confirm(written, context)
    const opened = await this.post(fields.value, context)
    // A refusal leaves a raised cap on a closed class, which the mode of the result shows.
    if (opened.kind === 'REJECTED') return this.confirm(written, context)
    if (opened.kind !== 'OK') return afterWrite(opened, 'the class could not be opened')
    return this.confirm(opened, context)
  }

  private lower(firstCap: number, minCap: number, context: CallContext): Promise<Written> {
    return lowerCap(
      { firstCap, minCap, capInForce: this.listing.acknowledgedCap },
      {
        write: (capacity) => this.post({ capacity }, sendingCap(context, capacity)),
        count: () => this.readClass(context),
        countsOf: ({ cap, sold }) => ({ cap, floor: sold, sold, pending: 0 }),
        now: () => this.now().getTime(),
      },
    )
  }

  /** `lowered`: the state after an accepted write, or the failure if none was accepted. */
  private async endSales(lowered: Written, context: CallContext): Promise<Outcome<ConfirmedState>> {
    const current = lowered.kind === 'OK' ? lowered : await this.readClass(context)
    if (current.kind !== 'OK') return current
    const ended = await this.salesEnds.end([current.value.value], context)
    if (ended.kind === 'REJECTED') {
      if (lowered.kind === 'OK') return this.confirm(lowered, context)
      return { kind: 'CAP_BELOW_SOLD', sold: current.value.value.sold, pending: 0, reason: ended.message }
    }
    if (ended.kind !== 'OK') return lowered.kind === 'OK' ? afterWrite(ended, 'sales could not be ended') : ended
    const after = await this.readClass(context, ended.value)
    if (after.kind !== 'OK') return afterWrite(after, 'sales were ended and the cap is unknown')
    const { cap, sold } = after.value.value
    const floor = Math.max(1, sold)
    const written =
      typeof cap === 'number' && cap <= floor ? after : await this.post({ capacity: floor }, sendingCap(context, floor))
    // Refused, e.g. because of open carts: the class is closed by its end of sales anyway.
    if (written.kind === 'UNKNOWN') return written
    return this.confirm(written.kind === 'OK' ? written : after, context)
  }

  private async post(fields: JsonObject, context: CallContext): Promise<Written> {
    const call = { path: this.path(), operation: 'write_ticket_class' }
    const response = await this.client.post(call, { ticket_class: fields }, context)
    if (response.kind !== 'OK') return response
    const written = decodeResponse(response, readTicketClass)
    if (written.kind === 'OK') return written
    return readBack(await this.readClass(context, response.value.waypoint), fields.capacity)
  }

  /**
   * 2 calls after a reduction: there may be more in carts than the new cap allows, opened under the previous one. 1
   * call after any other write, whose cap covers all carts.
   */
  private async confirm(written: Written, context: CallContext): Promise<Outcome<ConfirmedState>> {
    if (written.kind !== 'OK') return written
    const { value, waypoint } = written.value
    if (typeof value.cap !== 'number') return afterWrite(rejected('CONTRACT', 'no cap'), 'the response has no cap')
    const previousCap = this.listing.acknowledgedCap ?? Infinity
    const counted =
      value.cap < previousCap
        ? await this.count(context, waypoint, previousCap)
        : await this.countCarts(value, context, waypoint)
    if (counted.kind !== 'OK') return afterWrite(counted, 'the open carts could not be read')
    const { ticketClass, pending } = counted.value
    const confirmedAt = this.now()
    const state = { ...ticketClass, cap: value.cap }
    const mode = modeAfterWrite(state, pending, confirmedAt)
    return ok({ cap: value.cap, mode, pending, sold: ticketClass.sold, confirmedAt })
  }

  /** Reads the carts, then the class. `maxCap`: the largest earlier cap under which the carts may have been opened. */
  private async count(
    context: CallContext,
    waypoint: string | null,
    maxCap: number,
  ): Promise<Outcome<{ ticketClass: TicketClass; pending: number }>> {
    const carts = await this.readCarts(context, waypoint)
    if (carts.kind !== 'OK') return carts
    const read = await this.readClass(context, carts.value.waypoint)
    if (read.kind !== 'OK') return read
    return this.ownCarts(read.value.value, carts.value.value, maxCap, context)
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
    earlierCap: number,
    context: CallContext,
  ): Promise<Outcome<{ ticketClass: TicketClass; pending: number }>> {
    const { cap } = ticketClass
    const maxCap = Math.max(typeof cap === 'number' ? cap : Infinity, earlierCap)
    const pending = await cartsOfClass(this.client, this.eventId, ticketClass, carts, maxCap, context)
    return pending.kind === 'OK' ? ok({ ticketClass, pending: pending.value }) : pending
  }

  private async readClass(context: CallContext, waypoint: string | null = null): Promise<Written> {
    const call = { path: this.path(), operation: 'read_ticket_class', waypoint }
    return decodeResponse(await this.client.get(call, context), readTicketClass)
  }

  /** An event may have no capacity tier, and then reports no carts. */
  private async readCarts(context: CallContext, waypoint: string | null): Promise<Outcome<WithWaypoint<number>>> {
    const call = { path: ['events', this.eventId, 'capacity_tier'], operation: 'read_capacity_tier', waypoint }
    const response = await this.client.get(call, context)
    if (response.kind === 'GONE' || response.kind === 'REJECTED') return ok({ value: 0, waypoint })
    return decodeResponse(response, readPending)
  }

  private path(): string[] {
    return ['events', this.eventId, 'ticket_classes', this.classId]
  }
}
