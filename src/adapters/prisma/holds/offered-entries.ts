import { OfferedEntries } from '../../../holds/offered-entries.js'
import { clientOf } from '../../../infrastructure/prisma/transaction.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'

export class PrismaOfferedEntries extends OfferedEntries {
  async end(
    transaction: DatabaseTransaction,
    offers: readonly { holdId: string; sold: boolean }[],
    at: Date,
  ): Promise<void> {
    for (const state of ['CONFIRMED', 'LAPSED'] as const) {
      const ids = offers.filter(({ sold }) => sold === (state === 'CONFIRMED')).map(({ holdId }) => holdId)
      if (ids.length === 0) continue
      const where = { holdId: { in: ids }, state: 'OFFERED' } as const
      await clientOf(transaction).waitlistEntry.updateMany({ where, data: { state, settledAt: at } })
    }
  }

  async replace(transaction: DatabaseTransaction, holdId: string, replacementId: string, at: Date): Promise<void> {
    const data = { holdId: replacementId, state: 'CONFIRMED', settledAt: at } as const
    await clientOf(transaction).waitlistEntry.updateMany({ where: { holdId }, data })
  }
}
