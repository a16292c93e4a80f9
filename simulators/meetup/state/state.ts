import { History, type Clock, type Random, type Trace } from '../../kit/index.js'
import { NotFoundError } from '../errors.js'
import { isSeated, type EventRecord, type RsvpRecord, type EventTruth } from './model.js'
import type { Toggles } from '../toggles.js'

export interface StatePorts {
  /** The true time. */
  clock: Clock
  /** The platform's own clock. */
  platformClock: Clock
  random: Random
  toggles: Toggles
  trace: Trace
  /** Called after each change; without an RSVP the event itself changed. */
  onChange: (event: EventRecord, rsvp: RsvpRecord | null) => void
}

interface Entry {
  event: EventRecord
  rsvps: Map<string, RsvpRecord>
  rsvpHistory: History<RsvpRecord>
}

/** An event and its RSVPs at one instant. */
export interface EventSnapshot {
  event: EventRecord
  rsvps: RsvpRecord[]
}

/** The current state and its history up to the longest read lag. All operations are synchronous. */
export class MeetupState {
  private readonly entries = new Map<string, Entry>()
  private readonly eventHistory = new History<EventRecord>()
  private readonly tokens = new Map<string, string>()
  private readonly rsvpEvents = new Map<string, string>()

  constructor(readonly ports: StatePorts) {}

  add(event: EventRecord): void {
    if (this.tokens.has(event.id)) throw new RangeError(`event ${event.id} already exists`)
    this.entries.set(event.token, { event, rsvps: new Map(), rsvpHistory: new History() })
    this.tokens.set(event.id, event.token)
    // Recorded as if it had always existed, so that lagging reads return it as well.
    this.eventHistory.record(event.token, 0, event)
    this.saveEvent(event, 'create')
  }

  /** @throws NotFoundError */
  event(eventId: string): EventRecord {
    return this.entry(eventId).event
  }

  events(): EventRecord[] {
    return [...this.entries.values()].map(({ event }) => event)
  }

  rsvps(event: EventRecord): RsvpRecord[] {
    return [...this.entryOf(event).rsvps.values()]
  }

  /** @throws NotFoundError */
  rsvp(rsvpId: string): { event: EventRecord; rsvp: RsvpRecord } {
    const entry = this.entries.get(this.rsvpEvents.get(rsvpId) ?? '')
    const rsvp = entry?.rsvps.get(rsvpId)
    if (!entry || !rsvp) throw new NotFoundError(`RSVP ${rsvpId} not found`)
    return { event: entry.event, rsvp }
  }

  /** Null: the event did not exist at that instant. */
  eventAt(eventId: string, at: number): EventSnapshot | null {
    const entry = this.entries.get(this.tokens.get(eventId) ?? '')
    const event = entry && this.eventHistory.get(entry.event.token, at)
    return entry && event ? { event: { ...event, id: eventId }, rsvps: entry.rsvpHistory.list(at) } : null
  }

  saveEvent(event: EventRecord, cause: string): void {
    this.eventHistory.record(event.token, this.ports.clock.now(), event)
    this.traceCap(event, cause)
    this.ports.onChange(event, null)
  }

  /** `cause` names the change in the trace. */
  saveRsvp(event: EventRecord, rsvp: RsvpRecord, cause: string): void {
    const entry = this.entryOf(event)
    rsvp.updated = this.ports.platformClock.now()
    entry.rsvps.set(rsvp.id, rsvp)
    this.rsvpEvents.set(rsvp.id, event.token)
    entry.rsvpHistory.record(rsvp.id, this.ports.clock.now(), rsvp)
    this.traceCap(event, cause)
    this.ports.onChange(event, rsvp)
  }

  rename(event: EventRecord, id: string): void {
    this.tokens.delete(event.id)
    event.id = id
    this.tokens.set(id, event.token)
    this.saveEvent(event, 'roll id')
  }

  /** Taken seats as the limit counts them. */
  seats(event: EventRecord): number {
    return this.rsvps(event).reduce((sum, rsvp) => sum + (isSeated(rsvp) ? this.seatsOf(rsvp) : 0), 0)
  }

  seatsOf({ guestsCount, isHost }: Pick<RsvpRecord, 'guestsCount' | 'isHost'>): number {
    const { guestsCountAgainstLimit, hostsCountAgainstLimit } = this.ports.toggles.current
    const ownSeat = isHost && hostsCountAgainstLimit === 'no' ? 0 : 1
    return ownSeat + (guestsCountAgainstLimit === 'yes' ? guestsCount : 0)
  }

  truth(event: EventRecord): EventTruth {
    const heads = (rsvps: RsvpRecord[]) => rsvps.reduce((sum, { guestsCount }) => sum + 1 + guestsCount, 0)
    const seated = this.rsvps(event).filter(isSeated)
    const unpaid = seated.filter(({ status }) => status === 'YES_PENDING_PAYMENT')
    const seats = this.seats(event)
    const all = heads(seated)
    const pending = heads(unpaid)
    const { id, token, maxTickets, rsvpsClosed } = event
    return {
      eventId: id,
      token,
      maxTickets,
      cap: rsvpsClosed ? all : maxTickets,
      sold: all - pending,
      pending,
      seats,
      waiting: this.rsvps(event).filter(({ status }) => status === 'WAITLIST').length,
      closed: rsvpsClosed,
      mode: rsvpsClosed || (maxTickets !== null && seats >= maxTickets) ? 'WAITLIST_ONLY' : 'OPEN',
    }
  }

  private traceCap(event: EventRecord, cause: string): void {
    const { id: eventId } = event
    const { cap, sold, pending } = this.truth(event)
    this.ports.trace.recordCap({ at: this.ports.clock.now(), eventId, cap, sold, pending, cause })
  }

  private entry(eventId: string): Entry {
    const entry = this.entries.get(this.tokens.get(eventId) ?? '')
    if (!entry) throw new NotFoundError(`event ${eventId} not found`)
    return entry
  }

  private entryOf(event: EventRecord): Entry {
    const entry = this.entries.get(event.token)
    if (!entry) throw new NotFoundError(`event ${event.id} not found`)
    return entry
  }
}
