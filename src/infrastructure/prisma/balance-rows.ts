import {
  emptyBalances,
  unitsOf,
  accountsOf,
  type LedgerAccount,
  type Balances,
} from '../../domain/stock/ledger-account.js'
import type { AccountBalance, EventLedger, Prisma } from '../../generated/prisma/client.js'

/** Loads an event's ledger with its balances: the value of `ledger` in an `include` of Prisma. */
export const WITH_BALANCES = { include: { balances: true } } as const

/** An event's ledger as loaded with `WITH_BALANCES`. */
export type LedgerRow = EventLedger & { balances: AccountBalance[] }

/** Events with tickets sold beyond the available units. */
export const IS_OVERSOLD: Prisma.EventWhereInput = {
  ledger: { balances: { some: { account: 'OVERSOLD', units: { lt: 0 } } } },
}

export function balancesOf(ledger: Pick<LedgerRow, 'balances'>): Balances {
  const balances = emptyBalances()
  for (const { account, units } of ledger.balances) balances[account as LedgerAccount] = units
  return balances
}

/** Rows of all accounts, or of those whose units differ from `before`. */
export function rowsOf(
  balances: Balances,
  before: Balances | null = null,
): { account: LedgerAccount; units: number }[] {
  return accountsOf(balances)
    .map((account) => ({ account, units: unitsOf(balances, account) }))
    .filter(({ account, units }) => before === null || unitsOf(before, account) !== units)
}
