import { sold } from '../../domain/stock/ledger-account.js'
import type { ChannelRef } from '../../domain/channel.js'
import type { Event } from '../../domain/event-record.js'
import type { LockedEvent } from '../../stock/ledger.js'
import { safetyLoans } from './safety-loans.js'

/**
 * Sales of a channel for which the stock had no unit: borrowed from the safety stock, or oversold. While a cancellation is
 * not read yet, they are not real: a cap that is raised because of them could be sold. Of several oversold channels, each
 * may count as having oversold all that is outstanding.
 */
export async function uncoveredSales(locked: LockedEvent, event: Event, channel: ChannelRef): Promise<number> {
  const borrowed = await safetyLoans(locked, event, channel)
  const outstanding = -locked.balances.OVERSOLD
  if (outstanding <= 0) return borrowed
  const oversold = await locked.unitsMoved({ from: 'OVERSOLD', to: sold(channel) })
  return borrowed + Math.min(outstanding, oversold)
}
