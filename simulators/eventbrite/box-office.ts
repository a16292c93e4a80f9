import { limitsOf, roomFor, saleStatus } from './capacity.js'
import type { Announcer } from './hooks.js'
import type { Attendee, Cart, Order, Person, SimulatedEvent, TicketClass } from './model.js'
import { notFound } from './refusals.js'
import type { World } from './world.js'

export type NotSold = 'SOLD_OUT' | 'NOT_ON_SALE' | 'BAD_QUANTITY'

export interface CartRequest {
  eventId: string
  ticketClassId?: string
  quantity: number
  buyer?: Person
}

const SOMEONE: Person = { name: 'Ana Example', email: 'ana@example.com' }

/** Where buyers meet the caps. Every method is one step: nothing comes between check and change. */
export class BoxOffice {
  constructor(
    private readonly world: World,
    private readonly announcer: Announcer,
  ) {}

  /** Starts a checkout: the tickets are pending until it is completed, abandoned or out of time. */
  openCart(request: CartRequest): Cart | NotSold {
    const event = this.world.event(request.eventId)
    const ticketClass = this.world.ticketClass(event, request.ticketClassId)
    this.expire()
    this.topUpHeldCarts(event)
    const { quantity } = request
    const { minimumQuantity, maximumQuantity } = ticketClass
    if (!Number.isInteger(quantity) || quantity < minimumQuantity || quantity > maximumQuantity) return 'BAD_QUANTITY'
    const status = saleStatus(event, ticketClass, this.world.platformNow())
    if (status !== 'AVAILABLE') return status === 'SOLD_OUT' ? 'SOLD_OUT' : 'NOT_ON_SALE'
    if (roomFor(event, ticketClass) < quantity) return 'SOLD_OUT'
    return this.start(event, ticketClass, { ...request, durationMs: event.txTimeLimitMs, held: false })
  }

  completeCart(cartId: string): Order {
    this.expire()
    return this.complete(this.cart(cartId))
  }

  abandonCart(cartId: string): void {
    this.abandon(this.cart(cartId), 'cart abandoned')
  }

  buy(request: CartRequest): Order | NotSold {
    const cart = this.openCart(request)
    return typeof cart === 'string' ? cart : this.complete(cart)
  }

  /** Ends carts whose time is up. Called before anything looks at the stock. */
  expire(): void {
    const now = this.world.now()
    for (const cart of this.world.carts.values()) {
      if (cart.expires > now) continue
      if (cart.held && this.world.ports.random.chance(0.5)) this.complete(cart)
      else this.abandon(cart, 'cart expired')
    }
  }

  /** A shrink that evicts: the newest carts go until nothing is above its limit. */
  evictExcess(event: SimulatedEvent): void {
    const newestFirst = [...this.world.carts.values()].filter((cart) => cart.eventId === event.id).toReversed()
    for (const cart of newestFirst) {
      const ticketClass = this.world.ticketClass(event, cart.classId)
      const exceeded = limitsOf(event, ticketClass).some(({ limit, taken }) => taken > limit)
      if (exceeded) this.abandon(cart, 'cart evicted')
    }
  }

  /** Puts tickets aside for someone on the waitlist, whatever the buyers want. */
  offer(event: SimulatedEvent, ticketClass: TicketClass, buyer: Person, quantity: number): void {
    const durationMs = this.world.ports.toggles.current.waitlistOfferSeconds * 1_000
    this.start(event, ticketClass, { quantity, buyer, durationMs, held: false })
  }

  private topUpHeldCarts(event: SimulatedEvent): void {
    const { knobs } = this.world.ports
    const held = [...this.world.carts.values()].filter((cart) => cart.held && cart.eventId === event.id).length
    const ticketClass = this.world.ticketClass(event)
    for (let missing = knobs.current.cartHold - held; missing > 0; missing--) {
      if (saleStatus(event, ticketClass, this.world.platformNow()) !== 'AVAILABLE') return
      this.start(event, ticketClass, { quantity: 1, durationMs: event.txTimeLimitMs, held: true })
    }
  }

  private start(
    event: SimulatedEvent,
    ticketClass: TicketClass,
    options: { quantity: number; buyer?: Person; durationMs: number; held: boolean },
  ): Cart {
    const { world } = this
    const { quantity, durationMs, held } = options
    const id = world.ids.next('order')
    const expires = world.now() + durationMs
    const cart: Cart = { id, eventId: event.id, classId: ticketClass.id, quantity, expires, held }
    ticketClass.pending += quantity
    world.carts.set(id, cart)
    const at = world.platformNow()
    const grossCents = quantity * ticketClass.costCents
    const buyer = options.buyer ?? SOMEONE
    world.saveOrder({ id, eventId: event.id, status: 'started', created: at, changed: at, buyer, grossCents, expires })
    world.commit(event, 'cart opened')
    return cart
  }

  private complete(cart: Cart): Order {
    const { world } = this
    const event = world.event(cart.eventId)
    const ticketClass = world.ticketClass(event, cart.classId)
    world.carts.delete(cart.id)
    ticketClass.pending -= cart.quantity
    ticketClass.sold += cart.quantity
    const order: Order = { ...this.order(cart.id), status: 'placed', changed: world.platformNow(), expires: null }
    world.saveOrder(order)
    const attendees = Array.from({ length: cart.quantity }, () => this.attendee(order, ticketClass))
    world.saveAttendees(order.id, attendees)
    world.commit(event, 'sale')
    this.announcer.placed(order, attendees)
    return order
  }

  private abandon(cart: Cart, cause: string): void {
    const { world } = this
    const event = world.event(cart.eventId)
    world.carts.delete(cart.id)
    world.ticketClass(event, cart.classId).pending -= cart.quantity
    world.saveOrder({ ...this.order(cart.id), status: 'abandoned', changed: world.platformNow(), expires: null })
    world.commit(event, cause)
  }

  private attendee(order: Order, ticketClass: TicketClass): Attendee {
    return {
      id: this.world.ids.next('attendee'),
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
    const cart = this.world.carts.get(cartId)
    if (cart === undefined) throw notFound('cart')
    return cart
  }

  private order(orderId: string): Order {
    const order = this.world.orders.get(orderId)
    if (order === undefined) throw notFound('order')
    return order
  }
}
