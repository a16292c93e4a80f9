import {
  accountsOf,
  differingAccounts,
  emptyBalances,
  findInvariantViolation,
  isSoldOut,
  sellerOf,
  unitsOf,
  type Balances,
} from '../../src/domain/stock/ledger-account.js'
import { replay } from '../../src/domain/stock/posting.js'
import type { MovementRow, OperationRow } from '../../src/adapters/memory/rows.js'
import type { World } from '../world/world.js'
import type { Invariant } from './invariant.js'
import { violation, type Violation } from './violation.js'

/** Why tickets may be taken back from a channel. */
const CANCELLATIONS = ['platform cancellation', 'order cancelled']
/** Why safety stock may be used without an operator. */
const SAFETY_USES = ['platform sale', 'opening']

/**
 * I1: the accounts of an event sum to 0 and none has the wrong sign. I3: sold tickets fall only by a cancellation. I9:
 * safety stock is used by an operator or a platform sale only. I14: the movements from empty give the balances. I7: what a
 * gate of an earlier epoch has accepted is not recorded any more.
 */
export function ledgerInvariant(): Invariant {
  let checkedMovements = 0
  const replayed = new Map<string, Balances>()
  /** As of the last check. */
  const epochs = new Map<string, number>()
  return (world) => {
    const { database } = world
    const movements = database.movements.where(null)
    const epochsBefore = new Map(epochs)
    for (const { eventId, epoch } of database.ledgers.where(null)) epochs.set(eventId, epoch)
    if (movements.length === checkedMovements) return []
    const recent = movements.slice(checkedMovements)
    checkedMovements = movements.length
    const violations: Violation[] = []
    for (const movement of recent) {
      const before = replayed.get(movement.eventId) ?? emptyBalances()
      replayed.set(movement.eventId, replay(before, [movement]))
      const operation = database.operations.get(null, movement.operationId)
      violations.push(...(operation ? checkMovement(movement, operation) : [orphan(movement)]))
      const epoch = epochsBefore.get(movement.eventId) ?? 0
      if (operation && operation.epoch < epoch)
        violations.push(violation('I7', `${movement.operationId} of epoch ${operation.epoch} is recorded in ${epoch}`))
    }
    for (const { eventId, soldOutSince = null } of database.ledgers.where(null)) {
      if (soldOutSince === null && isSoldOut(replayed.get(eventId) ?? emptyBalances()))
        violations.push(violation('OFFER', `${eventId} is sold out, and not on record as that`))
    }
    return [...violations, ...[...replayed].flatMap(([eventId, balances]) => compare(world, eventId, balances))]
  }
}

const orphan = ({ operationId }: MovementRow) => violation('I14', `movement without operation ${operationId}`)

function checkMovement({ from, to, quantity }: MovementRow, { reason, actor }: OperationRow): Violation[] {
  const violations: Violation[] = []
  const isCancellation = CANCELLATIONS.some((allowed) => reason.startsWith(allowed))
  if (sellerOf(from) !== null && !isCancellation)
    violations.push(violation('I3', `${quantity} tickets left ${from} because of "${reason}"`))
  if (from === 'SAFETY' && to !== 'CAPACITY' && actor === null && !SAFETY_USES.includes(reason))
    violations.push(
      violation('I9', `${quantity} units left SAFETY for ${to} because of "${reason}" without an operator`),
    )
  return violations
}

function compare(world: World, eventId: string, replayed: Balances): Violation[] {
  const recorded = world.balancesOf(eventId)
  const wrong = findInvariantViolation(recorded)
  const differing = differingAccounts(recorded, replayed)
  return [
    ...(wrong === null ? [] : [violation('I1', `${eventId}: ${wrong}`)]),
    ...differing.map((account) =>
      violation(
        'I14',
        `${eventId}: ${account} is ${unitsOf(recorded, account)}, its movements give ${unitsOf(replayed, account)}`,
      ),
    ),
    ...(accountsOf(recorded).length === 0 ? [violation('I14', `${eventId} has no balances`)] : []),
  ]
}
