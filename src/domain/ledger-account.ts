import { CHANNELS, type ChannelName } from './channel.js'

/**
 * The ledger accounts of one event. A movement transfers units from one account to another.
 * CAPACITY is the external account (its balance is −capacity); OVERSOLD is a contra account (never above 0).
 */
export type LedgerAccount =
  | 'CAPACITY'
  | 'UNALLOCATED'
  | 'IN_TRANSIT'
  | 'SAFETY'
  | 'HELD'
  | 'OVERSOLD'
  | `ALLOCATED:${ChannelName}`
  | `SOLD:${ChannelName}`

export const allocated = (channel: ChannelName): LedgerAccount => `ALLOCATED:${channel}`
export const sold = (channel: ChannelName): LedgerAccount => `SOLD:${channel}`

export const LEDGER_ACCOUNTS: readonly LedgerAccount[] = [
  'CAPACITY',
  'UNALLOCATED',
  'IN_TRANSIT',
  'SAFETY',
  'HELD',
  'OVERSOLD',
  ...CHANNELS.map(allocated),
  ...CHANNELS.map(sold),
]

/** Units per account. With CAPACITY they sum to 0, without it to the capacity (I1). */
export type Balances = Record<LedgerAccount, number>

export function emptyBalances(): Balances {
  return Object.fromEntries(LEDGER_ACCOUNTS.map((account) => [account, 0])) as Balances
}

export function capacityOf(balances: Balances): number {
  return -balances.CAPACITY
}

export function soldTotal(balances: Balances): number {
  return CHANNELS.reduce((sum, channel) => sum + balances[sold(channel)], 0)
}

/** Describes the first violation of I1, or null: no account below 0 (OVERSOLD: above 0), all accounts sum to 0. */
export function findInvariantViolation(balances: Balances): string | null {
  for (const account of LEDGER_ACCOUNTS) {
    const contra = account === 'OVERSOLD' || account === 'CAPACITY'
    if (contra ? balances[account] > 0 : balances[account] < 0) return `${account} is ${balances[account]}`
  }
  const total = LEDGER_ACCOUNTS.reduce((sum, account) => sum + balances[account], 0)
  return total === 0 ? null : `the accounts differ from the capacity by ${total}`
}
