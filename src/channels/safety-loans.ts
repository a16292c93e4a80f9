import { capacityOf, sold } from '../domain/ledger-account.js'
import { PLATFORMS, type Platform } from '../domain/channel.js'
import { ceilShare } from '../domain/ratio.js'
import type { Event, Prisma } from '../generated/prisma/client.js'
import type { LockedEvent } from '../inventory/ledger.js'

/** The reason of the movements by which allocations follow exposure, and the safety stock gets back what it lent. */
export const FOLLOWS = 'allocation follows exposure'

/**
 * Tickets that sales on these platforms took from the safety stock and that have not come back: a sale that is seen
 * before the cancellation which made room for it borrows a unit for a moment. What came back is not kept by platform:
 * of several that borrowed, each may count as owing all that is still out.
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
  const out = Math.min(missing, lent - (await moved({ to: 'SAFETY', operation: { reason: FOLLOWS } })))
  return Math.max(0, platforms === PLATFORMS ? out : Math.min(out, await lentTo(platforms)))
}
