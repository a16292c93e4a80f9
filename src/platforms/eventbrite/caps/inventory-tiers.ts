import { MAX_CAP, type CallContext, type Outcome } from '../../port.js'
import type { EventbriteClient } from '../client/client.js'
import { requireId, requireObject } from '../../kit/response-shape.js'
import { afterWrite, ok, rejected } from '../../kit/outcomes.js'
import { requireCount, requireLimit } from '../client/contract.js'
import { readAll } from '../client/pages.js'
import type { ClassSale } from './ticket-class.js'
import type { TierStock } from './tier-shares.js'

const MAX_TIERS = 50

/** `total` is `MAX_CAP` for an unlimited tier. @throws ContractError */
export function readInventoryTier(item: unknown): TierStock {
  const where = 'inventory_tiers'
  const tier = requireObject(item, where)
  const pending = tier.quantity_pending === undefined ? 0 : requireCount(tier, 'quantity_pending', where)
  const total = tier.quantity_total === null ? 0 : requireLimit(tier, 'quantity_total', where)
  return {
    id: requireId(tier.id, `${where}.id`),
    total: total === 'UNLIMITED' ? MAX_CAP : total,
    taken: requireCount(tier, 'quantity_sold', where) + pending,
  }
}

/** The inventory tiers of an event; empty where it has none. 1 call. */
export async function listTiers(
  client: EventbriteClient,
  eventId: string,
  context: CallContext,
): Promise<Outcome<TierStock[]>> {
  const call = { path: tiersOf(eventId), operation: 'read_inventory_tiers' }
  const listed = await readAll(client, call, 'inventory_tiers', readInventoryTier, context)
  if (listed.kind === 'GONE') return ok([])
  if (listed.kind !== 'OK' || listed.value.length <= MAX_TIERS) return listed
  return rejected('TOO_MANY_TIERS', `more than ${MAX_TIERS} inventory tiers`)
}

/** Tiers with hidden classes only, which sell by access code only. Empty where that applies to all tiers. */
export function hiddenTiers(classes: readonly ClassSale[], tiers: readonly TierStock[]): Set<string> {
  const visible = new Set(classes.flatMap(({ hidden, tierId }) => (hidden || tierId === null ? [] : [tierId])))
  const hidden = classes.flatMap(({ hidden, tierId }) =>
    hidden && tierId !== null && !visible.has(tierId) ? [tierId] : [],
  )
  return tiers.every(({ id }) => hidden.includes(id)) ? new Set() : new Set(hidden)
}

/** Writes each tier's share, reductions first. Returns their sum, the cap in force. 1 call per tier that changes. */
export async function writeShares(
  client: EventbriteClient,
  eventId: string,
  tiers: readonly TierStock[],
  shares: ReadonlyMap<string, number>,
  context: CallContext,
): Promise<Outcome<number>> {
  const changed = tiers.filter((tier) => shares.get(tier.id) !== tier.total)
  const growth = (tier: TierStock) => (shares.get(tier.id) ?? 0) - tier.total
  let lowered = false
  let raised = false
  for (const tier of changed.toSorted((a, b) => growth(a) - growth(b))) {
    const body = { inventory_tier: { quantity_total: shares.get(tier.id) } }
    const path = [...tiersOf(eventId), tier.id]
    const written = await client.post({ path, operation: 'write_inventory_tier' }, body, context)
    if (written.kind !== 'OK') {
      // After reductions only, a refusal leaves less than recorded, and the next write sets all tiers again.
      const harmless = !raised && (!lowered || written.kind === 'REJECTED')
      return harmless ? written : afterWrite(written, `tier ${tier.id} failed`)
    }
    raised ||= growth(tier) > 0
    lowered ||= growth(tier) < 0
  }
  return ok([...shares.values()].reduce((sum, share) => sum + share, 0))
}

function tiersOf(eventId: string): string[] {
  return ['events', eventId, 'inventory_tiers']
}
