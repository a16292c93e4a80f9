import type { ListingOptions, ListingRef, Listings, ListingTruth } from '../../kit/index.js'
import { capacityOf, pendingOf, reservedOf, saleStatus, soldOf } from '../state/capacity.js'
import type { EventbriteControl } from './control.js'
import type { SimulatedEvent } from '../state/model.js'
import type { EventbriteState } from '../state/state.js'

/** A class so large that only the event's own capacity limits it. */
const UNLIMITED_CLASS = 1_000_000

/** Eventbrite's buyers and organizers, in the terms that all simulators share. */
export class EventbriteListings implements Listings {
  readonly applications = null
  private waiting = 0

  constructor(
    private readonly control: EventbriteControl,
    private readonly state: EventbriteState,
  ) {}

  create({ capacity, part, ticketTypes }: ListingOptions): ListingRef {
    const ownCapacity = part === 'ticketType' || capacity === null ? capacity : UNLIMITED_CLASS
    const truth = this.control.createEvent({
      classes: Array.from({ length: ticketTypes }, () => ({ capacity: ownCapacity })),
      ...(part === 'event' && capacity !== null ? { capacityTotal: capacity } : {}),
    })
    return { eventId: truth.id, ticketTypeId: part === 'event' ? null : (truth.classes[0]?.id ?? null) }
  }

  truth({ eventId, ticketTypeId }: ListingRef): ListingTruth {
    this.control.truth(eventId)
    const event = this.state.event(eventId)
    const classes = event.classes.filter(({ id }) => ticketTypeId === null || id === ticketTypeId)
    const [only] = classes
    const total = capacityOf(event)
    const ownCapacity = only?.capacity ?? null
    return {
      capacity: ticketTypeId === null ? finite(total - reservedOf(event)) : ownCapacity,
      capacityWithHolds: ticketTypeId === null ? finite(total) : ownCapacity,
      sold: ticketTypeId === null ? soldOf(event) : (only?.sold ?? 0),
      carts: ticketTypeId === null ? pendingOf(event) : (only?.pending ?? 0),
      applicants: 0,
      onSale: classes.some((type) => saleStatus(event, type, this.state.platformNow()) === 'AVAILABLE'),
      state: event.status === 'canceled' ? 'CANCELLED' : 'LIVE',
      orders: this.ordersOf(event, ticketTypeId),
    }
  }

  sell({ eventId, ticketTypeId }: ListingRef, tickets: number): string | null {
    return this.control.buy({ eventId, ...classOf(ticketTypeId), quantity: tickets }).orderId
  }

  openCart({ eventId, ticketTypeId }: ListingRef, tickets: number): string | null {
    return this.control.openCart({ eventId, ...classOf(ticketTypeId), quantity: tickets }).cartId
  }

  completeCart(_listing: ListingRef, cartId: string): string | null {
    return this.control.completeCart(cartId)
  }

  cancel(_listing: ListingRef, orderId: string): void {
    this.control.refund(orderId)
  }

  cancelTicket(_listing: ListingRef, orderId: string): void {
    const ticket = this.control.attendees(orderId).find(({ cancelled }) => !cancelled)
    if (ticket) this.control.refund(orderId, [ticket.id])
  }

  sellOrWait(listing: ListingRef, tickets: number): string | null {
    const orderId = this.sell(listing, tickets)
    if (orderId === null && this.state.event(listing.eventId).waitlistEnabled) {
      const name = `Waiting ${++this.waiting}`
      this.control.joinWaitlist(listing.eventId, { name, email: `waiting.${this.waiting}@example.com` }, tickets)
    }
    return orderId
  }

  touch(_listing: ListingRef, orderId: string): void {
    const ticket = this.control.attendees(orderId).find(({ cancelled }) => !cancelled)
    if (ticket) this.control.moveTicket(orderId, ticket.id, ticket.classId)
  }

  checkIn(_listing: ListingRef, orderId: string): void {
    this.control.checkIn(orderId)
  }

  setCapacity({ eventId, ticketTypeId }: ListingRef, capacity: number | null): void {
    this.control.edit(eventId, ticketTypeId, ticketTypeId === null ? { capacity_total: capacity } : { capacity })
  }

  cancelEvent({ eventId }: ListingRef): void {
    this.control.setStatus(eventId, 'canceled')
  }

  subscribe({ eventId }: ListingRef, url: string): null {
    this.control.addWebhook(url, undefined, eventId)
    return null
  }

  private ordersOf(event: SimulatedEvent, classId: string | null): ListingTruth['orders'] {
    return this.state
      .ordersAt(event.id, this.state.now())
      .map(({ id }) => ({
        orderId: id,
        attendees: this.control.attendees(id).filter((holder) => classId === null || holder.classId === classId),
      }))
      .filter(({ attendees }) => attendees.length > 0)
      .map(({ orderId, attendees }) => ({ orderId, tickets: attendees.filter(({ cancelled }) => !cancelled).length }))
  }
}

const finite = (limit: number): number | null => (Number.isFinite(limit) ? limit : null)

const classOf = (ticketClassId: string | null) => (ticketClassId === null ? {} : { ticketClassId })
