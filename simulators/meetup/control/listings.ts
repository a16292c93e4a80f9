import type { ListingOptions, ListingRef, Listings, ListingTruth } from '../../kit/index.js'
import type { MeetupControl } from './control.js'
import { isSeated } from '../state/model.js'
import type { MeetupState } from '../state/state.js'

/** A member may bring this number of guests, so that an order can have several tickets. */
const GUEST_LIMIT = 9
/** `whsec_` and 32 bytes in base64. */
const BRIDGE_SECRET = `whsec_${Buffer.from('a bridge secret of 32 characters').toString('base64')}`

/** Meetup's members and organizers, in the terms that all simulators share. An order is an RSVP with its guests. */
export class MeetupListings implements Listings {
  readonly applications = null
  constructor(
    private readonly control: MeetupControl,
    private readonly state: MeetupState,
  ) {}

  /** Meetup has no ticket types. */
  create({ capacity }: ListingOptions): ListingRef {
    return { eventId: this.control.createEvent({ capacity, guestLimit: GUEST_LIMIT }).eventId, ticketTypeId: null }
  }

  truth({ eventId }: ListingRef): ListingTruth {
    const { maxTickets, sold, pending, mode } = this.control.truth(eventId)
    const { status } = this.state.event(eventId)
    return {
      capacity: maxTickets,
      capacityWithHolds: maxTickets,
      sold,
      carts: pending,
      applicants: 0,
      onSale: mode === 'OPEN' && status === 'ACTIVE',
      state: status === 'CANCELLED' ? 'CANCELLED' : 'LIVE',
      orders: this.control
        .rsvps(eventId)
        .filter((rsvp) => rsvp.status !== 'YES_PENDING_PAYMENT')
        .map((rsvp) => ({ orderId: rsvp.id, tickets: isSeated(rsvp) ? 1 + rsvp.guestsCount : 0 })),
    }
  }

  sell({ eventId }: ListingRef, tickets: number): string | null {
    const { status, rsvpId } = this.control.rsvp(eventId, { guests: tickets - 1 })
    if (status === 'WAITLIST') this.control.cancel(rsvpId)
    return status === 'YES' ? rsvpId : null
  }

  /** From its first cart on, the event charges a fee. */
  openCart({ eventId }: ListingRef, tickets: number): string | null {
    if (!this.state.event(eventId).feeRequired) this.control.editEvent(eventId, { feeRequired: true })
    const { status, rsvpId } = this.control.rsvp(eventId, { guests: tickets - 1, unpaid: true })
    return status === 'YES_PENDING_PAYMENT' ? rsvpId : null
  }

  /** An unpaid RSVP may have lapsed. */
  completeCart(_listing: ListingRef, cartId: string): string | null {
    if (this.state.rsvp(cartId).rsvp.status !== 'YES_PENDING_PAYMENT') return null
    return this.control.mark(cartId, 'YES').rsvpId
  }

  cancel(_listing: ListingRef, orderId: string): void {
    this.control.cancel(orderId)
  }

  cancelTicket(_listing: ListingRef, orderId: string): void {
    const { guestsCount } = this.state.rsvp(orderId).rsvp
    if (guestsCount > 0) this.control.setGuests(orderId, guestsCount - 1)
    else this.control.cancel(orderId)
  }

  sellOrWait({ eventId }: ListingRef, tickets: number): string | null {
    const { status, rsvpId } = this.control.rsvp(eventId, { guests: tickets - 1 })
    return status === 'YES' ? rsvpId : null
  }

  touch(_listing: ListingRef, orderId: string): void {
    this.control.touch(orderId)
  }

  checkIn(_listing: ListingRef, orderId: string): void {
    this.control.mark(orderId, 'ATTENDED')
  }

  setCapacity({ eventId }: ListingRef, capacity: number | null): void {
    this.control.editEvent(eventId, { maxTickets: capacity })
  }

  cancelEvent({ eventId }: ListingRef): void {
    this.control.editEvent(eventId, { status: 'CANCELLED' })
  }

  /** Through the bridge: Meetup itself sends no webhooks. */
  subscribe(_listing: ListingRef, url: string): string {
    this.control.toggles.patch({ bridgeHints: 'on' })
    this.control.setHintTarget({ url, secrets: [BRIDGE_SECRET] })
    return BRIDGE_SECRET
  }
}
