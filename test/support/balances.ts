import { accountsOf, unitsOf, type Balances, type LedgerAccount } from '../../src/domain/stock/ledger-account.js'
import { ACCOUNT_NAMES, namedAccount } from '../../src/events/history/account-names.js'
import type { PrismaClient } from '../../src/generated/prisma/client.js'

/** Balances by the names that the API shows (`SOLD:LUMA`), 0 where there is no entry. */
export async function namedBalances(
  prisma: Pick<PrismaClient, 'channel'>,
  eventId: string,
  balances: Balances,
): Promise<Balances> {
  const channels = await prisma.channel.findMany({ where: { eventId } })
  const named = Object.fromEntries(ACCOUNT_NAMES.map((name) => [name, 0])) as Balances
  for (const account of accountsOf(balances)) {
    const name = namedAccount(account, channels).name as LedgerAccount
    named[name] = unitsOf(named, name) + unitsOf(balances, account)
  }
  return named
}

/** Only accounts with units: an account without an entry is empty. */
export function nonEmpty(balances: Balances): Record<string, number> {
  return Object.fromEntries(Object.entries(balances).filter(([, units]) => units !== 0))
}

/** Changes balances in one statement, without the movements that would explain it. */
export async function addUnits(
  prisma: Pick<PrismaClient, '$executeRaw'>,
  eventId: string,
  units: Partial<Record<LedgerAccount, number>>,
): Promise<void> {
  const rows = JSON.stringify(Object.entries(units).map(([account, change]) => ({ account, change })))
  await prisma.$executeRaw`
    INSERT INTO balances (event_id, account, units)
    SELECT ${eventId}, account, change + COALESCE(
      (SELECT units FROM balances b WHERE b.event_id = ${eventId} AND b.account = c.account), 0)
    FROM jsonb_to_recordset(${rows}::jsonb) AS c(account text, change int)
    ON CONFLICT (event_id, account) DO UPDATE SET units = EXCLUDED.units`
}
