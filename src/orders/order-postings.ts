import { allocated, sold } from '../domain/stock/ledger-account.js'
import type { ChannelRef } from '../domain/channel.js'
import type { Posting } from '../domain/stock/posting.js'

/**
 * Postings for a change of a platform order. A platform sale has already happened, so it never fails: units that its
 * allocation lacks come from units that no platform can sell, then from the safety stock, and the rest is oversold. A
 * cancellation first repays oversold units and then returns to the channel's allocation, because the platform can resell
 * the ticket under its current cap.
 */
export function postingsOf(channel: ChannelRef, delta: number): Posting[] {
  if (delta === 0) return []
  if (delta < 0)
    return [{ quantity: -delta, sources: [sold(channel)], destination: allocated(channel), repay: 'OVERSOLD' }]
  const sources = [allocated(channel), 'UNALLOCATED', 'IN_TRANSIT', 'SAFETY'] as const
  return [{ quantity: delta, sources, destination: sold(channel), overflow: 'OVERSOLD' }]
}
