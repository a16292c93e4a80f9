import { limitsOf, roomFor, saleStatus } from './capacity.js'
import { notFound } from '../errors.js'
import type { Attendee, Cart, Order, Person, SimulatedEvent, TicketClass } from './model.js'
import type { EventbriteState } from './state.js'
import type { ChangePublisher } from '../webhooks.js'

export type SaleRejection = 'SOLD_OUT' | 'NOT_ON_SALE' | 'BAD_QUANTITY'

export interface CartRequest {
  eventId: string
  ticketClassId?: string
  quantity: number
  buyer?: Person
}

const DEFAULT_BUYER: Person = { name: 'Ana Example', email: 'ana@example.com' }

/** Handles buyers' requests under the caps. Every method is synchronous: nothing runs between check and change. */
export class Sales {
  constructor(
    private readonly state: EventbriteState,
    private readonly publisher: ChangePublisher,
  ) {}

  /** Starts a checkout: the tickets are pending until it is completed, abandoned or expired. */
  openCart(request: CartRequest): Cart | SaleRejection {
    const event = this.state.event(request.eventId)
    const ticketClass = this.state.ticketClass(event, request.ticketClassId)
    this.expireCarts()
    this.topUpHeldCarts(event)
    const { quantity } = request
    const { minimumQuantity, maximumQuantity } = ticketClass
    if (!Number.isInteger(quantity) || quantity < minimumQuantity || quantity > maximumQuantity) return 'BAD_QUANTITY'
    const status = saleStatus(event, ticketClass, this.state.platformNow())
    if (status !== 'AVAILABLE') return status === 'SOLD_OUT' ? 'SOLD_OUT' : 'NOT_ON_SALE'
    if (roomFor(event, ticketClass) < quantity) return 'SOLD_OUT'
    return this.start(event, ticketClass, { ...request, durationMs: event.txTimeLimitMs, held: false })
  }

  completeCart(cartId: string): Order {
    this.expireCarts()
    return this.complete(this.cart(cartId))
  }

  abandonCart(cartId: string): void {
    this.abandon(this.cart(cartId), 'cart abandoned')
  }

  buy(request: CartRequest): Order | SaleRejection {
    const cart = this.openCart(request)
    return typeof cart === 'string' ? cart : this.complete(cart)
  }

  /** Ends expired carts. Must be called before the stock is read. */
  expireCarts(): void {
    const now = this.state.now()
    for (const cart of this.state.carts.values()) {
      if (cart.expires > now) continue
      if (cart.held && this.state.ports.random.chance(0.5)) this.complete(cart)
      else this.abandon(cart, 'cart expired')
    }
  }

  /** After a lowered limit: abandons the newest carts until no limit is exceeded. */
  evictExcessCarts(event: SimulatedEvent): void {
    const newestFirst = [...this.state.carts.values()].filter((cart) => cart.eventId === event.id).toReversed()
    for (const cart of newestFirst) {
      const ticketClass = this.state.ticketClass(event, cart.classId)
      const exceeded = limitsOf(event, ticketClass).some(({ limit, taken }) => taken > limit)
      if (exceeded) this.abandon(cart, 'cart evicted')
    }
  }

  /** Reserves tickets for a person on the waitlist, ahead of other buyers. */
  offer(event: SimulatedEvent, ticketClass: TicketClass, buyer: Person, quantity: number): void {
    const durationMs = this.state.ports.toggles.current.waitlistOfferSeconds * 1_000
    this.start(event, ticketClass, { quantity, buyer, durationMs, held: false })
  }

  private topUpHeldCarts(event: SimulatedEvent): void {
    const { knobs } = this.state.ports
    const held = [...this.state.carts.values()].filter((cart) => cart.held && cart.eventId === event.id).length
    const ticketClass = this.state.ticketClass(event)
    for (let missing = knobs.current.cartHold - held; missing > 0; missing--) {
      if (saleStatus(event, ticketClass, this.state.platformNow()) !== 'AVAILABLE') return
      this.start(event, ticketClass, { quantity: 1, durationMs: event.txTimeLimitMs, held: true })
    }
  }

  private start(
    event: SimulatedEvent,
    ticketClass: TicketClass,
    options: { quantity: number; buyer?: Person; durationMs: number; held: boolean },
  ): Cart {
    const { state } = this
    const { quantity, durationMs, held } = options
    const id = state.ids.next('order')
    const expires = state.now() + durationMs
    const cart: Cart = { id, eventId: event.id, classId: ticketClass.id, quantity, expires, held }
    ticketClass.pending += quantity
    state.carts.set(id, cart)
    const at = state.platformNow()
    const grossCents = quantity * ticketClass.costCents
    const buyer = options.buyer ?? DEFAULT_BUYER
    state.saveOrder({ id, eventId: event.id, status: 'started', created: at, changed: at, buyer, grossCents, expires })
    state.commit(event, 'cart opened')
    return cart
  }

  private complete(cart: Cart): Order {
    const { state } = this
    const event = state.event(cart.eventId)
    const ticketClass = state.ticketClass(event, cart.classId)
    state.carts.delete(cart.id)
    ticketClass.pending -= cart.quantity
    ticketClass.sold += cart.quantity
    const order: Order = { ...this.order(cart.id), status: 'placed', changed: state.platformNow(), expires: null }
    state.saveOrder(order)
    const attendees = Array.from({ length: cart.quantity }, () => this.newAttendee(order, ticketClass))
    state.saveAttendees(order.id, attendees)
    state.commit(event, 'sale')
    this.publisher.orderPlaced(order, attendees)
    return order
  }

  private abandon(cart: Cart, cause: string): void {
    const { state } = this
    const event = state.event(cart.eventId)
    state.carts.delete(cart.id)
    state.ticketClass(event, cart.classId).pending -= cart.quantity
    state.saveOrder({ ...this.order(cart.id), status: 'abandoned', changed: state.platformNow(), expires: null })
    state.commit(event, cause)
  }

  private newAttendee(order: Order, ticketClass: TicketClass): Attendee {
    return {
      id: this.state.ids.next('attendee'),
      orderId: order.id,
      eventId: order.eventId,
      classId: ticketClass.id,
      className: ticketClass.name,
      created: order.changed,
      changed: order.changed,
      cancelled: false,
      refunded: false,
      checkedIn: false,
      buyer: order.buyer,
      costCents: ticketClass.costCents,
    }
  }

  private cart(cartId: string): Cart {
    const cart = this.state.carts.get(cartId)
    if (cart === undefined) throw notFound('cart')
    return cart
  }

  private order(orderId: string): Order {
    const order = this.state.orders.get(orderId)
    if (order === undefined) throw notFound('order')
    return order
  }
}
