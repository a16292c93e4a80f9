import { History, type Clock, type Random, type Trace } from '../kit/index.js'
import { isSeated, NotFound, type EventRecord, type RsvpRecord, type Truth } from './model.js'
import type { Toggles } from './toggles.js'

export interface BookPorts {
  /** The true time. */
  clock: Clock
  /** The time that the platform believes it is. */
  platformClock: Clock
  random: Random
  toggles: Toggles
  trace: Trace
  /** After each change; without an RSVP it is the event itself. */
  changed: (event: EventRecord, rsvp: RsvpRecord | null) => void
}

interface Entry {
  event: EventRecord
  rsvps: Map<string, RsvpRecord>
  rsvpHistory: History<RsvpRecord>
}

/** An event and its RSVPs as they looked at some instant. */
export interface Snapshot {
  event: EventRecord
  rsvps: RsvpRecord[]
}

/** Everything the platform knows, now and back to the longest read lag. One operation at a time: nothing here waits. */
export class Book {
  private readonly entries = new Map<string, Entry>()
  private readonly eventHistory = new History<EventRecord>()
  private readonly tokens = new Map<string, string>()
  private readonly rsvpEvents = new Map<string, string>()

  constructor(readonly ports: BookPorts) {}

  add(event: EventRecord): void {
    if (this.tokens.has(event.id)) throw new RangeError(`there is an event ${event.id} already`)
    this.entries.set(event.token, { event, rsvps: new Map(), rsvpHistory: new History() })
    this.tokens.set(event.id, event.token)
    // It was on sale before anyone here looked: a read that lags shows it as well.
    this.eventHistory.record(event.token, 0, event)
    this.saveEvent(event, 'create')
  }

  /** @throws NotFound */
  event(eventId: string): EventRecord {
    return this.entry(eventId).event
  }

  events(): EventRecord[] {
    return [...this.entries.values()].map(({ event }) => event)
  }

  rsvps(event: EventRecord): RsvpRecord[] {
    return [...this.entryOf(event).rsvps.values()]
  }

  /** @throws NotFound */
  rsvp(rsvpId: string): { event: EventRecord; rsvp: RsvpRecord } {
    const entry = this.entries.get(this.rsvpEvents.get(rsvpId) ?? '')
    const rsvp = entry?.rsvps.get(rsvpId)
    if (!entry || !rsvp) throw new NotFound(`there is no RSVP ${rsvpId}`)
    return { event: entry.event, rsvp }
  }

  /** Null: there was no such event then. */
  asOf(eventId: string, at: number): Snapshot | null {
    const entry = this.entries.get(this.tokens.get(eventId) ?? '')
    const event = entry && this.eventHistory.get(entry.event.token, at)
    return entry && event ? { event: { ...event, id: eventId }, rsvps: entry.rsvpHistory.list(at) } : null
  }

  saveEvent(event: EventRecord, cause: string): void {
    this.eventHistory.record(event.token, this.ports.clock.now(), event)
    this.settle(event, cause)
    this.ports.changed(event, null)
  }

  /** `cause` names the change in the trace. */
  saveRsvp(event: EventRecord, rsvp: RsvpRecord, cause: string): void {
    const entry = this.entryOf(event)
    rsvp.updated = this.ports.platformClock.now()
    entry.rsvps.set(rsvp.id, rsvp)
    this.rsvpEvents.set(rsvp.id, event.token)
    entry.rsvpHistory.record(rsvp.id, this.ports.clock.now(), rsvp)
    this.settle(event, cause)
    this.ports.changed(event, rsvp)
  }

  rename(event: EventRecord, id: string): void {
    this.tokens.delete(event.id)
    event.id = id
    this.tokens.set(id, event.token)
    this.saveEvent(event, 'roll id')
  }

  /** Seats as the limit counts them. */
  seats(event: EventRecord): number {
    return this.rsvps(event).reduce((sum, rsvp) => sum + (isSeated(rsvp) ? this.seatsOf(rsvp) : 0), 0)
  }

  seatsOf({ guestsCount, isHost }: Pick<RsvpRecord, 'guestsCount' | 'isHost'>): number {
    const { guestsCountAgainstLimit, hostsCountAgainstLimit } = this.ports.toggles.current
    const own = isHost && hostsCountAgainstLimit === 'no' ? 0 : 1
    return own + (guestsCountAgainstLimit === 'yes' ? guestsCount : 0)
  }

  truth(event: EventRecord): Truth {
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

  private settle(event: EventRecord, cause: string): void {
    const { id: eventId } = event
    const { cap, sold, pending } = this.truth(event)
    this.ports.trace.recordCap({ at: this.ports.clock.now(), eventId, cap, sold, pending, cause })
  }

  private entry(eventId: string): Entry {
    const entry = this.entries.get(this.tokens.get(eventId) ?? '')
    if (!entry) throw new NotFound(`there is no event ${eventId}`)
    return entry
  }

  private entryOf(event: EventRecord): Entry {
    const entry = this.entries.get(event.token)
    if (!entry) throw new NotFound(`there is no event ${event.id}`)
    return entry
  }
}
