import { allocated, sold } from '../domain/ledger-account.js'
import type { ChannelName } from '../domain/channel.js'
import type { Posting } from '../domain/posting.js'

/**
 * How a change of a platform order moves stock. A platform sale is a fact: it is never refused; what its allocation
 * lacks comes from units that no platform can sell, then from the safety stock, and the rest is oversold. A cancellation gives back to
 * the channel's allocation, because the platform can resell it under the cap that stands there; first it pays back
 * what was oversold.
 */
export function postingsOf(channel: ChannelName, delta: number): Posting[] {
  if (delta === 0) return []
  if (delta < 0)
    return [{ quantity: -delta, sources: [sold(channel)], destination: allocated(channel), repay: 'OVERSOLD' }]
  const sources = [allocated(channel), 'UNALLOCATED', 'IN_TRANSIT', 'SAFETY'] as const
  return [{ quantity: delta, sources, destination: sold(channel), overflow: 'OVERSOLD' }]
}
