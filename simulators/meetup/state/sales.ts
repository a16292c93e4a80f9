import type { Ids } from './ids.js'
import { isSeated, type EventRecord, type RsvpResult, type RsvpRecord, type RsvpStatus } from './model.js'
import type { MeetupState } from './state.js'

export interface RsvpRequest {
  guests?: number
  /** A member who has an RSVP already changes it. */
  memberId?: string
  memberName?: string
  priority?: boolean
  isHost?: boolean
  hidden?: boolean
  /** On an event with a fee: takes the seat until it is paid or lapses. */
  unpaid?: boolean
}

/** Handles RSVPs under the limit. Every method is synchronous, so that concurrent requests do not exceed the limit. */
export class Sales {
  private lastJoined = 0

  constructor(
    private readonly state: MeetupState,
    private readonly ids: Ids,
  ) {}

  rsvp(eventId: string, request: RsvpRequest): RsvpResult {
    const event = this.state.event(eventId)
    const guestsCount = request.guests ?? 0
    const rejection = this.rejection(event, guestsCount)
    if (rejection) return rejection
    const existing = this.state.rsvps(event).find(({ memberId }) => memberId === request.memberId)
    const rsvp = {
      ...(existing ?? this.newRsvp(request)),
      guestsCount,
      isHost: request.isHost ?? existing?.isHost ?? false,
    }
    const heldSeats = existing && isSeated(existing) ? this.state.seatsOf(existing) : 0
    const fits = this.fits(event, this.state.seatsOf(rsvp) - heldSeats)
    if (!fits && existing && isSeated(existing)) return { rsvpId: null, status: 'REFUSED', reason: 'FULL' }
    if (!fits && event.feeRequired) return { rsvpId: null, status: 'REFUSED', reason: 'FULL' }
    rsvp.status = fits ? (request.unpaid && event.feeRequired ? 'YES_PENDING_PAYMENT' : 'YES') : 'WAITLIST'
    rsvp.joined = ++this.lastJoined
    this.save(event, rsvp, rsvp.status === 'WAITLIST' ? 'wait' : 'rsvp')
    if (heldSeats > 0) this.promote(event)
    return { rsvpId: rsvp.id, status: rsvp.status }
  }

  cancel(rsvpId: string): RsvpResult {
    return this.change(rsvpId, { status: 'NO' }, 'cancel')
  }

  /** Changes the number of guests, if the party still fits. */
  setGuests(rsvpId: string, guestsCount: number): RsvpResult {
    const { event, rsvp } = this.state.rsvp(rsvpId)
    if (!Number.isInteger(guestsCount) || guestsCount < 0 || guestsCount > event.guestLimit) {
      return { rsvpId: null, status: 'REFUSED', reason: 'TOO_MANY_GUESTS' }
    }
    const additional = this.state.seatsOf({ ...rsvp, guestsCount }) - this.state.seatsOf(rsvp)
    if (isSeated(rsvp) && additional > 0 && !this.fits(event, additional))
      return { rsvpId: null, status: 'REFUSED', reason: 'FULL' }
    return this.change(rsvpId, { guestsCount }, 'guests')
  }

  /** Attendance set by an organizer after the event, or a successful payment. */
  mark(rsvpId: string, status: Exclude<RsvpStatus, 'WAITLIST' | 'YES_PENDING_PAYMENT'>): RsvpResult {
    const { event, rsvp } = this.state.rsvp(rsvpId)
    const seatNeeded = isSeated({ status }) && !isSeated(rsvp)
    if (seatNeeded && !this.fits(event, this.state.seatsOf(rsvp))) {
      return { rsvpId: null, status: 'REFUSED', reason: 'FULL' }
    }
    return this.change(rsvpId, { status }, `mark ${status}`)
  }

  /** Updates only the time of change, which moves the RSVP to the top of the list by change. */
  touch(rsvpId: string): void {
    this.change(rsvpId, {}, 'touch')
  }

  /** Fills free seats from the waitlist, subscribers first, then in order of joining; not while RSVPs are closed. */
  promote(event: EventRecord): void {
    if (event.rsvpsClosed || event.feeRequired) return
    const waiting = this.state.rsvps(event).filter(({ status }) => status === 'WAITLIST')
    waiting.sort((a, b) => Number(b.priority) - Number(a.priority) || a.joined - b.joined)
    for (const rsvp of waiting) {
      const fits = this.fits(event, this.state.seatsOf(rsvp))
      if (fits) this.save(event, { ...rsvp, status: 'YES' }, 'promote')
      else if (this.state.ports.toggles.current.largeParty === 'block') return
    }
  }

  private change(rsvpId: string, change: Partial<RsvpRecord>, cause: string): RsvpResult {
    const { event, rsvp } = this.state.rsvp(rsvpId)
    const changed = { ...rsvp, ...change }
    this.save(event, changed, cause)
    this.promote(event)
    return { rsvpId, status: changed.status }
  }

  /** All seats are allocated here, so the limit is asserted here. */
  private save(event: EventRecord, rsvp: RsvpRecord, cause: string): void {
    const before = this.state.seats(event)
    this.state.saveRsvp(event, rsvp, cause)
    const seats = this.state.seats(event)
    if (event.maxTickets !== null && seats > before && seats > event.maxTickets) {
      throw new Error(`simulator bug: event ${event.id} has ${seats} seats taken of ${event.maxTickets} (${cause})`)
    }
  }

  private fits(event: EventRecord, seats: number): boolean {
    return seats <= 0 || event.maxTickets === null || this.state.seats(event) + seats <= event.maxTickets
  }

  private rejection(event: EventRecord, guests: number): RsvpResult | null {
    const now = this.state.ports.platformClock.now()
    const { rsvpOpenTime, rsvpCloseTime } = event
    const outsideTimes =
      (rsvpOpenTime !== null && now < rsvpOpenTime) || (rsvpCloseTime !== null && now >= rsvpCloseTime)
    if (event.status !== 'ACTIVE') return { rsvpId: null, status: 'REFUSED', reason: 'NOT_ON_SALE' }
    if (event.rsvpsClosed || outsideTimes) return { rsvpId: null, status: 'REFUSED', reason: 'CLOSED' }
    if (!Number.isInteger(guests) || guests < 0 || guests > event.guestLimit) {
      return { rsvpId: null, status: 'REFUSED', reason: 'TOO_MANY_GUESTS' }
    }
    return null
  }

  private newRsvp({ memberId, memberName, priority, hidden }: RsvpRequest): RsvpRecord {
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
