import { capacityOf, sold } from '../../domain/stock/ledger-account.js'
import type { ChannelRef } from '../../domain/channel.js'
import { ceilShare } from '../../domain/stock/ratio.js'
import type { Event } from '../../domain/event-record.js'
import type { LockedEvent } from '../../stock/ledger.js'

/** Reason of the movements by which allocations follow exposure, and by which loans return to the safety stock. */
export const FOLLOW_EXPOSURE_REASON = 'allocation follows exposure'

/**
 * Tickets that platform sales, of all channels or of one, borrowed from the safety stock and that are not returned: a sale
 * read before the cancellation that made room for it borrows a unit temporarily. Returns are not recorded by channel: of
 * several borrowers, each may count as having borrowed all that is outstanding.
 */
export async function safetyLoans(
  locked: LockedEvent,
  { safetyStockRatio }: Pick<Event, 'safetyStockRatio'>,
  channel: ChannelRef | null = null,
): Promise<number> {
  const { balances } = locked
  const missing = ceilShare(safetyStockRatio, capacityOf(balances)) - balances.SAFETY
  if (missing <= 0) return 0
  // Manual sales of the safety stock are direct ones: no loans.
  const lent = await locked.unitsMoved({ from: 'SAFETY', toPlatformSales: true })
  if (lent === 0) return 0
  const returned = await locked.unitsMoved({ to: 'SAFETY', reason: FOLLOW_EXPOSURE_REASON })
  const outstanding = Math.min(missing, lent - returned)
  if (channel === null) return Math.max(0, outstanding)
  const lentToChannel = await locked.unitsMoved({ from: 'SAFETY', to: sold(channel) })
  return Math.max(0, Math.min(outstanding, lentToChannel))
}
