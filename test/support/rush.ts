import { Demand, seededRandom, systemClock, type Shop } from '../../simulators/kit/index.js'
import type { Listings, TestSystem } from './test-system.js'

/** Buyers per second on each platform. Whoever finds it sold out leaves. */
export interface Rush {
  eventbrite: number
  luma: number
  meetup: number
}

/** Buyers come to all three listings from now on, until each demand is stopped. Another seed brings other people. */
export function rush(
  { eventbrite, luma, meetup }: TestSystem,
  listings: Listings,
  rates: Rush,
  seed: number,
): Demand[] {
  const shops: Record<keyof Rush, Shop> = {
    eventbrite: eventbrite.control.shop(listings.eventbrite),
    luma: luma.control.shop(listings.luma),
    meetup: meetup.control.shop(listings.meetup),
  }
  return (Object.keys(shops) as (keyof Rush)[]).map((platform, index) => {
    const plan = { ratePerSecond: rates[platform], partySizes: [1, 1, 2], cancelProbability: 0.03, maxBuyers: 2_000 }
    const shop = shops[platform]
    // Nobody comes twice: a platform knows its guests by their address.
    const strangers: Shop = {
      buy: (buyer, size) => shop.buy({ ...buyer, email: `${seed}.${buyer.email}` }, size),
      cancel: (orderId) => shop.cancel(orderId),
    }
    const demand = new Demand({ random: seededRandom(seed + index), clock: systemClock }, plan, strangers)
    demand.start()
    return demand
  })
}

/** What the three platforms recorded of the listings of one evening. */
export const listed = ({ eventbrite, luma, meetup }: TestSystem, listings: Listings) => [
  { trace: eventbrite.trace, eventId: listings.eventbrite },
  { trace: luma.trace, eventId: listings.luma },
  { trace: meetup.control.trace, eventId: listings.meetup },
]
