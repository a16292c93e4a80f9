import { capacityOf, sold, type LedgerAccount } from '../domain/ledger-account.js'
import { DIRECT, type ChannelRef } from '../domain/channel.js'
import { ceilShare } from '../domain/ratio.js'
import type { Event, Prisma } from '../generated/prisma/client.js'
import type { LockedEvent } from '../inventory/ledger.js'
import { prismaOf } from '../infrastructure/prisma/transaction.js'

/** Reason of the movements by which allocations follow exposure, and by which loans return to the safety stock. */
export const FOLLOW_EXPOSURE_REASON = 'allocation follows exposure'

/**
 * Tickets that platform sales, of all channels or of one, borrowed from the safety stock and that are not returned: a sale
 * read before the cancellation that made room for it borrows a unit temporarily. Returns are not recorded by channel: of
 * several borrowers, each may count as having borrowed all that is outstanding.
 */
export async function safetyLoans(
  locked: LockedEvent,
  { id, safetyStockRatio }: Pick<Event, 'id' | 'safetyStockRatio'>,
  channel: ChannelRef | null = null,
): Promise<number> {
  const prisma = prismaOf(locked)
  const { balances } = locked
  const missing = ceilShare(safetyStockRatio, capacityOf(balances)) - balances.SAFETY
  if (missing <= 0) return 0
  const moved = async (where: Prisma.StockMovementWhereInput) =>
    (await prisma.stockMovement.aggregate({ where: { eventId: id, ...where }, _sum: { quantity: true } }))._sum
      .quantity ?? 0
  const lentTo = (to: Prisma.StringFilter<'StockMovement'> | LedgerAccount) => moved({ from: 'SAFETY', to })
  // Manual sales of the safety stock are direct ones: no loans.
  const lent = await lentTo({ startsWith: 'SOLD:', not: sold(DIRECT) })
  if (lent === 0) return 0
  const outstanding = Math.min(
    missing,
    lent - (await moved({ to: 'SAFETY', operation: { reason: FOLLOW_EXPOSURE_REASON } })),
  )
  return Math.max(0, channel === null ? outstanding : Math.min(outstanding, await lentTo(sold(channel))))
}
