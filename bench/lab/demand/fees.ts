import { PLATFORMS, type Platform } from '../../../src/domain/channel.js'
import type { Shares } from './families.js'
import type { Trace } from './trace.js'

/** What is kept of a ticket: a part of its price, and US dollars. */
interface Fee {
  share: number
  fixed: number
}

/**
 * List prices in the United States, payment included: Eventbrite 3.7 % + $1.79 and 2.9 %; Luma with the plan that its API
 * needs 0 %, and Stripe's 2.9 % + $0.30; Meetup 7.5 % + $0.50.
 */
const FEES: Record<Platform, Fee> = {
  EVENTBRITE: { share: 0.066, fixed: 1.79 },
  LUMA: { share: 0.029, fixed: 0.3 },
  MEETUP: { share: 0.075, fixed: 0.5 },
}

/** What the organizer receives for these tickets, US dollars. */
export function revenueOf({ price }: Trace, sold: Shares): number {
  const net = (platform: Platform) => price * (1 - FEES[platform].share) - FEES[platform].fixed
  return PLATFORMS.reduce((sum, platform) => sum + sold[platform] * net(platform), 0)
}
