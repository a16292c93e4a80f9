import type { Knobs, Shop, Trace } from '../../kit/index.js'
import type { BackgroundMembers } from '../state/background-members.js'
import type { ClientOption } from '../api/credentials.js'
import { createEvent, type EventOptions } from '../state/create-event.js'
import type { Ids } from '../state/ids.js'
import type { EventRecord, RsvpResult, RsvpRecord, RsvpStatus, EventTruth } from '../state/model.js'
import type { OAuth } from '../api/oauth.js'
import type { Organizer } from '../state/organizer.js'
import type { RateLimit } from '../api/rate-limit.js'
import type { Sales, RsvpRequest } from '../state/sales.js'
import type { MeetupState } from '../state/state.js'
import type { Toggles } from '../toggles.js'
import type { Webhooks, HintTarget } from '../webhooks.js'

export interface ControlPorts {
  state: MeetupState
  sales: Sales
  organizer: Organizer
  backgroundMembers: BackgroundMembers
  webhooks: Webhooks
  oauth: OAuth
  rateLimit: RateLimit
  ids: Ids
  knobs: Knobs
  toggles: Toggles
  trace: Trace
}

/** Actions outside the API: of members, of organizers on the website, and of tests. */
export class MeetupControl {
  readonly knobs: Knobs
  readonly toggles: Toggles
  readonly trace: Trace

  constructor(private readonly ports: ControlPorts) {
    this.knobs = ports.knobs
    this.toggles = ports.toggles
    this.trace = ports.trace
  }

  /** @throws RangeError for an existing id */
  createEvent(options: EventOptions = {}): EventTruth {
    const { state, ids } = this.ports
    return state.truth(createEvent(state, ids, options))
  }

  events(): EventTruth[] {
    return this.ports.state.events().map((event) => this.ports.state.truth(event))
  }

  /** @throws NotFoundError */
  truth(eventId: string): EventTruth {
    const { state, backgroundMembers } = this.ports
    backgroundMembers.topUpCarts()
    return state.truth(state.event(eventId))
  }

  rsvps(eventId: string): RsvpRecord[] {
    const { state } = this.ports
    return state.rsvps(state.event(eventId)).map((rsvp) => ({ ...rsvp }))
  }

  /** A member responds with yes: gets a seat, a place on the waitlist, or a rejection. */
  rsvp(eventId: string, request: RsvpRequest = {}): RsvpResult {
    const { backgroundMembers, sales } = this.ports
    backgroundMembers.topUpCarts()
    const result = sales.rsvp(eventId, request)
    if (result.status === 'YES_PENDING_PAYMENT' && result.rsvpId !== null)
      backgroundMembers.scheduleLapse(result.rsvpId)
    return result
  }

  cancel(rsvpId: string): RsvpResult {
    const result = this.ports.sales.cancel(rsvpId)
    this.ports.backgroundMembers.seatsFreed(this.ports.state.rsvp(rsvpId).event)
    return result
  }

  /** Changes nothing but the time of change. */
  touch(rsvpId: string): void {
    this.ports.sales.touch(rsvpId)
  }

  setGuests(rsvpId: string, guests: number): RsvpResult {
    return this.ports.sales.setGuests(rsvpId, guests)
  }

  /** Checked in, absent, or a successful payment (`YES`). */
  mark(rsvpId: string, status: Exclude<RsvpStatus, 'WAITLIST' | 'YES_PENDING_PAYMENT'>): RsvpResult {
    return this.ports.sales.mark(rsvpId, status)
  }

  /** The organizer changes the event on the website. */
  editEvent(eventId: string, change: Partial<Omit<EventRecord, 'id' | 'token'>>): EventTruth {
    const { state, sales, backgroundMembers } = this.ports
    const event = state.event(eventId)
    Object.assign(event, change)
    state.saveEvent(event, 'website')
    sales.promote(event)
    backgroundMembers.seatsFreed(event)
    return state.truth(event)
  }

  /** Changes the id and keeps the token, as for recurring events. */
  rollEventId(eventId: string): EventTruth {
    const { state, ids } = this.ports
    const event = state.event(eventId)
    state.rename(event, ids.event())
    return state.truth(event)
  }

  /** Sets the receiver of the bridge's hints; null: none. */
  setHintTarget(target: HintTarget | null): void {
    this.ports.webhooks.setTarget(target)
  }

  /** Sends one hint now, with or without an RSVP. */
  sendHint(eventId: string, rsvpId?: string): void {
    const { state, webhooks } = this.ports
    webhooks.send(state.event(eventId), rsvpId === undefined ? null : state.rsvp(rsvpId).rsvp)
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

  /** Points spent per credential in the current window. */
  points(): { key: string; used: number }[] {
    return this.ports.rateLimit.all()
  }

  /** The event for simulated demand. A place on the waitlist is not a purchase. */
  shop(eventId: string): Shop {
    return {
      buy: ({ name }, partySize) => {
        const result = this.rsvp(eventId, { memberName: name, guests: partySize - 1 })
        return result.status === 'YES' ? result.rsvpId : null
      },
      cancel: (rsvpId) => void this.cancel(rsvpId),
    }
  }
}
