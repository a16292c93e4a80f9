import type { LedgerAccount, Balances } from './ledger-account.js'

/**
 * One posting of an operation: `quantity` units from the sources, in order, to the destination.
 * - `overflow`: what the sources lack comes from this contra account, so that the posting is never refused.
 * - `repay`: what this contra account owes is filled up before anything reaches the destination.
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
 * The rule that `lua/take.lua` carries out in Redis: all postings or none.
 * Answers the movements made and the balances after them, or null when a posting without overflow finds too little.
 */
export function applyPostings(
  before: Balances,
  postings: readonly Posting[],
): { movements: Movement[]; balances: Balances } | null {
  const balances = { ...before }
  const movements: Movement[] = []
  const move = (from: LedgerAccount, to: LedgerAccount, quantity: number) => {
    if (quantity <= 0) return
    balances[from] -= quantity
    balances[to] += quantity
    movements.push({ from, to, quantity })
  }
  for (const posting of postings) {
    const give = (from: LedgerAccount, quantity: number) => {
      const owed = posting.repay ? Math.min(quantity, -balances[posting.repay]) : 0
      if (posting.repay) move(from, posting.repay, owed)
      move(from, posting.destination, quantity - owed)
    }
    let missing = posting.quantity
    for (const source of posting.sources) {
      const part = Math.min(missing, Math.max(0, balances[source]))
      give(source, part)
      missing -= part
    }
    if (missing > 0) {
      if (!posting.overflow) return null
      move(posting.overflow, posting.destination, missing)
    }
  }
  return { movements, balances }
}

/** Units that were oversold by these movements. */
export function oversoldUnits(movements: readonly Movement[]): number {
  return movements.filter(({ from }) => from === 'OVERSOLD').reduce((sum, { quantity }) => sum + quantity, 0)
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
