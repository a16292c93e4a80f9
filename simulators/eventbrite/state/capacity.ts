import type { SimulatedEvent, TicketClass } from './model.js'

/** A limit of sales: `taken` is never raised above `limit`. */
export interface Limit {
  key: string
  /** Infinity: none. */
  limit: number
  /** Sold and in open carts. */
  taken: number
}

export function soldOf(event: SimulatedEvent): number {
  return event.classes.reduce((sum, { sold }) => sum + sold, 0)
}

export function pendingOf(event: SimulatedEvent): number {
  return event.classes.reduce((sum, { pending }) => sum + pending, 0)
}

export function reservedOf(event: SimulatedEvent): number {
  return event.holds.reduce((sum, hold) => sum + hold.quantityTotal, 0)
}

export function isTiered(event: SimulatedEvent): boolean {
  return event.tiers.length > 0
}

/** The whole event's capacity: the custom one, else the sum of its tiers or classes. Infinity: none. */
export function capacityOf(event: SimulatedEvent): number {
  if (event.capacityTotal !== null) return event.capacityTotal
  if (isTiered(event)) return event.tiers.reduce((sum, tier) => sum + (tier.quantityTotal ?? Infinity), 0)
  return event.classes.reduce((sum, { capacity }) => sum + (capacity ?? Infinity), 0)
}

/** The limits of a ticket class: its own capacity, its tier, and the event less its holds. */
export function limitsOf(event: SimulatedEvent, ticketClass: TicketClass): Limit[] {
  const own = { key: ticketClass.id, limit: ticketClass.capacity ?? Infinity, taken: takenOf(ticketClass) }
  return [own, ...tierLimits(event, ticketClass), eventLimit(event)]
}

/** Every limit of an event. */
export function allLimits(event: SimulatedEvent): Limit[] {
  const byKey = new Map(
    event.classes.flatMap((ticketClass) => limitsOf(event, ticketClass)).map((limit) => [limit.key, limit]),
  )
  return [...byKey.values(), ...(byKey.size === 0 ? [eventLimit(event)] : [])]
}

/** How many more tickets of this class can be put in carts now. */
export function roomFor(event: SimulatedEvent, ticketClass: TicketClass): number {
  return Math.max(0, Math.min(...limitsOf(event, ticketClass).map(({ limit, taken }) => limit - taken)))
}

/** `on_sale_status` of a class. */
export function saleStatus(event: SimulatedEvent, ticketClass: TicketClass, now: number): string {
  if (event.status !== 'live' && event.status !== 'started') return 'UNAVAILABLE'
  if (ticketClass.hidden) return 'HIDDEN'
  if (ticketClass.salesStart !== null && now < ticketClass.salesStart) return 'NOT_YET_ON_SALE'
  if (ticketClass.salesEnd !== null && now >= ticketClass.salesEnd) return 'UNAVAILABLE'
  if (!ticketClass.salesChannels.includes('online')) return 'UNAVAILABLE'
  return roomFor(event, ticketClass) > 0 ? 'AVAILABLE' : 'SOLD_OUT'
}

/** `event_sales_status.sales_status`; unavailable: sold out only because of open carts. */
export function eventSaleStatus(event: SimulatedEvent, now: number): string {
  const classes = event.classes.filter(({ hidden }) => !hidden)
  const statuses = new Set(classes.map((ticketClass) => saleStatus(event, ticketClass, now)))
  if (statuses.has('AVAILABLE')) return 'on_sale'
  if (statuses.has('SOLD_OUT')) return pendingOf(event) > 0 ? 'unavailable' : 'sold_out'
  if (statuses.has('NOT_YET_ON_SALE')) return 'not_yet_on_sale'
  const ended = classes.length > 0 && classes.every(({ salesEnd }) => salesEnd !== null && salesEnd <= now)
  return ended ? 'sales_ended' : 'unavailable'
}

export function isSoldOut(event: SimulatedEvent): boolean {
  return event.classes.every((ticketClass) => roomFor(event, ticketClass) === 0)
}

export function takenOf(ticketClass: TicketClass): number {
  return ticketClass.sold + ticketClass.pending
}

function eventLimit(event: SimulatedEvent): Limit {
  return { key: event.id, limit: capacityOf(event) - reservedOf(event), taken: soldOf(event) + pendingOf(event) }
}

function tierLimits(event: SimulatedEvent, ticketClass: TicketClass): Limit[] {
  const tier = event.tiers.find(({ id }) => id === ticketClass.inventoryTierId)
  if (tier === undefined) return []
  const taken = event.classes
    .filter(({ inventoryTierId }) => inventoryTierId === tier.id)
    .reduce((sum, member) => sum + takenOf(member), 0)
  return [{ key: tier.id, limit: tier.quantityTotal ?? Infinity, taken }]
}

/** The simulator exceeded a limit: a bug of the simulator, never of its client. */
export class CapViolation extends Error {}

/**
 * Asserts after every change that no limit is exceeded further than when it was lowered: a lowered limit may be below
 * what is sold and in carts, but from then on that excess only falls.
 */
export class CapGuard {
  private readonly tolerated = new Map<string, number>()
  /** All violations so far, for the control routes. */
  readonly violations: string[] = []

  /** `lowered`: this change set the limits themselves, so the current excess is tolerated. */
  check(event: SimulatedEvent, cause: string, lowered: boolean): void {
    for (const { key, limit, taken } of allLimits(event)) {
      const excess = Math.max(0, taken - limit)
      if (!lowered && excess > (this.tolerated.get(key) ?? 0)) {
        const message = `${cause}: ${key} has ${taken} taken of ${limit}`
        this.violations.push(message)
        throw new CapViolation(message)
      }
      this.tolerated.set(key, excess)
    }
  }
}
