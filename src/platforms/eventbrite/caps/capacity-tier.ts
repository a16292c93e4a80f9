import type { ChannelMode } from '../../../domain/channel.js'
import type { CapReading } from '../../port.js'
import { type JsonObject, requireArray, requireId, requireObject } from '../../kit/response-shape.js'
import { optionalText, requireCount, requireLimit } from '../client/contract.js'

/** Name of our hold, which reserves the one ticket that the smallest cap would leave on sale. */
export const PAUSE_HOLD_NAME = 'Sales paused'

export interface InventoryHold {
  id: string
  name: string | null
  /** Reserved and not sold: not on public sale. */
  unsold: number
}

/** Stock of the whole event. */
export interface CapacityTier {
  /** Null: not set, or 0, whose meaning is undocumented. */
  cap: CapReading
  sold: number
  /** In open carts. */
  pending: number
  holds: InventoryHold[]
}

/** Reads a capacity tier, bare or wrapped in `capacity_tier`. @throws ContractError */
export function readCapacityTier(body: JsonObject): CapacityTier {
  const where = 'capacity_tier'
  const source = tierIn(body)
  const cap = source.capacity_total === null ? 0 : requireLimit(source, 'capacity_total', where)
  const holds = source.holds === undefined || source.holds === null ? [] : requireArray(source.holds, `${where}.holds`)
  return {
    cap: cap === 0 ? null : cap,
    sold: requireCount(source, 'capacity_sold', where),
    pending: requireCount(source, 'capacity_pending', where),
    holds: holds.map(readHold),
  }
}

/** Tickets in open carts, over the whole event. @throws ContractError */
export function readPending(body: JsonObject): number {
  return requireCount(tierIn(body), 'capacity_pending', 'capacity_tier')
}

function tierIn(body: JsonObject): JsonObject {
  return body.capacity_tier === undefined ? body : requireObject(body.capacity_tier, 'capacity_tier')
}

function readHold(item: unknown): InventoryHold {
  const where = 'capacity_tier.holds'
  const hold = requireObject(item, where)
  const total = requireCount(hold, 'quantity_total', where)
  const taken = requireCount(hold, 'quantity_sold', where) + requireCount(hold, 'quantity_pending', where)
  return { id: requireId(hold.id, `${where}.id`), name: optionalText(hold, 'name'), unsold: Math.max(0, total - taken) }
}

/** The minimum total that the platform accepts: sold, in carts, and reserved by holds. */
export function floorOf(tier: CapacityTier): number {
  return tier.sold + tier.pending + tier.holds.reduce((sum, hold) => sum + hold.unsold, 0)
}

/** The cap for buyers: a ticket that our hold reserves cannot be sold. At least 1, the lowest total. */
export function capForSale(tier: CapacityTier): CapReading {
  return typeof tier.cap === 'number' ? Math.max(1, tier.cap - reservedByUs(tier)) : tier.cap
}

/** The minimum of `capForSale`: as `floorOf`, without what our hold reserves. */
export function floorForSale(tier: CapacityTier): number {
  return floorOf(tier) - reservedByUs(tier)
}

/** Tickets that our hold reserves. */
export function reservedByUs(tier: CapacityTier): number {
  return pauseHoldOf(tier)?.unsold ?? 0
}

export function pauseHoldOf(tier: CapacityTier): InventoryHold | null {
  return tier.holds.find((hold) => hold.name === PAUSE_HOLD_NAME) ?? null
}

/**
 * The mode by the tier's numbers. A cap of 1 with one unsold ticket is ambiguous: an event whose classes were closed by
 * their end of sales has the same numbers.
 */
export function modeOfTier(tier: CapacityTier): ChannelMode {
  if (tier.cap === null) return 'UNKNOWN'
  if (tier.cap === 'UNLIMITED') return 'OPEN'
  if (tier.cap <= floorOf(tier)) return 'WAITLIST_ONLY'
  return tier.cap === 1 ? 'UNKNOWN' : 'OPEN'
}

/**
 * Whether an opening was interrupted before it removed our hold: the event sells, but one ticket less than its cap. Its
 * mode must not count as open, so that it is opened again.
 */
export function isHalfOpen(tier: CapacityTier): boolean {
  return reservedByUs(tier) > 0 && modeOfTier(tier) !== 'WAITLIST_ONLY'
}
