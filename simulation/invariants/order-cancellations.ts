import { DIRECT } from '../../src/domain/channel.js'
import { emptyBalances, sold, type Balances } from '../../src/domain/stock/ledger-account.js'
import { replay } from '../../src/domain/stock/posting.js'
import type { MovementRow, OrderRow } from '../../src/adapters/memory/rows.js'
import type { World } from '../world/world.js'
import type { Invariant } from './invariant.js'
import { violation, type Violation } from './violation.js'

// A voided operation is posted again under its id and `:retry_…`.
const CANCELLED = /^order:([^:]*):cancelled(:|$)/

/**
 * I3: a direct order is cancelled by staff only, and stays cancelled once a response has confirmed it. What it returns to the
 * stock, once, is what it had sold: to oversold tickets while there are any, else to the safety stock what came from there,
 * and to the free units the rest.
 */
export function orderCancellationInvariant(): Invariant {
  let checked = 0
  const balances = new Map<string, Balances>()
  const returned = new Map<string, number>()
  return (world) => {
    const movements = world.database.movements.where(null)
    const recent = operationsOf(movements.slice(checked))
    checked = movements.length
    const violations = recent.flatMap((operation): Violation[] => {
      const [{ eventId, operationId }] = operation
      const before = balances.get(eventId) ?? emptyBalances()
      balances.set(eventId, replay(before, operation))
      const orderId = CANCELLED.exec(operationId)?.[1]
      if (orderId === undefined) return []
      returned.set(orderId, (returned.get(orderId) ?? 0) + unitsTo(operation))
      return wrongDestinations(world, orderId, operation, -before.OVERSOLD)
    })
    const direct = world.database.orders.where(null, ({ platform }) => platform === 'DIRECT')
    return [...violations, ...direct.flatMap((order) => problemOf(world, order, returned.get(order.id) ?? 0))]
  }
}

type Operation = readonly [MovementRow, ...MovementRow[]]

/** The movements of each operation, which are next to each other. */
function operationsOf(movements: readonly MovementRow[]): Operation[] {
  const operations: [MovementRow, ...MovementRow[]][] = []
  for (const movement of movements) {
    const last = operations.at(-1)
    if (last?.[0].operationId === movement.operationId) last.push(movement)
    else operations.push([movement])
  }
  return operations
}

/** Undefined: to any account. */
function unitsTo(operation: Operation, account?: string): number {
  return operation
    .filter(({ from, to }) => from === sold(DIRECT) && to === (account ?? to))
    .reduce((sum, { quantity }) => sum + quantity, 0)
}

/** `oversold`: tickets that were, before it. */
function wrongDestinations(world: World, orderId: string, operation: Operation, oversold: number): Violation[] {
  const quantity = ticketsOf(world, orderId)
  const hold = world.database.holds.where(null, (row) => row.orderId === orderId)[0]
  const fromSafety = hold?.fromSafety ?? quantity
  const covered = Math.min(oversold, quantity)
  const toSafety = Math.min(fromSafety, quantity - covered)
  const expected = { OVERSOLD: covered, SAFETY: toSafety, UNALLOCATED: quantity - covered - toSafety }
  return Object.entries(expected).flatMap(([account, units]) => {
    const actual = unitsTo(operation, account)
    if (actual === units) return []
    return [violation('I3', `order ${orderId} of ${quantity} returns ${actual} to ${account}, not ${units}`)]
  })
}

function problemOf(world: World, { id, state }: OrderRow, returned: number): Violation[] {
  const cancellation = world.direct.cancellationOf(id)
  if (state === 'PLACED' && cancellation?.done) return [violation('I3', `order ${id} is placed after it was cancelled`)]
  if (state === 'CANCELLED' && !cancellation) return [violation('I3', `order ${id} is cancelled without a request`)]
  const expected = state === 'CANCELLED' ? ticketsOf(world, id) : 0
  if (returned === expected) return []
  return [violation('I3', `order ${id} is ${state}, and has returned ${returned} units instead of ${expected}`)]
}

/** All that were issued. */
function ticketsOf({ database }: World, orderId: string): number {
  return database.tickets.whereKey(null, 'orderId', orderId).length
}
