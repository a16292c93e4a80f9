import { emptyBalances, type LedgerAccount, type Balances } from '../domain/ledger-account.js'
import type { Balance } from '../generated/prisma/client.js'

type Column = Exclude<keyof Balance, 'eventId' | 'epoch' | 'capacity'>

/** Column of the balances row for each account. CAPACITY is stored with the opposite sign, as `capacity`. */
const COLUMN: Record<Exclude<LedgerAccount, 'CAPACITY'>, Column> = {
  UNALLOCATED: 'unallocated',
  IN_TRANSIT: 'inTransit',
  SAFETY: 'safety',
  HELD: 'held',
  OVERSOLD: 'oversold',
  'ALLOCATED:MEETUP': 'allocatedMeetup',
  'ALLOCATED:EVENTBRITE': 'allocatedEventbrite',
  'ALLOCATED:LUMA': 'allocatedLuma',
  'ALLOCATED:DIRECT': 'allocatedDirect',
  'SOLD:MEETUP': 'soldMeetup',
  'SOLD:EVENTBRITE': 'soldEventbrite',
  'SOLD:LUMA': 'soldLuma',
  'SOLD:DIRECT': 'soldDirect',
}

export function balancesOf(row: Balance): Balances {
  const balances = emptyBalances()
  balances.CAPACITY = -row.capacity
  for (const [account, column] of Object.entries(COLUMN)) balances[account as LedgerAccount] = row[column]
  return balances
}

export function columnsOf(balances: Balances): Record<Column | 'capacity', number> {
  const columns = { capacity: -balances.CAPACITY } as Record<Column | 'capacity', number>
  for (const [account, column] of Object.entries(COLUMN)) columns[column] = balances[account as LedgerAccount]
  return columns
}
