import type { HoldRow, WaitlistEntryRow } from '../../src/adapters/memory/rows.js'
import { LIVE_HOLD_STATES, type HoldState } from '../../src/domain/hold.js'
import type { World } from '../world/world.js'
import type { Invariant } from './invariant.js'
import { violation } from './violation.js'

const isLive = ({ state }: HoldRow) => (LIVE_HOLD_STATES as readonly HoldState[]).includes(state)

/**
 * OFFER: an entry has one open offer at most, for exactly the units that its live hold has, none of them from the safety
 * stock; it ends with its hold, and every live hold without a buyer is the open offer of an entry.
 */
export const waitlistOfferInvariant: Invariant = (world) => {
  const { waitlistEntries, holds } = world.database
  const entries = waitlistEntries.where(null)
  const offered = new Set(entries.filter(({ state }) => state === 'OFFERED').map(({ holdId }) => holdId))
  const orphans = LIVE_HOLD_STATES.flatMap((state) => holds.whereKey(null, 'state', state))
    .filter(({ id, accountId }) => accountId === null && !offered.has(id))
    .map(({ id }) => `hold ${id} is offered to no entry`)
  const problems = entries.flatMap((entry) => problemOf(world, entry) ?? [])
  return [...orphans, ...problems].map((detail) => violation('OFFER', detail))
}

function problemOf({ database }: World, { id, state, holdId, quantity }: WaitlistEntryRow): string | null {
  if (state === 'WAITING') return holdId === null ? null : `entry ${id} waits with the hold ${holdId}`
  const hold = holdId === null ? undefined : database.holds.get(null, holdId)
  if (state === 'LEFT')
    return hold && (isLive(hold) || isSold(hold)) ? `entry ${id} has left a ${hold.state} hold` : null
  if (!hold) return `entry ${id} is ${state} without a hold`
  if (hold.quantity !== quantity || hold.accountId !== null || hold.fromSafety > 0)
    return `entry ${id} for ${quantity} has the hold ${JSON.stringify(hold)}`
  const expected = state === 'OFFERED' ? isLive(hold) : !isLive(hold) && isSold(hold) === (state === 'CONFIRMED')
  return expected ? null : `entry ${id} is ${state}, its hold is ${hold.state}`
}

const isSold = ({ state }: HoldRow) => state === 'CONFIRMED'
