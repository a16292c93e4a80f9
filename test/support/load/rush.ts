import { Demand, seededRandom, systemClock, type Shop } from '../../../simulators/kit/index.js'
import type { Listings, TestSystem } from '../service/test-system.js'

/** Buyers per second on each platform. A buyer leaves if the listing is sold out. */
export interface BuyerRates {
  eventbrite: number
  luma: number
  meetup: number
}

/** Starts buyers on all three listings, who buy until each demand is stopped. Another seed creates other buyers. */
export function rush(
  { eventbrite, luma, meetup }: TestSystem,
  listings: Listings,
  rates: BuyerRates,
  seed: number,
): Demand[] {
  const shops: Record<keyof BuyerRates, Shop> = {
    eventbrite: eventbrite.control.shop(listings.eventbrite),
    luma: luma.control.shop(listings.luma),
    meetup: meetup.control.shop(listings.meetup),
  }
  return (Object.keys(shops) as (keyof BuyerRates)[]).map((platform, index) => {
    const plan = { ratePerSecond: rates[platform], partySizes: [1, 1, 2], cancelProbability: 0.03, maxBuyers: 2_000 }
    const shop = shops[platform]
    // E-mail addresses are unique: a platform identifies its guests by them.
    const uniqueBuyers: Shop = {
      buy: (buyer, size) => shop.buy({ ...buyer, email: `${seed}.${buyer.email}` }, size),
      cancel: (orderId) => shop.cancel(orderId),
    }
    const demand = new Demand({ random: seededRandom(seed + index), clock: systemClock }, plan, uniqueBuyers)
    demand.start()
    return demand
  })
}

/** The traces of one event's listings on the three platforms. */
export const listingTraces = ({ eventbrite, luma, meetup }: TestSystem, listings: Listings) => [
  { trace: eventbrite.trace, eventId: listings.eventbrite },
  { trace: luma.trace, eventId: listings.luma },
  { trace: meetup.control.trace, eventId: listings.meetup },
]
