import type { CallContext, Outcome } from '../port.js'
import type { EventbriteClient } from './client.js'
import { requireCount, requireId, requireObject } from './fields.js'
import { afterLanding, ok, rejected } from './outcomes.js'
import { readAll } from './pages.js'

export interface InventoryTier {
  id: string
  total: number
  /** Sold and in open carts. */
  taken: number
}

const MOST_TIERS = 50

export function readInventoryTier(item: unknown): InventoryTier {
  const where = 'inventory_tiers'
  const tier = requireObject(item, where)
  const pending = tier.quantity_pending === undefined ? 0 : requireCount(tier, 'quantity_pending', where)
  const total = tier.quantity_total === null ? 0 : requireCount(tier, 'quantity_total', where)
  return { id: requireId(tier, 'id', where), total, taken: requireCount(tier, 'quantity_sold', where) + pending }
}

/**
 * Divides an event's cap among its tiers in proportion to the room they have now: none below what is taken there, none
 * below 1. The sum exceeds `cap` only where those floors do.
 */
export function spreadOverTiers(cap: number, tiers: InventoryTier[]): Map<string, number> {
  const floors = tiers.map((tier) => Math.max(1, tier.taken))
  const room = Math.max(0, cap - floors.reduce((sum, floor) => sum + floor, 0))
  const weights = tiers.map((tier, i) => Math.max(0, tier.total - (floors[i] ?? 0)))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let weightSoFar = 0
  let givenSoFar = 0
  const shares = tiers.map((tier, i) => {
    // Cumulative rounding: the shares always add up to the room.
    weightSoFar += total === 0 ? 1 / tiers.length : (weights[i] ?? 0) / total
    const given = i === tiers.length - 1 ? room - givenSoFar : Math.round(room * weightSoFar) - givenSoFar
    givenSoFar += given
    return [tier.id, (floors[i] ?? 1) + given] as const
  })
  return new Map(shares)
}

/**
 * Caps an event whose stock is kept in tiers; answers the cap that stands. 1 call and one per tier that changes,
 * shrinking ones first. `null`: the event has no tiers.
 */
export async function writeTieredCap(
  client: EventbriteClient,
  eventId: string,
  cap: number,
  context: CallContext,
): Promise<Outcome<number | null>> {
  const path = ['events', eventId, 'inventory_tiers']
  const call = { path, operation: 'read_inventory_tiers' }
  const listed = await readAll(client, call, 'inventory_tiers', readInventoryTier, context)
  if (listed.kind !== 'OK') return listed
  const tiers = listed.value
  if (tiers.length === 0) return ok(null)
  if (tiers.length > MOST_TIERS) return rejected('TOO_MANY_TIERS', `more than ${MOST_TIERS} inventory tiers`)
  const shares = spreadOverTiers(cap, tiers)
  const changed = tiers.filter((tier) => shares.get(tier.id) !== tier.total)
  const growth = (tier: InventoryTier) => (shares.get(tier.id) ?? 0) - tier.total
  let landed = false
  for (const tier of changed.toSorted((a, b) => growth(a) - growth(b))) {
    const body = { inventory_tier: { quantity_total: shares.get(tier.id) } }
    const written = await client.post({ path: [...path, tier.id], operation: 'write_inventory_tier' }, body, context)
    if (written.kind !== 'OK') return landed ? afterLanding(written, `tier ${tier.id} failed`) : written
    landed = true
  }
  return ok([...shares.values()].reduce((sum, share) => sum + share, 0))
}
