import type { Knobs, Shop, Trace } from '../kit/index.js'
import type { Admission, RsvpRequest } from './admission.js'
import type { Book } from './book.js'
import type { ClientOption } from './credentials.js'
import type { Crowd } from './crowd.js'
import type { Hints, HintTarget } from './hints.js'
import type { Ids } from './ids.js'
import type { EventRecord, RsvpAnswer, RsvpRecord, RsvpStatus, Truth } from './model.js'
import type { OAuth } from './oauth.js'
import type { Organizer } from './organizer.js'
import type { Points } from './points.js'
import type { Toggles } from './toggles.js'

export interface EventOptions extends Partial<Omit<EventRecord, 'token'>> {
  /** The RSVP limit; null or left out: none. */
  capacity?: number | null
}

export interface ControlPorts {
  book: Book
  admission: Admission
  organizer: Organizer
  crowd: Crowd
  hints: Hints
  oauth: OAuth
  points: Points
  ids: Ids
  knobs: Knobs
  toggles: Toggles
  trace: Trace
}

const MONTH_MS = 30 * 86_400_000

/** What happens to the platform other than through its API: members, organisers on the website, and whoever tests. */
export class MeetupControl {
  readonly knobs: Knobs
  readonly toggles: Toggles
  readonly trace: Trace

  constructor(private readonly ports: ControlPorts) {
    this.knobs = ports.knobs
    this.toggles = ports.toggles
    this.trace = ports.trace
  }

  /** @throws RangeError when there is an event of that id */
  createEvent({ capacity, ...options }: EventOptions = {}): Truth {
    const { book, ids } = this.ports
    const event: EventRecord = {
      id: ids.event(),
      title: 'Quarterly Meetup',
      status: 'ACTIVE',
      eventType: 'PHYSICAL',
      dateTime: book.ports.platformClock.now() + MONTH_MS,
      maxTickets: capacity === undefined ? null : capacity,
      guestLimit: 2,
      feeRequired: false,
      rsvpsClosed: false,
      rsvpOpenTime: null,
      rsvpCloseTime: null,
      organizers: null,
      ...options,
      token: ids.eventToken(),
    }
    book.add(event)
    return book.truth(event)
  }

  events(): Truth[] {
    return this.ports.book.events().map((event) => this.ports.book.truth(event))
  }

  /** @throws NotFound */
  truth(eventId: string): Truth {
    const { book, crowd } = this.ports
    crowd.keepCarts()
    return book.truth(book.event(eventId))
  }

  rsvps(eventId: string): RsvpRecord[] {
    const { book } = this.ports
    return book.rsvps(book.event(eventId)).map((rsvp) => ({ ...rsvp }))
  }

  /** A member answers yes: gets a seat, a place on the waitlist, or a refusal. */
  rsvp(eventId: string, request: RsvpRequest = {}): RsvpAnswer {
    const { crowd, admission } = this.ports
    crowd.keepCarts()
    const answer = admission.rsvp(eventId, request)
    if (answer.status === 'YES_PENDING_PAYMENT' && answer.rsvpId !== null) crowd.lapseLater(answer.rsvpId)
    return answer
  }

  cancel(rsvpId: string): RsvpAnswer {
    const answer = this.ports.admission.cancel(rsvpId)
    this.ports.crowd.freed(this.ports.book.rsvp(rsvpId).event)
    return answer
  }

  setGuests(rsvpId: string, guests: number): RsvpAnswer {
    return this.ports.admission.setGuests(rsvpId, guests)
  }

  /** Checked in, absent, or a payment that went through (`YES`). */
  mark(rsvpId: string, status: Exclude<RsvpStatus, 'WAITLIST' | 'YES_PENDING_PAYMENT'>): RsvpAnswer {
    return this.ports.admission.mark(rsvpId, status)
  }

  /** The organiser changes the event on the website. */
  editEvent(eventId: string, change: Partial<Omit<EventRecord, 'id' | 'token'>>): Truth {
    const { book, admission, crowd } = this.ports
    const event = book.event(eventId)
    Object.assign(event, change)
    book.saveEvent(event, 'website')
    admission.promote(event)
    crowd.freed(event)
    return book.truth(event)
  }

  /** As recurring events do: a new id, the same token. */
  rollEventId(eventId: string): Truth {
    const { book, ids } = this.ports
    const event = book.event(eventId)
    book.rename(event, ids.event())
    return book.truth(event)
  }

  /** Where the bridge sends its hints; null for nowhere. */
  setHintTarget(target: HintTarget | null): void {
    this.ports.hints.setTarget(target)
  }

  /** One hint now, with or without an RSVP. */
  sendHint(eventId: string, rsvpId?: string): void {
    const { book, hints } = this.ports
    hints.send(book.event(eventId), rsvpId === undefined ? null : book.rsvp(rsvpId).rsvp)
  }

  setProActive(active: boolean): void {
    this.ports.oauth.proActive = active
  }

  replaceClient(client: ClientOption): void {
    this.ports.oauth.register(client)
  }

  expireTokens(): void {
    this.ports.oauth.expireAll()
  }

  /** Points spent per credential in the running window. */
  points(): { key: string; used: number }[] {
    return this.ports.points.all()
  }

  /** Simulated buyers may come here. A waiter has bought nothing. */
  shop(eventId: string): Shop {
    return {
      buy: ({ name }, partySize) => {
        const answer = this.rsvp(eventId, { memberName: name, guests: partySize - 1 })
        return answer.status === 'YES' ? answer.rsvpId : null
      },
      cancel: (rsvpId) => void this.cancel(rsvpId),
    }
  }
}
