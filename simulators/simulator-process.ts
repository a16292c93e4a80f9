import { startSimulator as startEventbrite } from './eventbrite/server.js'
import { Demand, seededRandom, systemClock, type Shop } from './kit/index.js'
import { DEFAULT_CREDENTIALS, startSimulator as startLuma } from './luma/server.js'
import { startSimulator as startMeetup } from './meetup/server.js'

/** Addresses and credentials of the simulated platforms, as JSON. */
export interface SimulatorAddresses {
  eventbrite: { apiUrl: string; token: string; controlUrl: string }
  luma: { apiUrl: string; apiKey: string; controlUrl: string }
  meetup: { apiUrl: string; accessToken: string; controlUrl: string }
}

/** The ids of the same event on all three platforms. */
export interface SimulatorListing {
  eventbrite: string
  luma: string
  meetup: string
}

const TOKENS = { eventbrite: 'eventbrite-simulator-token', meetup: 'meetup-simulator-token' }
/** Buyers per second: they differ, so that tickets have to be rebalanced. */
const RATES = { eventbrite: 0.6, luma: 1.1, meetup: 0.15 }
const PARTY_SIZES = [1, 1, 2, 2, 3]
const CANCEL_PROBABILITY = 0.04
const MAX_BUYERS = 5_000

/** All three simulated platforms in one process, with simulated buyers. */
export class SimulatorProcess {
  private readonly demands: Demand[] = []

  private constructor(
    private readonly eventbrite: Awaited<ReturnType<typeof startEventbrite>>,
    private readonly luma: Awaited<ReturnType<typeof startLuma>>,
    private readonly meetup: Awaited<ReturnType<typeof startMeetup>>,
    private readonly seed: number,
  ) {}

  static async open(seed: number): Promise<SimulatorProcess> {
    const [eventbrite, luma, meetup] = await Promise.all([
      startEventbrite({ seed, tokens: [TOKENS.eventbrite] }),
      startLuma({ seed }),
      startMeetup({ seed, credentials: { accessTokens: [TOKENS.meetup] } }),
    ])
    return new SimulatorProcess(eventbrite, luma, meetup, seed)
  }

  get addresses(): SimulatorAddresses {
    const { eventbrite, luma, meetup } = this
    return {
      eventbrite: { apiUrl: eventbrite.url, token: TOKENS.eventbrite, controlUrl: eventbrite.controlUrl },
      luma: { apiUrl: luma.url, apiKey: DEFAULT_CREDENTIALS[0]?.key ?? '', controlUrl: luma.controlUrl },
      meetup: { apiUrl: meetup.url, accessToken: TOKENS.meetup, controlUrl: meetup.controlUrl },
    }
  }

  /** Creates an event on all three with the smallest cap, as an organizer should before they are imported. */
  list(name: string): SimulatorListing {
    return {
      eventbrite: this.eventbrite.control.createEvent({ name, capacityTotal: 1, waitlistEnabled: true }).id,
      luma: this.luma.control.createEvent({ name, maxCapacity: 1 }).eventId,
      meetup: this.meetup.control.createEvent({ title: name, capacity: 1, guestLimit: 2 }).eventId,
    }
  }

  /** Starts the simulated buyers. */
  sell(listing: SimulatorListing): void {
    const shops: Record<keyof SimulatorListing, Shop> = {
      eventbrite: this.eventbriteShop(listing.eventbrite),
      luma: this.luma.control.shop(listing.luma),
      meetup: this.meetup.control.shop(listing.meetup),
    }
    for (const [index, platform] of (['eventbrite', 'luma', 'meetup'] as const).entries()) {
      const plan = {
        ratePerSecond: RATES[platform],
        partySizes: PARTY_SIZES,
        cancelProbability: CANCEL_PROBABILITY,
        maxBuyers: MAX_BUYERS,
      }
      const ports = { random: seededRandom(this.seed + index), clock: systemClock }
      const demand = new Demand(ports, plan, shops[platform])
      demand.start()
      this.demands.push(demand)
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.demands.map((demand) => demand.stop()))
    await Promise.all([this.eventbrite.close(), this.luma.close(), this.meetup.close()])
  }

  private eventbriteShop(eventId: string): Shop {
    const { control } = this.eventbrite
    return {
      buy: (person, quantity) => control.buy({ eventId, quantity, buyer: person }).orderId,
      cancel: (orderId) => void control.refund(orderId),
    }
  }
}
