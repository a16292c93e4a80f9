import type { Shop } from '../kit/index.js'
import { pendingOf, allLimits, capacityOf, eventSaleStatus, heldBack, saleStatus, soldOf } from './capacity.js'
import type { BoxOffice, CartRequest } from './box-office.js'
import type { Buckets } from './buckets.js'
import { changeClass } from './class-change.js'
import { createEvent, type EventPlan } from './event-plan.js'
import { ACTIONS, type Hooks } from './hooks.js'
import type { Attendee, Cart, Person, SimulatedEvent, Waiter, Webhook } from './model.js'
import type { Organiser } from './organiser.js'
import { EVENT_STATUSES, type EventStatus } from './model.js'
import { badArgument } from './refusals.js'
import type { Refunds } from './refunds.js'
import type { World } from './world.js'

export interface Parts {
  world: World
  office: BoxOffice
  refunds: Refunds
  organiser: Organiser
  hooks: Hooks
  buckets: Buckets
  organizationId: string
}

/** What is true of an event, whatever the API shows. A null limit is none. */
export interface EventTruth {
  id: string
  capacity: number | null
  /** Reserved by holds: not for the public. */
  heldBack: number
  sold: number
  pending: number
  salesStatus: string
  classes: { id: string; capacity: number | null; sold: number; pending: number; status: string; hidden: boolean }[]
  tiers: { id: string; quantityTotal: number | null }[]
  /** Times at which this simulator exceeded a limit: always empty unless it has a bug. */
  violations: string[]
}

export type Sale = { orderId: string; attendeeIds: string[]; reason: null } | { orderId: null; reason: string }
export type CartOpened = { cartId: string; reason: null } | { cartId: null; reason: string }

/** What people do outside the API: buyers, and organisers in the dashboard. Throws `Refusal` for what does not exist. */
export class Control {
  constructor(private readonly parts: Parts) {}

  createEvent(plan: EventPlan = {}): EventTruth {
    return this.truthOf(createEvent(this.parts.world, this.parts.organizationId, plan))
  }

  events(): EventTruth[] {
    this.parts.office.expire()
    return [...this.parts.world.events.values()].map((event) => this.truthOf(event))
  }

  truth(eventId: string): EventTruth {
    this.parts.office.expire()
    return this.truthOf(this.parts.world.event(eventId))
  }

  buy(request: CartRequest): Sale {
    const order = this.parts.office.buy(request)
    if (typeof order === 'string') return { orderId: null, reason: order }
    return { orderId: order.id, attendeeIds: this.attendees(order.id).map((one) => one.id), reason: null }
  }

  openCart(request: CartRequest): CartOpened {
    const cart = this.parts.office.openCart(request)
    return typeof cart === 'string' ? { cartId: null, reason: cart } : { cartId: cart.id, reason: null }
  }

  /** Answers the order's id. */
  completeCart(cartId: string): string {
    return this.parts.office.completeCart(cartId).id
  }

  abandonCart(cartId: string): void {
    this.parts.office.abandonCart(cartId)
  }

  carts(eventId: string): Cart[] {
    this.parts.office.expire()
    return [...this.parts.world.carts.values()].filter((cart) => cart.eventId === eventId)
  }

  /** Cancels the seats and pays back; answers how many went back on sale. */
  refund(orderId: string, attendeeIds?: string[]): number {
    return this.parts.refunds.giveBack({ orderId, attendeeIds, kind: 'refund' })
  }

  cancel(orderId: string, attendeeIds?: string[]): number {
    return this.parts.refunds.giveBack({ orderId, attendeeIds, kind: 'cancel' })
  }

  /** Pays back and leaves the seats valid. */
  refundMoney(orderId: string, attendeeIds?: string[]): number {
    return this.parts.refunds.giveBack({ orderId, attendeeIds, kind: 'money' })
  }

  moveTicket(orderId: string, attendeeId: string, classId: string): void {
    changeClass(this.parts.world, this.parts.hooks, orderId, attendeeId, classId)
  }

  attendees(orderId: string): Attendee[] {
    return this.parts.world.attendees.get(orderId) ?? []
  }

  joinWaitlist(eventId: string, person: Person, quantity = 1): number {
    const { world } = this.parts
    if (!world.event(eventId).waitlistEnabled) throw badArgument('waitlist')
    const waiters: Waiter[] = [...(world.waiters.get(eventId) ?? []), { ...person, quantity, state: 'WAITING' }]
    world.waiters.set(eventId, waiters)
    return waiters.length
  }

  waitlist(eventId: string): Waiter[] {
    return this.parts.world.waiters.get(eventId) ?? []
  }

  /** A change by hand, in the API's own field names: of one class, or of the event's capacity tier. */
  edit(eventId: string, ticketClassId: string | null, fields: Record<string, unknown>): EventTruth {
    const { organiser } = this.parts
    if (ticketClassId === null) organiser.updateCapacityTier(eventId, fields)
    else organiser.updateClass(eventId, ticketClassId, fields)
    return this.truth(eventId)
  }

  /** The organizer publishes, takes back or cancels the event; subscribers are told. */
  setStatus(eventId: string, status: EventStatus): EventTruth {
    if (!EVENT_STATUSES.includes(status)) throw badArgument('status')
    this.parts.organiser.setStatus(eventId, status)
    return this.truth(eventId)
  }

  addWebhook(url: string, actions: string[] = ACTIONS, eventId: string | null = null): Webhook {
    return this.parts.hooks.add(this.parts.organizationId, url, actions, eventId)
  }

  webhooks(): Webhook[] {
    return [...this.parts.hooks.webhooks.values()]
  }

  removeWebhook(id: string): void {
    this.parts.hooks.remove(id)
  }

  testWebhook(id: string): void {
    this.parts.hooks.test(id)
  }

  /** For simulated demand. */
  shop(eventId: string, ticketClassId?: string): Shop {
    return {
      buy: (buyer, quantity) => this.buy({ eventId, ticketClassId, quantity, buyer }).orderId,
      cancel: (orderId) => void this.refund(orderId),
    }
  }

  /** Calls that other customers of the same app make. */
  spendAppKey(calls: number): void {
    this.parts.buckets.spendKey(calls, this.parts.world.now())
  }

  /** Every limit of an event with what is taken of it, for assertions. */
  limits(eventId: string): { key: string; limit: number; taken: number }[] {
    return allLimits(this.parts.world.event(eventId))
  }

  private truthOf(event: SimulatedEvent): EventTruth {
    const now = this.parts.world.platformNow()
    const capacity = capacityOf(event)
    return {
      id: event.id,
      capacity: Number.isFinite(capacity) ? capacity : null,
      heldBack: heldBack(event),
      sold: soldOf(event),
      pending: pendingOf(event),
      salesStatus: eventSaleStatus(event, now),
      classes: event.classes.map((one) => {
        const { id, capacity: own, sold, pending, hidden } = one
        return { id, capacity: own, sold, pending, hidden, status: saleStatus(event, one, now) }
      }),
      tiers: event.tiers.map(({ id, quantityTotal }) => ({ id, quantityTotal })),
      violations: [...this.parts.world.guard.violations],
    }
  }
}
