import type { FinalHoldState } from '../domain/hold.js'
import type { Hold } from '../generated/prisma/client.js'
import type { Transaction } from '../infrastructure/prisma/transaction.js'

/** Updates waitlist entries whose offered holds were resolved. */
export async function updateResolvedEntries(
  tx: Transaction,
  resolved: readonly { hold: Pick<Hold, 'id' | 'accountId'>; to: FinalHoldState }[],
  now: Date,
): Promise<void> {
  const offers = resolved.filter(({ hold }) => hold.accountId === null)
  for (const state of ['CONFIRMED', 'LAPSED'] as const) {
    const ids = offers.filter(({ to }) => (to === 'CONFIRMED') === (state === 'CONFIRMED')).map(({ hold }) => hold.id)
    if (ids.length === 0) continue
    const where = { holdId: { in: ids }, state: 'OFFERED' } as const
    await tx.waitlistEntry.updateMany({ where, data: { state, settledAt: now } })
  }
}
