import { API_PLATFORMS, type ApiPlatform } from '../../../src/domain/channel.js'
import type { Shares } from './families.js'
import { MEAN_PARTY, type Trace } from './trace.js'

/** What is kept of the price: a part of it, and US dollars. */
interface Fee {
  share: number
  perTicket: number
  perOrder: number
}

/**
 * Published prices in the United States, payment included, all of them paid by the organizer:
 * - Eventbrite, "Pricing" (eventbrite.com/organizer/pricing): 3.7 % + $1.79 a ticket, and 2.9 % of the order for the payment.
 * - Luma, "Pricing" (luma.com/pricing): nothing with Luma Plus, which its API needs; "Paid Events" (help.lu.ma): Stripe's 2.9 % + $0.30.
 * - Meetup, "Setting event fees with PayPal" (help.meetup.com): its service fee is added to the price and paid by the member,
 *   the organizer pays PayPal's fee; PayPal, "Merchant Fees" (PayPal Checkout): 3.49 % + $0.49. The 7.5 % + $0.50 of Meetup's
 *   "Setting member dues" are for dues of groups.
 */
const FEES: Record<ApiPlatform, Fee> = {
  EVENTBRITE: { share: 0.066, perTicket: 1.79, perOrder: 0 },
  LUMA: { share: 0.029, perTicket: 0, perOrder: 0.3 },
  MEETUP: { share: 0.0349, perTicket: 0, perOrder: 0.49 },
}

/** What the organizer receives for these tickets, US dollars; orders are of the mean size. */
export function revenueOf({ price }: Trace, sold: Shares): number {
  const net = (platform: ApiPlatform) => {
    const { share, perTicket, perOrder } = FEES[platform]
    return price * (1 - share) - perTicket - perOrder / MEAN_PARTY
  }
  return API_PLATFORMS.reduce((sum, platform) => sum + sold[platform] * net(platform), 0)
}
