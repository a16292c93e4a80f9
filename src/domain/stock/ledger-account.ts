import type { ChannelRef } from '../channel.js'

type FixedAccount = 'CAPACITY' | 'UNALLOCATED' | 'IN_TRANSIT' | 'SAFETY' | 'HELD' | 'OVERSOLD'
type ChannelAccount = `ALLOCATED:${string}` | `SOLD:${string}`

/**
 * The ledger accounts of one event; each channel has two, named by its id. A movement transfers units from one account to
 * another. CAPACITY is the external account (its balance is −capacity); OVERSOLD is a contra account (never above 0).
 */
export type LedgerAccount = FixedAccount | ChannelAccount

export const FIXED_ACCOUNTS = [
  'CAPACITY',
  'UNALLOCATED',
  'IN_TRANSIT',
  'SAFETY',
  'HELD',
  'OVERSOLD',
] as const satisfies readonly FixedAccount[]

const ALLOCATED = 'ALLOCATED:'
const SOLD = 'SOLD:'

export const allocated = ({ id }: ChannelRef): ChannelAccount => `${ALLOCATED}${id}`
export const sold = ({ id }: ChannelRef): ChannelAccount => `${SOLD}${id}`

/** The id of the channel whose sales an account counts; null: another account. */
export function sellerOf(account: LedgerAccount): string | null {
  return account.startsWith(SOLD) ? account.slice(SOLD.length) : null
}

/** Units per account; an account without an entry is empty. With CAPACITY they sum to 0, without it to the capacity (I1). */
export type Balances = Record<FixedAccount, number> & { [account: ChannelAccount]: number }

export function emptyBalances(): Balances {
  return { CAPACITY: 0, UNALLOCATED: 0, IN_TRANSIT: 0, SAFETY: 0, HELD: 0, OVERSOLD: 0 }
}

export function unitsOf(balances: Balances, account: LedgerAccount): number {
  return balances[account] ?? 0
}

/** All accounts with an entry. */
export function accountsOf(balances: Balances): LedgerAccount[] {
  return Object.keys(balances) as LedgerAccount[]
}

/** Accounts whose units differ. */
export function differingAccounts(a: Balances, b: Balances): LedgerAccount[] {
  const accounts = new Set([...accountsOf(a), ...accountsOf(b)])
  return [...accounts].filter((account) => unitsOf(a, account) !== unitsOf(b, account))
}

export function capacityOf(balances: Balances): number {
  return -balances.CAPACITY
}

/** Tickets sold on all channels. */
export function soldTotal(balances: Balances): number {
  return sumOf(balances, SOLD)
}

/** Units that channels may still sell. */
export function allocatedTotal(balances: Balances): number {
  return sumOf(balances, ALLOCATED)
}

/** Whether no channel has a ticket left, and none can be given to one but by cancellations, held tickets or the safety stock. */
export function isSoldOut(balances: Balances): boolean {
  return allocatedTotal(balances) + balances.UNALLOCATED + balances.IN_TRANSIT <= 0
}

function sumOf(balances: Balances, prefix: string): number {
  return accountsOf(balances)
    .filter((account) => account.startsWith(prefix))
    .reduce((sum, account) => sum + unitsOf(balances, account), 0)
}

/** Describes the first violation of I1, or null: no account below 0 (OVERSOLD: above 0), all accounts sum to 0. */
export function findInvariantViolation(balances: Balances): string | null {
  const accounts = accountsOf(balances)
  for (const account of accounts) {
    const units = unitsOf(balances, account)
    const contra = account === 'OVERSOLD' || account === 'CAPACITY'
    if (contra ? units > 0 : units < 0) return `${account} is ${units}`
  }
  const total = accounts.reduce((sum, account) => sum + unitsOf(balances, account), 0)
  return total === 0 ? null : `the accounts differ from the capacity by ${total}`
}
