import { MAX_CAP, type CallContext, type Outcome } from '../port.js'
import type { EventbriteClient } from './client.js'
import { requireCount, requireId, requireLimit, requireObject } from './fields.js'
import { afterLanding, ok, rejected } from './outcomes.js'
import { readAll } from './pages.js'
import type { ClassSale } from './ticket-class.js'
import type { TierStock } from './tier-shares.js'

const MAX_TIERS = 50

/** `total` is `MAX_CAP` where nothing limits the tier. @throws ContractViolation */
export function readInventoryTier(item: unknown): TierStock {
  const where = 'inventory_tiers'
  const tier = requireObject(item, where)
  const pending = tier.quantity_pending === undefined ? 0 : requireCount(tier, 'quantity_pending', where)
  const total = tier.quantity_total === null ? 0 : requireLimit(tier, 'quantity_total', where)
  return {
    id: requireId(tier, 'id', where),
    total: total === 'UNLIMITED' ? MAX_CAP : total,
    taken: requireCount(tier, 'quantity_sold', where) + pending,
  }
}

/** The tiers of an event; none where its stock is kept otherwise. 1 call. */
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

/** Tiers of which every class is hidden: nobody without a code can buy there. None where all are. */
export function hiddenTiers(classes: readonly ClassSale[], tiers: readonly TierStock[]): Set<string> {
  const shown = new Set(classes.flatMap(({ hidden, tierId }) => (hidden || tierId === null ? [] : [tierId])))
  const hidden = classes.flatMap(({ hidden, tierId }) =>
    hidden && tierId !== null && !shown.has(tierId) ? [tierId] : [],
  )
  return tiers.every(({ id }) => hidden.includes(id)) ? new Set() : new Set(hidden)
}

/** Writes each tier's share, shrinking ones first; answers their sum, the cap that stands. 1 call per tier that changes. */
export async function writeShares(
  client: EventbriteClient,
  eventId: string,
  tiers: readonly TierStock[],
  shares: ReadonlyMap<string, number>,
  context: CallContext,
): Promise<Outcome<number>> {
  const changed = tiers.filter((tier) => shares.get(tier.id) !== tier.total)
  const growth = (tier: TierStock) => (shares.get(tier.id) ?? 0) - tier.total
  let shrunk = false
  let grown = false
  for (const tier of changed.toSorted((a, b) => growth(a) - growth(b))) {
    const body = { inventory_tier: { quantity_total: shares.get(tier.id) } }
    const path = [...tiersOf(eventId), tier.id]
    const written = await client.post({ path, operation: 'write_inventory_tier' }, body, context)
    if (written.kind !== 'OK') {
      // A refusal after shrinks alone leaves less than what is on record, and the whole is written again.
      const harmless = !grown && (!shrunk || written.kind === 'REJECTED')
      return harmless ? written : afterLanding(written, `tier ${tier.id} failed`)
    }
    grown ||= growth(tier) > 0
    shrunk ||= growth(tier) < 0
  }
  return ok([...shares.values()].reduce((sum, share) => sum + share, 0))
}

function tiersOf(eventId: string): string[] {
  return ['events', eventId, 'inventory_tiers']
}
