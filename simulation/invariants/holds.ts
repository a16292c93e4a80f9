import type { HoldRow } from '../../src/adapters/memory/rows.js'
import { LIVE_HOLD_STATES, type HoldState } from '../../src/domain/hold.js'
import type { World } from '../world/world.js'
import type { Invariant } from './invariant.js'
import { violation, type Violation } from './violation.js'

const isLive = ({ state }: HoldRow) => (LIVE_HOLD_STATES as readonly HoldState[]).includes(state)

/**
 * I5: a hold resolves once. Its final state never changes, exactly one operation of the ledger belongs to it, and what is
 * in HELD is what the live holds of the event have.
 */
export function holdInvariant(): Invariant {
  const known = new Map<string, HoldRow>()
  return (world) => {
    const changed = world.database.holds.where(null, (hold) => known.get(hold.id) !== hold)
    const violations = changed.flatMap((hold) => problemsOf(world, known.get(hold.id), hold))
    for (const hold of changed) known.set(hold.id, hold)
    return [...violations, ...world.events.flatMap(({ id }) => unitsHeld(world, id))]
  }
}

function problemsOf(world: World, before: HoldRow | undefined, hold: HoldRow): Violation[] {
  const { id, state } = hold
  if (before && !isLive(before) && before.state !== state)
    return [violation('I5', `hold ${id} was ${before.state} and is ${state}`)]
  const committed = committedOutcomes(world, hold)
  // A late payment posts an operation of its own for the hold that it creates.
  const isReplacement = world.database.payments.where(null, ({ replacementHoldId }) => replacementHoldId === id)[0]
  const expected = isLive(hold) || isReplacement ? '' : state.toLowerCase()
  if (committed.join() === expected) return []
  return [violation('I5', `hold ${id} is ${state}, and the ledger has: ${committed.join() || 'nothing'}`)]
}

/** One entry per committed operation. An operation that was voided is posted again under its id and `:retry_…`. */
function committedOutcomes(world: World, { id, eventId }: HoldRow): string[] {
  const operations = world.database.operations.whereKey(
    null,
    'eventId',
    eventId,
    ({ operationId, outcome }) => outcome === 'COMMITTED' && operationId.startsWith(`hold:${id}:`),
  )
  return operations.map(({ operationId }) => operationId.split(':')[2] ?? '').filter((outcome) => outcome !== 'taken')
}

function unitsHeld(world: World, eventId: string): Violation[] {
  const live = world.database.holds.whereKey(null, 'eventId', eventId, isLive)
  const units = live.reduce((sum, { quantity }) => sum + quantity, 0)
  const { HELD } = world.balancesOf(eventId)
  if (HELD === units) return []
  return [violation('I5', `${eventId}: ${HELD} units are held in the ledger, ${units} by live holds`)]
}
