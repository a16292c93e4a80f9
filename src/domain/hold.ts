import { allocated, sold, type LedgerAccount } from './ledger-account.js'
import type { Posting, Movement } from './posting.js'

export const HOLD_STATES = ['HELD', 'CONFIRMED', 'EXPIRED', 'RELEASED', 'PAYMENT_PENDING', 'PAYMENT_FAILED'] as const
export type HoldState = (typeof HOLD_STATES)[number]

/** States in which the units stand in the HELD account. */
export const LIVE_HOLD_STATES = ['HELD', 'PAYMENT_PENDING'] as const satisfies readonly HoldState[]

export const HOLD_SOURCES = ['DIRECT', 'SAFETY_STOCK'] as const
export type HoldSource = (typeof HOLD_SOURCES)[number]

/** Units by the account they were taken from; they go back exactly there. */
export interface HoldOrigin {
  fromAllocated: number
  fromUnallocated: number
  fromSafety: number
}

const ACCOUNT_OF: Record<keyof HoldOrigin, LedgerAccount> = {
  fromAllocated: allocated('DIRECT'),
  fromUnallocated: 'UNALLOCATED',
  fromSafety: 'SAFETY',
}
const PARTS = Object.keys(ACCOUNT_OF) as (keyof HoldOrigin)[]

/**
 * The accounts a hold may draw on, in order. `free`: also units that belong to no channel; never while a platform
 * can sell more than is kept for it, since it may sell them itself.
 */
export function holdAccounts(source: HoldSource, free: boolean): LedgerAccount[] {
  if (source === 'SAFETY_STOCK') return ['SAFETY']
  return free ? [allocated('DIRECT'), 'UNALLOCATED'] : [allocated('DIRECT')]
}

/** What the movements of a take drew from where. */
export function originOf(movements: readonly Movement[]): HoldOrigin {
  const from = (account: LedgerAccount) =>
    movements.filter((movement) => movement.from === account).reduce((sum, { quantity }) => sum + quantity, 0)
  return Object.fromEntries(PARTS.map((part) => [part, from(ACCOUNT_OF[part])])) as unknown as HoldOrigin
}

/** Gives a hold's units back to where they came from. */
export function returnPostings(origin: HoldOrigin): Posting[] {
  return PARTS.filter((part) => origin[part] > 0).map((part) => ({
    quantity: origin[part],
    sources: ['HELD'],
    destination: ACCOUNT_OF[part],
  }))
}

export function salePostings(quantity: number): Posting[] {
  return [{ quantity, sources: ['HELD'], destination: sold('DIRECT') }]
}

/** What is asked of a live hold; `paid` and `unpaid` end a payment. */
export type HoldAction = 'confirm' | 'release' | 'expire' | 'paid' | 'unpaid'
export type FinalHoldState = Exclude<HoldState, (typeof LIVE_HOLD_STATES)[number]>

/** Of a hold that is not being paid. */
const OUTCOME: Partial<Record<HoldAction, FinalHoldState>> = { confirm: 'CONFIRMED', release: 'RELEASED' }
const PAYMENT_OUTCOME: Partial<Record<HoldAction, FinalHoldState>> = { paid: 'CONFIRMED', unpaid: 'PAYMENT_FAILED' }

/**
 * The final state that an action brings a hold to; null: it stays as it is. Once overdue a hold can only expire,
 * whatever is asked of it, so that it never depends on who comes first after its time. One that is being paid has no
 * time: the payment alone ends it.
 */
export function settledState(state: HoldState, overdue: boolean, action: HoldAction): FinalHoldState | null {
  if (state === 'PAYMENT_PENDING') return PAYMENT_OUTCOME[action] ?? null
  if (state !== 'HELD' || action in PAYMENT_OUTCOME) return null
  return overdue ? 'EXPIRED' : (OUTCOME[action] ?? null)
}
