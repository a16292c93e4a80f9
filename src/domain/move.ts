import type { Account, Balances } from './account.js'

/**
 * One leg of a decision: `quantity` units to `to`, from the sources in order.
 * - `overflow`: what the sources lack comes from this contra account, so that the leg is never refused.
 * - `repay`: what this contra account owes is filled up before anything reaches `to`.
 */
export interface Leg {
  quantity: number
  from: readonly Account[]
  to: Account
  overflow?: Account
  repay?: Account
}

export interface Movement {
  from: Account
  to: Account
  quantity: number
}

/**
 * The rule that `lua/take.lua` carries out in Redis: all legs or none.
 * Answers the movements made and the balances after them, or null when a leg without overflow finds too little.
 */
export function applyLegs(
  before: Balances,
  legs: readonly Leg[],
): { movements: Movement[]; balances: Balances } | null {
  const balances = { ...before }
  const movements: Movement[] = []
  const move = (from: Account, to: Account, quantity: number) => {
    if (quantity <= 0) return
    balances[from] -= quantity
    balances[to] += quantity
    movements.push({ from, to, quantity })
  }
  for (const leg of legs) {
    const give = (from: Account, quantity: number) => {
      const owed = leg.repay ? Math.min(quantity, -balances[leg.repay]) : 0
      if (leg.repay) move(from, leg.repay, owed)
      move(from, leg.to, quantity - owed)
    }
    let missing = leg.quantity
    for (const source of leg.from) {
      const part = Math.min(missing, Math.max(0, balances[source]))
      give(source, part)
      missing -= part
    }
    if (missing > 0) {
      if (!leg.overflow) return null
      move(leg.overflow, leg.to, missing)
    }
  }
  return { movements, balances }
}

/** The balances after movements that were already decided. */
export function replay(before: Balances, movements: readonly Movement[]): Balances {
  const balances = { ...before }
  for (const { from, to, quantity } of movements) {
    balances[from] -= quantity
    balances[to] += quantity
  }
  return balances
}
