import type { Shop } from '../../kit/index.js'
import { pendingOf, allLimits, capacityOf, eventSaleStatus, reservedOf, saleStatus, soldOf } from '../state/capacity.js'
import { createEvent, type EventOptions } from '../state/create-event.js'
import { badArgument } from '../errors.js'
import {
  EVENT_STATUSES,
  type Attendee,
  type Cart,
  type EventStatus,
  type EventTruth,
  type Person,
  type SimulatedEvent,
  type WaitlistEntry,
  type Webhook,
} from '../state/model.js'
import type { Organizer } from '../state/organizer.js'
import type { RateLimit } from '../api/rate-limit.js'
import type { OrderChanges } from '../state/order-changes.js'
import type { Sales, CartRequest } from '../state/sales.js'
import type { EventbriteState } from '../state/state.js'
import { ACTIONS, type Webhooks } from '../webhooks.js'

export interface ControlPorts {
  state: EventbriteState
  sales: Sales
  orderChanges: OrderChanges
  organizer: Organizer
  webhooks: Webhooks
  rateLimit: RateLimit
  organizationId: string
}

export type SaleResult = { orderId: string; attendeeIds: string[]; reason: null } | { orderId: null; reason: string }
export type CartResult = { cartId: string; reason: null } | { cartId: null; reason: string }

/** Actions outside the API: of buyers, and of organizers in the dashboard. @throws Rejection for unknown ids */
export class EventbriteControl {
  constructor(private readonly ports: ControlPorts) {}

  createEvent(options: EventOptions = {}): EventTruth {
    return this.truthOf(createEvent(this.ports.state, this.ports.organizationId, options))
  }

  events(): EventTruth[] {
    this.ports.sales.expireCarts()
    return [...this.ports.state.events.values()].map((event) => this.truthOf(event))
  }

  truth(eventId: string): EventTruth {
    this.ports.sales.expireCarts()
    return this.truthOf(this.ports.state.event(eventId))
  }

  buy(request: CartRequest): SaleResult {
    const order = this.ports.sales.buy(request)
    if (typeof order === 'string') return { orderId: null, reason: order }
    return { orderId: order.id, attendeeIds: this.attendees(order.id).map(({ id }) => id), reason: null }
  }

  openCart(request: CartRequest): CartResult {
    const cart = this.ports.sales.openCart(request)
    return typeof cart === 'string' ? { cartId: null, reason: cart } : { cartId: cart.id, reason: null }
  }

  /** Returns the order's id. */
  completeCart(cartId: string): string {
    return this.ports.sales.completeCart(cartId).id
  }

  abandonCart(cartId: string): void {
    this.ports.sales.abandonCart(cartId)
  }

  carts(eventId: string): Cart[] {
    this.ports.sales.expireCarts()
    return [...this.ports.state.carts.values()].filter((cart) => cart.eventId === eventId)
  }

  /** Cancels the seats and refunds them. Returns how many are back on sale. */
  refund(orderId: string, attendeeIds?: string[]): number {
    return this.ports.orderChanges.refund({ orderId, attendeeIds, kind: 'refund' })
  }

  cancel(orderId: string, attendeeIds?: string[]): number {
    return this.ports.orderChanges.refund({ orderId, attendeeIds, kind: 'cancel' })
  }

  /** Refunds the money and leaves the seats valid. */
  refundMoney(orderId: string, attendeeIds?: string[]): number {
    return this.ports.orderChanges.refund({ orderId, attendeeIds, kind: 'money' })
  }

  moveTicket(orderId: string, attendeeId: string, classId: string): void {
    this.ports.orderChanges.moveTicket(orderId, attendeeId, classId)
  }

  /** With the organizer's app. Default: all of the order. */
  checkIn(orderId: string, attendeeIds?: string[]): void {
    this.ports.orderChanges.setCheckedIn(orderId, true, attendeeIds)
  }

  /** Takes check-ins back. */
  checkOut(orderId: string, attendeeIds?: string[]): void {
    this.ports.orderChanges.setCheckedIn(orderId, false, attendeeIds)
  }

  attendees(orderId: string): Attendee[] {
    return this.ports.state.attendees.get(orderId) ?? []
  }

  joinWaitlist(eventId: string, person: Person, quantity = 1): number {
    const { state } = this.ports
    if (!state.event(eventId).waitlistEnabled) throw badArgument('waitlist')
    const entries: WaitlistEntry[] = [
      ...(state.waitlists.get(eventId) ?? []),
      { ...person, quantity, state: 'WAITING' },
    ]
    state.waitlists.set(eventId, entries)
    return entries.length
  }

  waitlist(eventId: string): WaitlistEntry[] {
    return this.ports.state.waitlists.get(eventId) ?? []
  }

  /** A change in the dashboard, with the API's field names: of one class, or of the event's capacity tier. */
  edit(eventId: string, ticketClassId: string | null, fields: Record<string, unknown>): EventTruth {
    const { organizer } = this.ports
    if (ticketClassId === null) organizer.updateCapacityTier(eventId, fields)
    else organizer.updateClass(eventId, ticketClassId, fields)
    return this.truth(eventId)
  }

  /** The organizer publishes, unpublishes or cancels the event; subscribers are notified. */
  setStatus(eventId: string, status: EventStatus): EventTruth {
    if (!EVENT_STATUSES.includes(status)) throw badArgument('status')
    this.ports.organizer.setStatus(eventId, status)
    return this.truth(eventId)
  }

  addWebhook(url: string, actions: string[] = ACTIONS, eventId: string | null = null): Webhook {
    return this.ports.webhooks.add(this.ports.organizationId, url, actions, eventId)
  }

  webhooks(): Webhook[] {
    return [...this.ports.webhooks.subscriptions.values()]
  }

  removeWebhook(id: string): void {
    this.ports.webhooks.remove(id)
  }

  testWebhook(id: string): void {
    this.ports.webhooks.test(id)
  }

  /** The event for simulated demand. */
  shop(eventId: string, ticketClassId?: string): Shop {
    return {
      buy: (buyer, quantity) => this.buy({ eventId, ticketClassId, quantity, buyer }).orderId,
      cancel: (orderId) => void this.refund(orderId),
    }
  }

  /** Calls by other users of the same app. */
  spendAppKey(calls: number): void {
    this.ports.rateLimit.spendKey(calls, this.ports.state.now())
  }

  /** All limits of an event and how much of each is taken, for assertions. */
  limits(eventId: string): { key: string; limit: number; taken: number }[] {
    return allLimits(this.ports.state.event(eventId))
  }

  private truthOf(event: SimulatedEvent): EventTruth {
    const now = this.ports.state.platformNow()
    const capacity = capacityOf(event)
    return {
      id: event.id,
      capacity: Number.isFinite(capacity) ? capacity : null,
      heldBack: reservedOf(event),
      sold: soldOf(event),
      pending: pendingOf(event),
      salesStatus: eventSaleStatus(event, now),
      classes: event.classes.map((ticketClass) => {
        const { id, capacity: ownCapacity, sold, pending, hidden } = ticketClass
        return { id, capacity: ownCapacity, sold, pending, hidden, status: saleStatus(event, ticketClass, now) }
      }),
      tiers: event.tiers.map(({ id, quantityTotal }) => ({ id, quantityTotal })),
      violations: [...this.ports.state.guard.violations],
    }
  }
}
