import { History, skewed, type Clock, type Knobs, type Random, type Trace } from '../../kit/index.js'
import { CapGuard, capacityOf, pendingOf, soldOf } from './capacity.js'
import { notFound } from '../errors.js'
import { Ids } from './ids.js'
import type { Attendee, Cart, Order, SimulatedEvent, TicketClass, WaitlistEntry } from './model.js'
import type { Toggles } from '../toggles.js'

export interface StatePorts {
  clock: Clock
  random: Random
  knobs: Knobs
  toggles: Toggles
  trace: Trace
}

/** The longest read lag that can be served. */
const RETENTION_MS = 300_000

/** Orders and attendees of one event at any recent instant. */
export class EventRecords {
  readonly orders = new History<Order>(RETENTION_MS)
  readonly attendees = new History<Attendee>(RETENTION_MS)
}

/** The current state and its recent history. */
export class EventbriteState {
  readonly events = new Map<string, SimulatedEvent>()
  readonly orders = new Map<string, Order>()
  /** By order. */
  readonly attendees = new Map<string, Attendee[]>()
  readonly carts = new Map<string, Cart>()
  /** By event, in order of joining. */
  readonly waitlists = new Map<string, WaitlistEntry[]>()
  readonly guard = new CapGuard()
  readonly ids: Ids
  private readonly eventHistory = new History<SimulatedEvent>(RETENTION_MS)
  private readonly records = new Map<string, EventRecords>()

  constructor(readonly ports: StatePorts) {
    this.ids = new Ids(ports.random)
  }

  now(): number {
    return this.ports.clock.now()
  }

  /** The time by the platform's own clock. */
  platformNow(): number {
    return skewed(this.ports.clock, () => this.ports.knobs.current.clockSkewMs).now()
  }

  event(eventId: string): SimulatedEvent {
    const event = this.events.get(eventId)
    if (event === undefined) throw notFound('event')
    return event
  }

  /** A ticket class of the event; the first one without an id. */
  ticketClass(event: SimulatedEvent, classId?: string): TicketClass {
    const found = classId === undefined ? event.classes[0] : event.classes.find(({ id }) => id === classId)
    if (found === undefined) throw notFound('ticket class')
    return found
  }

  /** Completes a change of an event: asserts its limits, records and traces it. */
  commit(event: SimulatedEvent, cause: string, lowered = false): void {
    this.guard.check(event, cause, lowered)
    const at = this.now()
    this.eventHistory.record(event.id, at, event)
    const { trace } = this.ports
    const cap = capacityOf(event)
    const finite = (limit: number) => (Number.isFinite(limit) ? limit : null)
    trace.recordCap({ at, eventId: event.id, cap: finite(cap), sold: soldOf(event), pending: pendingOf(event), cause })
    for (const { id, capacity, sold, pending } of event.classes) {
      trace.recordCap({ at, eventId: `${event.id}/${id}`, cap: capacity, sold, pending, cause })
    }
  }

  saveOrder(order: Order): void {
    this.orders.set(order.id, order)
    this.recordsOf(order.eventId).orders.record(order.id, this.now(), order)
  }

  saveAttendees(orderId: string, attendees: Attendee[]): void {
    this.attendees.set(orderId, attendees)
    for (const attendee of attendees) {
      this.recordsOf(attendee.eventId).attendees.record(attendee.id, this.now(), attendee)
    }
  }

  eventAt(eventId: string, at: number): SimulatedEvent {
    const event = this.eventHistory.get(eventId, at)
    if (event === undefined) throw notFound('event')
    return event
  }

  eventsAt(at: number): SimulatedEvent[] {
    return this.eventHistory.list(at)
  }

  orderAt(orderId: string, at: number): Order {
    const eventId = this.orders.get(orderId)?.eventId
    const order = eventId === undefined ? undefined : this.recordsOf(eventId).orders.get(orderId, at)
    if (order === undefined) throw notFound('order')
    return order
  }

  ordersAt(eventId: string, at: number): Order[] {
    return this.recordsOf(eventId).orders.list(at)
  }

  attendeesAt(eventId: string, at: number): Attendee[] {
    return this.recordsOf(eventId).attendees.list(at)
  }

  attendeesOfOrderAt(order: Order, at: number): Attendee[] {
    const { attendees } = this.recordsOf(order.eventId)
    const ids = (this.attendees.get(order.id) ?? []).map((attendee) => attendee.id)
    return ids.map((id) => attendees.get(id, at)).filter((attendee) => attendee !== undefined)
  }

  private recordsOf(eventId: string): EventRecords {
    const records = this.records.get(eventId) ?? new EventRecords()
    this.records.set(eventId, records)
    return records
  }
}
