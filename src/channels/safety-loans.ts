import { capacityOf, sold } from '../domain/ledger-account.js'
import { PLATFORMS, type Platform } from '../domain/channel.js'
import { ceilShare } from '../domain/ratio.js'
import type { Event, Prisma } from '../generated/prisma/client.js'
import type { LockedEvent } from '../inventory/ledger.js'

/** Reason of the movements by which allocations follow exposure, and by which loans return to the safety stock. */
export const FOLLOW_EXPOSURE_REASON = 'allocation follows exposure'

/**
 * Tickets that sales on these platforms borrowed from the safety stock and that are not returned: a sale read before the
 * cancellation that made room for it borrows a unit temporarily. Returns are not recorded by platform: of several
 * borrowers, each may count as having borrowed all that is outstanding.
 */
export async function safetyLoans(
  { prisma, balances }: LockedEvent,
  { id, safetyStockRatio }: Pick<Event, 'id' | 'safetyStockRatio'>,
  platforms: readonly Platform[] = PLATFORMS,
): Promise<number> {
  const missing = ceilShare(safetyStockRatio, capacityOf(balances)) - balances.SAFETY
  if (missing <= 0) return 0
  const moved = async (where: Prisma.StockMovementWhereInput) =>
    (await prisma.stockMovement.aggregate({ where: { eventId: id, ...where }, _sum: { quantity: true } }))._sum
      .quantity ?? 0
  const lentTo = (some: readonly Platform[]) => moved({ from: 'SAFETY', to: { in: some.map(sold) } })
  const lent = await lentTo(PLATFORMS)
  if (lent === 0) return 0
  const outstanding = Math.min(
    missing,
    lent - (await moved({ to: 'SAFETY', operation: { reason: FOLLOW_EXPOSURE_REASON } })),
  )
  return Math.max(0, platforms === PLATFORMS ? outstanding : Math.min(outstanding, await lentTo(platforms)))
}
