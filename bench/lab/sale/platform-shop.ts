import type { ApiPlatform } from '../../../src/domain/channel.js'
import type { WorldListing } from '../../../simulation/world/listings.js'
import type { World } from '../../../simulation/world/world.js'
import type { Buyer } from '../demand/trace.js'
import { usesCart, type Purchase, type Shop } from '../demand/visits.js'
import type { Market } from './market.js'

export type OnRefused = (platform: ApiPlatform, buyer: Buyer) => void

/** The simulated platforms, as buyers see them. */
export class PlatformShop implements Shop {
  private returning = 0

  constructor(
    private readonly world: World,
    private readonly market: Market,
    private readonly onRefused: OnRefused,
  ) {}

  /** Units that may become free again. */
  get mayStillReturn(): number {
    return this.returning
  }

  take(platform: ApiPlatform, buyer: Buyer): Purchase | null {
    const listing = this.market.listings.get(platform)
    const purchase = listing ? this.purchase(listing, buyer) : null
    if (!purchase) this.onRefused(platform, buyer)
    return purchase
  }

  after(ms: number, run: () => void): void {
    this.world.time.after(ms, run)
  }

  mayReturn(tickets: number): void {
    this.returning += tickets
  }

  private purchase({ platform, ref, simulator: { listings } }: WorldListing, buyer: Buyer): Purchase | null {
    const inCart = usesCart(platform, buyer)
    const first = inCart ? listings.openCart(ref, buyer.size) : listings.sell(ref, buyer.size)
    if (first === null) return null
    let orderId: string | null = inCart ? null : first
    return {
      inCart,
      pay: () => (orderId = listings.completeCart(ref, first)) !== null,
      leave: () => this.world.platforms.eventbrite.control.abandonCart(first),
      cancel: () => {
        if (orderId !== null) listings.cancel(ref, orderId)
      },
    }
  }
}
