import type { ApiPlatform } from '../../src/domain/channel.js'
import type { ListingRef, ListingTruth, Simulator } from '../../simulators/kit/index.js'

/** What a cart or an application may become. */
export interface OpenOrder {
  orderId: string
  tickets: number
}

/** One channel of a simulated event, and its listing on the platform. */
export interface WorldListing {
  /** Position in the scenario. */
  index: number
  eventId: string
  channelId: string
  platform: ApiPlatform
  connectionId: string
  simulator: Simulator
  ref: ListingRef
  /** Its cap was changed manually: it may sell more than its exposure until the service has written its own again. */
  excused: boolean
  /** Open carts, oldest first. */
  carts: OpenOrder[]
  /** The organizer approves each buyer. */
  requireApproval: boolean
  /** Those who wait for it, oldest first. */
  applicants: OpenOrder[]
}

/** The true state of listings, read again only after a change of their platform. */
export class ListingTruths {
  private readonly known = new Map<WorldListing, ListingTruth>()

  of(listing: WorldListing): ListingTruth {
    const known = this.known.get(listing)
    if (known) return known
    const truth = listing.simulator.listings.truth(listing.ref)
    this.known.set(listing, truth)
    return truth
  }

  /** Something may have changed on this platform. */
  forget(platform: ApiPlatform): void {
    for (const listing of this.known.keys()) if (listing.platform === platform) this.known.delete(listing)
  }

  forgetAll(): void {
    this.known.clear()
  }
}
