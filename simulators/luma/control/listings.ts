import type { Applications, ListingOptions, ListingRef, Listings, ListingTruth } from '../../kit/index.js'
import { effectiveCap, hasRoom, seatsOf } from '../state/capacity.js'
import { LumaError } from '../errors.js'
import type { LumaControl } from './control.js'
import type { Guest, GuestStatus, LumaEvent, TicketType } from '../state/model.js'

/** Luma's guests and hosts, in the terms that all simulators share. An order is a guest. */
export class LumaListings implements Listings {
  private buyers = 0
  readonly applications: Applications = {
    apply: (listing, tickets) => this.registerAs('pending_approval', listing, tickets),
    approve: ({ eventId }, guestId) => this.isDone(() => this.control.approve(eventId, guestId)),
    decline: ({ eventId }, guestId) => void this.control.changeStatus({ eventId, guestId, status: 'declined' }),
  }

  constructor(private readonly control: LumaControl) {}

  create({ capacity, part, ticketTypes, requireApproval = false }: ListingOptions): ListingRef {
    const several = part === 'event' && ticketTypes > 1
    const { eventId, ticketTypes: types } = this.control.createEvent({
      maxCapacity: several ? capacity : null,
      ticketTypes: Array.from({ length: ticketTypes }, () => ({
        requireApproval,
        ...(capacity === null ? {} : { maxCapacity: capacity }),
      })),
    })
    return { eventId, ticketTypeId: part === 'event' ? null : (types[0]?.id ?? null) }
  }

  truth({ eventId, ticketTypeId }: ListingRef): ListingTruth {
    const event = this.control.context.state.events.get(eventId)
    const none = { capacity: null, capacityWithHolds: null, sold: 0, carts: 0, applicants: 0 }
    if (!event) return { ...none, onSale: false, state: 'GONE', orders: [] }
    const guests = [...event.guests.values()]
    const seats = (guest: Guest) => seatsOfType(guest, ticketTypeId)
    const total = (status: GuestStatus) =>
      guests.reduce((sum, guest) => sum + (guest.status === status ? seats(guest) : 0), 0)
    const capacity = capacityOf(event, ticketTypeId)
    return {
      capacity,
      capacityWithHolds: capacity,
      sold: total('approved'),
      carts: total('session'),
      applicants: total('pending_approval'),
      onSale: event.registrationOpen && typesOf(event, ticketTypeId).some((type) => this.hasRoom(event, type)),
      state: 'LIVE',
      orders: guests
        .filter(({ registeredAt, status, requested }) => {
          const ofListing = ticketTypeId === null || requested.typeId === ticketTypeId
          return registeredAt !== null && status !== 'session' && ofListing
        })
        .map((guest) => ({ orderId: guest.id, tickets: guest.status === 'approved' ? seats(guest) : 0 })),
    }
  }

  sell(listing: ListingRef, tickets: number): string | null {
    return this.registerAs('approved', listing, tickets)
  }

  openCart(listing: ListingRef, tickets: number): string | null {
    return this.control.openCart({ ...this.buyer(listing), quantity: tickets })
  }

  completeCart({ eventId }: ListingRef, cartId: string): string | null {
    return this.control.completeCart(eventId, cartId) ? cartId : null
  }

  cancel({ eventId }: ListingRef, orderId: string): void {
    this.control.cancel(eventId, orderId)
  }

  cancelTicket(listing: ListingRef, orderId: string): void {
    this.cancel(listing, orderId)
  }

  sellOrWait(listing: ListingRef, tickets: number): string | null {
    const { status, guestId } = this.control.register({ ...this.buyer(listing), quantity: tickets })
    return status === 'approved' ? guestId : null
  }

  touch({ eventId }: ListingRef, orderId: string): void {
    this.control.checkIn(eventId, orderId)
  }

  checkIn({ eventId }: ListingRef, orderId: string): void {
    this.control.checkIn(eventId, orderId)
  }

  /** Of a whole event with one ticket type: the type's cap, like its organizer would. */
  setCapacity({ eventId, ticketTypeId }: ListingRef, capacity: number | null): void {
    const { types } = this.control.context.state.event(eventId)
    const only = types.length === 1 ? types[0]?.id : undefined
    this.control.setCap(eventId, capacity, ticketTypeId ?? only)
  }

  /** Luma deletes it. */
  cancelEvent({ eventId }: ListingRef): void {
    this.control.cancelEvent(eventId)
  }

  subscribe(_listing: ListingRef, url: string): string | null {
    return this.control.addWebhook(url).secrets[0] ?? null
  }

  /** Null: the guest has another status; one who waits leaves. */
  private registerAs(expected: GuestStatus, listing: ListingRef, tickets: number): string | null {
    const { status, guestId } = this.control.register({ ...this.buyer(listing), quantity: tickets })
    if (status === 'waitlist' && guestId !== null) this.control.cancel(listing.eventId, guestId)
    return status === expected ? guestId : null
  }

  /** False: Luma refuses it. */
  private isDone(work: () => void): boolean {
    try {
      work()
      return true
    } catch (error) {
      if (error instanceof LumaError) return false
      throw error
    }
  }

  private hasRoom(event: LumaEvent, type: TicketType | null): boolean {
    return hasRoom(event, { typeId: type?.id ?? null, quantity: 1 }, this.control.context.toggles.current)
  }

  private buyer({ eventId, ticketTypeId }: ListingRef) {
    const email = `buyer.${++this.buyers}@example.com`
    return { eventId, email, ...(ticketTypeId === null ? {} : { ticketTypeId }) }
  }
}

function capacityOf(event: LumaEvent, typeId: string | null): number | null {
  return typeId === null ? effectiveCap(event) : (event.types.find(({ id }) => id === typeId)?.maxCapacity ?? null)
}

function typesOf({ types }: LumaEvent, typeId: string | null): (TicketType | null)[] {
  if (typeId !== null) return types.filter(({ id }) => id === typeId)
  return types.length === 0 ? [null] : types.filter(({ isHidden }) => !isHidden)
}

const seatsOfType = (guest: Guest, typeId: string | null): number =>
  typeId === null ? seatsOf(guest) : guest.tickets.filter((ticket) => ticket.typeId === typeId).length
