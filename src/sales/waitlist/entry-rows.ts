import type { FinalHoldState } from '../../domain/hold.js'
import type { Hold } from '../../generated/prisma/client.js'
import type { Transaction } from '../../inventory/ledger.js'

/** Entries of the waitlist follow the holds that were offered to them. */
export async function settleEntries(
  tx: Transaction,
  settled: readonly { hold: Pick<Hold, 'id' | 'accountId'>; to: FinalHoldState }[],
  now: Date,
): Promise<void> {
  const offers = settled.filter(({ hold }) => hold.accountId === null)
  for (const state of ['CONFIRMED', 'LAPSED'] as const) {
    const ids = offers.filter(({ to }) => (to === 'CONFIRMED') === (state === 'CONFIRMED')).map(({ hold }) => hold.id)
    if (ids.length === 0) continue
    const where = { holdId: { in: ids }, state: 'OFFERED' } as const
    await tx.waitlistEntry.updateMany({ where, data: { state, settledAt: now } })
  }
}
