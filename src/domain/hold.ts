import { allocated, sold, type LedgerAccount } from './stock/ledger-account.js'
import { DIRECT } from './channel.js'
import type { Posting, Movement } from './stock/posting.js'

export const HOLD_STATES = ['HELD', 'CONFIRMED', 'EXPIRED', 'RELEASED', 'PAYMENT_PENDING', 'PAYMENT_FAILED'] as const
export type HoldState = (typeof HOLD_STATES)[number]

/** States in which the units are in the HELD account. */
export const LIVE_HOLD_STATES = ['HELD', 'PAYMENT_PENDING'] as const satisfies readonly HoldState[]

export const HOLD_SOURCES = ['DIRECT', 'SAFETY_STOCK'] as const
export type HoldSource = (typeof HOLD_SOURCES)[number]

/** Past its time: it can no longer be bought, even if its units were not returned yet. */
export function isOverdue({ state, expiresAt }: { state: HoldState; expiresAt: Date }, now: Date): boolean {
  return state === 'HELD' && expiresAt <= now
}

/** Units by source account; they are returned to the same accounts. */
export interface HoldOrigin {
  fromAllocated: number
  fromUnallocated: number
  fromSafety: number
}

const ACCOUNT_OF: Record<keyof HoldOrigin, LedgerAccount> = {
  fromAllocated: allocated(DIRECT),
  fromUnallocated: 'UNALLOCATED',
  fromSafety: 'SAFETY',
}
const PARTS = Object.keys(ACCOUNT_OF) as (keyof HoldOrigin)[]

/**
 * Source accounts of a hold, in order. `free`: also units that belong to no channel; must be false while a platform
 * is uncovered, since it may sell these units itself.
 */
export function holdAccounts(source: HoldSource, free: boolean): LedgerAccount[] {
  if (source === 'SAFETY_STOCK') return ['SAFETY']
  return free ? [allocated(DIRECT), 'UNALLOCATED'] : [allocated(DIRECT)]
}

/** Units that movements took from each source account. */
export function originOf(movements: readonly Movement[]): HoldOrigin {
  const from = (account: LedgerAccount) =>
    movements.filter((movement) => movement.from === account).reduce((sum, { quantity }) => sum + quantity, 0)
  return Object.fromEntries(PARTS.map((part) => [part, from(ACCOUNT_OF[part])])) as unknown as HoldOrigin
}

/** Postings that return a hold's units to their source accounts. */
export function returnPostings(origin: HoldOrigin): Posting[] {
  return PARTS.filter((part) => origin[part] > 0).map((part) => ({
    quantity: origin[part],
    sources: ['HELD'],
    destination: ACCOUNT_OF[part],
  }))
}

export function salePostings(quantity: number): Posting[] {
  return [{ quantity, sources: ['HELD'], destination: sold(DIRECT) }]
}

/**
 * Sold units that a cancelled order returns: to the safety stock what came from it, and the others to free units, which
 * are not put back on sale during a red alarm. Oversold tickets are covered first.
 */
export function cancellationPostings(quantity: number, fromSafety: number): Posting[] {
  const sources = [sold(DIRECT)]
  const parts = [
    { quantity: quantity - fromSafety, sources, destination: 'UNALLOCATED', repay: 'OVERSOLD' },
    { quantity: fromSafety, sources, destination: 'SAFETY', repay: 'OVERSOLD' },
  ] as const
  return parts.filter((part) => part.quantity > 0)
}

/** Actions on a live hold; `paid` and `unpaid` end a payment. */
export type HoldAction = 'confirm' | 'release' | 'expire' | 'paid' | 'unpaid'
export type FinalHoldState = Exclude<HoldState, (typeof LIVE_HOLD_STATES)[number]>

/** Outcomes for a hold without a payment in progress. */
const OUTCOME: Partial<Record<HoldAction, FinalHoldState>> = { confirm: 'CONFIRMED', release: 'RELEASED' }
const PAYMENT_OUTCOME: Partial<Record<HoldAction, FinalHoldState>> = { paid: 'CONFIRMED', unpaid: 'PAYMENT_FAILED' }

/**
 * The final state of a hold after an action; null: unchanged. An overdue hold can only expire, for any action, so that
 * the outcome does not depend on which request arrives first. A hold with a payment in progress does not expire:
 * only the payment ends it.
 */
export function resolvedState(state: HoldState, overdue: boolean, action: HoldAction): FinalHoldState | null {
  if (state === 'PAYMENT_PENDING') return PAYMENT_OUTCOME[action] ?? null
  if (state !== 'HELD' || action in PAYMENT_OUTCOME) return null
  return overdue ? 'EXPIRED' : (OUTCOME[action] ?? null)
}
