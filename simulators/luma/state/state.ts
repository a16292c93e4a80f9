import { History, type Clock, type Trace } from '../../kit/index.js'
import { effectiveCap, seatsWith } from './capacity.js'
import { LumaError } from '../errors.js'
import type { Guest, LumaEvent, Webhook } from './model.js'

export interface Mail {
  guestId: string
  subject: string
  message: string | null
}

/** The current state and the history of guests, in memory. */
export class LumaState {
  /** Without Luma Plus every call is refused. */
  hasPlan = true
  readonly events = new Map<string, LumaEvent>()
  readonly webhooks = new Map<string, Webhook>()
  /** By cancellation token. */
  readonly cancellations = new Map<string, { eventId: string; expiresAt: number }>()
  readonly mails: Mail[] = []
  private readonly histories = new Map<string, History<Guest>>()

  constructor(
    private readonly clock: Clock,
    private readonly trace: Trace,
  ) {}

  /** @throws LumaError 404 */
  event(id: string): LumaEvent {
    const event = this.events.get(id)
    if (!event) throw new LumaError(404, `Event not found: ${id}`)
    return event
  }

  /** By guest id, guest key, ticket id or email. @throws LumaError 404 */
  guest(event: LumaEvent, identifier: string): Guest {
    const guest =
      event.guests.get(identifier) ??
      [...event.guests.values()].findLast(
        ({ key, email, tickets }) =>
          key === identifier || email === identifier.toLowerCase() || tickets.some(({ id }) => id === identifier),
      )
    if (!guest || guest.vanished) throw new LumaError(404, `Guest not found: ${identifier}`)
    return guest
  }

  /** @throws LumaError 404 */
  eventOfType(typeId: string): LumaEvent {
    for (const event of this.events.values()) if (event.types.some(({ id }) => id === typeId)) return event
    throw new LumaError(404, `Ticket type not found: ${typeId}`)
  }

  /** Must be called after each change, for the trace and for lagging reads. */
  recordChange(event: LumaEvent, cause: string, ...guests: Guest[]): void {
    for (const guest of guests) this.recordGuest(event, guest)
    this.trace.recordCap({
      at: this.clock.now(),
      eventId: event.id,
      cap: effectiveCap(event),
      sold: seatsWith(event, 'approved'),
      pending: seatsWith(event, 'pending_approval', 'session'),
      cause,
    })
  }

  recordGuest(event: LumaEvent, guest: Guest): void {
    const history = this.histories.get(event.id) ?? new History<Guest>()
    this.histories.set(event.id, history)
    history.record(guest.id, this.clock.now(), event.guests.has(guest.id) ? guest : undefined)
  }

  /** The guests of an event as of `lagMs` ago. */
  guestsAsOf(event: LumaEvent, lagMs: number): Guest[] {
    if (lagMs === 0) return [...event.guests.values()]
    return this.histories.get(event.id)?.list(this.clock.now() - lagMs) ?? []
  }

  /** @throws LumaError 404 */
  changeId(eventId: string, id: string): string {
    const event = this.event(eventId)
    const history = this.histories.get(eventId)
    this.events.delete(eventId)
    this.histories.delete(eventId)
    event.id = id
    this.events.set(id, event)
    if (history) this.histories.set(id, history)
    return id
  }

  recordMail(guest: Guest, subject: string, message: string | null = null): void {
    this.mails.push({ guestId: guest.id, subject, message })
    if (this.mails.length > 10_000) this.mails.shift()
  }
}
