import { unitsOf, type LedgerAccount, type Balances } from './ledger-account.js'

/**
 * One posting of an operation: `quantity` units from the sources, in order, to the destination.
 * - `overflow`: contra account that supplies what the sources lack, so that the posting never fails.
 * - `repay`: contra account whose negative balance is repaid before any units reach the destination.
 */
export interface Posting {
  quantity: number
  sources: readonly LedgerAccount[]
  destination: LedgerAccount
  overflow?: LedgerAccount
  repay?: LedgerAccount
}

export interface Movement {
  from: LedgerAccount
  to: LedgerAccount
  quantity: number
}

/**
 * Reference implementation of `lua/take.lua`: applies all postings or none.
 * Returns the movements and the balances after them, or null if a posting without overflow has insufficient units.
 */
export function applyPostings(
  before: Balances,
  postings: readonly Posting[],
): { movements: Movement[]; balances: Balances } | null {
  const balances = { ...before }
  const movements: Movement[] = []
  const move = (from: LedgerAccount, to: LedgerAccount, quantity: number) => {
    if (quantity <= 0) return
    const movement = { from, to, quantity }
    transferUnits(balances, movement)
    movements.push(movement)
  }
  for (const posting of postings) {
    const transfer = (from: LedgerAccount, quantity: number) => {
      const repaid = posting.repay ? Math.min(quantity, -unitsOf(balances, posting.repay)) : 0
      if (posting.repay) move(from, posting.repay, repaid)
      move(from, posting.destination, quantity - repaid)
    }
    let missing = posting.quantity
    for (const source of posting.sources) {
      const part = Math.min(missing, Math.max(0, unitsOf(balances, source)))
      transfer(source, part)
      missing -= part
    }
    if (missing > 0) {
      if (!posting.overflow) return null
      move(posting.overflow, posting.destination, missing)
    }
  }
  return { movements, balances }
}

/** Units oversold by these movements. */
export function oversoldUnits(movements: readonly Movement[]): number {
  return movements.filter(({ from }) => from === 'OVERSOLD').reduce((sum, { quantity }) => sum + quantity, 0)
}

/** Applies recorded movements to balances, without checks. */
export function replay(before: Balances, movements: readonly Movement[]): Balances {
  const balances = { ...before }
  for (const movement of movements) transferUnits(balances, movement)
  return balances
}

function transferUnits(balances: Balances, { from, to, quantity }: Movement): void {
  balances[from] = unitsOf(balances, from) - quantity
  balances[to] = unitsOf(balances, to) + quantity
}
