import type { Book } from './book.js'
import { isSeated, type EventRecord, type RsvpAnswer, type RsvpRecord, type RsvpStatus } from './model.js'
import type { Ids } from './ids.js'

export interface RsvpRequest {
  guests?: number
  /** A member who answered before changes that answer. */
  memberId?: string
  memberName?: string
  priority?: boolean
  isHost?: boolean
  hidden?: boolean
  /** On an event with a fee: sits in the seat until it is paid or lapses. */
  unpaid?: boolean
}

/** Decides who gets a seat. Each decision is made and carried out in one go, so the limit holds whatever comes at once. */
export class Admission {
  private queue = 0

  constructor(
    private readonly book: Book,
    private readonly ids: Ids,
  ) {}

  rsvp(eventId: string, request: RsvpRequest): RsvpAnswer {
    const event = this.book.event(eventId)
    const guestsCount = request.guests ?? 0
    const refusal = this.refusal(event, guestsCount)
    if (refusal) return refusal
    const known = this.book.rsvps(event).find(({ memberId }) => memberId === request.memberId)
    const rsvp = { ...(known ?? this.newcomer(request)), guestsCount, isHost: request.isHost ?? known?.isHost ?? false }
    const others = known && isSeated(known) ? this.book.seatsOf(known) : 0
    const fits = this.fits(event, this.book.seatsOf(rsvp) - others)
    if (!fits && known && isSeated(known)) return { rsvpId: null, status: 'REFUSED', reason: 'FULL' }
    if (!fits && event.feeRequired) return { rsvpId: null, status: 'REFUSED', reason: 'FULL' }
    rsvp.status = fits ? (request.unpaid && event.feeRequired ? 'YES_PENDING_PAYMENT' : 'YES') : 'WAITLIST'
    rsvp.joined = ++this.queue
    this.save(event, rsvp, rsvp.status === 'WAITLIST' ? 'wait' : 'rsvp')
    if (others > 0) this.promote(event)
    return { rsvpId: rsvp.id, status: rsvp.status }
  }

  cancel(rsvpId: string): RsvpAnswer {
    return this.change(rsvpId, { status: 'NO' }, 'cancel')
  }

  /** @throws RangeError when the party would not fit */
  setGuests(rsvpId: string, guestsCount: number): RsvpAnswer {
    const { event, rsvp } = this.book.rsvp(rsvpId)
    if (!Number.isInteger(guestsCount) || guestsCount < 0 || guestsCount > event.guestLimit) {
      return { rsvpId: null, status: 'REFUSED', reason: 'TOO_MANY_GUESTS' }
    }
    const more = this.book.seatsOf({ ...rsvp, guestsCount }) - this.book.seatsOf(rsvp)
    if (isSeated(rsvp) && more > 0 && !this.fits(event, more))
      return { rsvpId: null, status: 'REFUSED', reason: 'FULL' }
    return this.change(rsvpId, { guestsCount }, 'guests')
  }

  /** What an organiser sets after the event, or a payment that went through. */
  mark(rsvpId: string, status: Exclude<RsvpStatus, 'WAITLIST' | 'YES_PENDING_PAYMENT'>): RsvpAnswer {
    const { event, rsvp } = this.book.rsvp(rsvpId)
    const seatNeeded = isSeated({ status }) && !isSeated(rsvp)
    if (seatNeeded && !this.fits(event, this.book.seatsOf(rsvp))) {
      return { rsvpId: null, status: 'REFUSED', reason: 'FULL' }
    }
    return this.change(rsvpId, { status }, `mark ${status}`)
  }

  /** Changes nothing that counts, but moves the RSVP to the top of what changed last. */
  touch(rsvpId: string): void {
    this.change(rsvpId, {}, 'touch')
  }

  /** Waiters take what is free, subscribers first, then by when they joined. Nobody moves up while RSVPs are closed. */
  promote(event: EventRecord): void {
    if (event.rsvpsClosed || event.feeRequired) return
    const waiting = this.book.rsvps(event).filter(({ status }) => status === 'WAITLIST')
    waiting.sort((a, b) => Number(b.priority) - Number(a.priority) || a.joined - b.joined)
    for (const waiter of waiting) {
      const fits = this.fits(event, this.book.seatsOf(waiter))
      if (fits) this.save(event, { ...waiter, status: 'YES' }, 'promote')
      else if (this.book.ports.toggles.current.largeParty === 'block') return
    }
  }

  private change(rsvpId: string, change: Partial<RsvpRecord>, cause: string): RsvpAnswer {
    const { event, rsvp } = this.book.rsvp(rsvpId)
    const changed = { ...rsvp, ...change }
    this.save(event, changed, cause)
    this.promote(event)
    return { rsvpId, status: changed.status }
  }

  /** Every seat is given away here, so here it is made sure of that none is given twice. */
  private save(event: EventRecord, rsvp: RsvpRecord, cause: string): void {
    const before = this.book.seats(event)
    this.book.saveRsvp(event, rsvp, cause)
    const seats = this.book.seats(event)
    if (event.maxTickets !== null && seats > before && seats > event.maxTickets) {
      throw new Error(`simulator bug: event ${event.id} has ${seats} seats taken of ${event.maxTickets} (${cause})`)
    }
  }

  private fits(event: EventRecord, seats: number): boolean {
    return seats <= 0 || event.maxTickets === null || this.book.seats(event) + seats <= event.maxTickets
  }

  private refusal(event: EventRecord, guests: number): RsvpAnswer | null {
    const now = this.book.ports.platformClock.now()
    const { rsvpOpenTime, rsvpCloseTime } = event
    const shut = (rsvpOpenTime !== null && now < rsvpOpenTime) || (rsvpCloseTime !== null && now >= rsvpCloseTime)
    if (event.status !== 'ACTIVE') return { rsvpId: null, status: 'REFUSED', reason: 'NOT_ON_SALE' }
    if (event.rsvpsClosed || shut) return { rsvpId: null, status: 'REFUSED', reason: 'CLOSED' }
    if (!Number.isInteger(guests) || guests < 0 || guests > event.guestLimit) {
      return { rsvpId: null, status: 'REFUSED', reason: 'TOO_MANY_GUESTS' }
    }
    return null
  }

  private newcomer({ memberId, memberName, priority, hidden }: RsvpRequest): RsvpRecord {
    const member = this.ids.member()
    const id = memberId ?? member.id
    return {
      id: this.ids.rsvp(),
      memberId: id,
      memberName: memberName ?? member.name,
      email: `member.${id}@example.com`,
      status: 'HAVENT',
      guestsCount: 0,
      updated: 0,
      joined: 0,
      isHost: false,
      priority: priority ?? false,
      hidden: hidden ?? false,
    }
  }
}
