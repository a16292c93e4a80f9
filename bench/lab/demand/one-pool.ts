import { TimerQueue } from '../../../src/infrastructure/time/timer-queue.js'
import type { ApiPlatform } from '../../../src/domain/channel.js'
import { sharesOf, total, type Shares } from './families.js'
import type { Buyer, Trace } from './trace.js'
import { usesCart, visit, type Purchase, type Shop } from './visits.js'

/** One platform that has all tickets; buyers of the others follow a link to it. */
export interface Seller {
  platform: ApiPlatform
  /** The probability that a buyer follows the link, 0 to 1. */
  follows: number
}

/** What platforms impose on any policy: a returned ticket is first on sale where it was returned, and no cap can be 0. */
export interface Bounds {
  /** By platform: the least time until a ticket that is returned there can be sold elsewhere, ms. */
  correctionMs: Shares
  /** Tickets that a platform can sell at least, as long as it has sold fewer. */
  minCap: number
}

/**
 * Tickets sold by platform when all units are in one pool, first come, first served. `seller`: the only platform that
 * sells; null: all of them sell from the pool. Without `bounds` there is no delay, which no real system can do better; with
 * them, it estimates what platforms leave to any policy: unsold units are always where the next buyer comes.
 */
export function soldFromOnePool(trace: Trace, seller: Seller | null, bounds: Bounds | null = null): Shares {
  return new OnePool(trace, seller, bounds).play()
}

class OnePool implements Shop {
  private readonly timers = new TimerQueue()
  private readonly sold = sharesOf(() => 0)
  /** Sold or in carts. */
  private readonly taken = sharesOf(() => 0)
  /** Returned there, and not yet on sale elsewhere. */
  private readonly returned = sharesOf(() => 0)
  private now = 0

  constructor(
    private readonly trace: Trace,
    private readonly seller: Seller | null,
    private readonly bounds: Bounds | null,
  ) {}

  play(): Shares {
    for (const buyer of this.trace.buyers) this.timers.add(buyer.at, () => visit(this, buyer))
    for (let next = this.timers.take(); next && next.at <= this.trace.duration; next = this.timers.take()) {
      this.now = next.at
      next.run()
    }
    return this.sold
  }

  take(visited: ApiPlatform, buyer: Buyer): Purchase | null {
    const { seller, sold, taken, returned } = this
    const platform = seller?.platform ?? visited
    const { size } = buyer
    if (platform !== visited && buyer.reluctance >= (seller?.follows ?? 1)) return null
    if (size > this.freeFor(platform)) return null
    const inCart = usesCart(platform, buyer)
    taken[platform] += size
    returned[platform] -= Math.min(size, returned[platform])
    if (!inCart) sold[platform] += size
    const release = () => this.release(platform, size)
    const pay = () => {
      sold[platform] += size
      return true
    }
    const cancel = () => {
      sold[platform] -= size
      release()
    }
    return { inCart, pay, leave: release, cancel }
  }

  private freeFor(platform: ApiPlatform): number {
    const { taken, returned, bounds } = this
    const boundOn = (other: ApiPlatform) =>
      other === platform || bounds === null ? 0 : Math.max(returned[other], bounds.minCap - taken[other])
    return this.trace.pool - total(taken) - total(sharesOf(boundOn))
  }

  private release(platform: ApiPlatform, size: number): void {
    const { taken, returned, bounds } = this
    taken[platform] -= size
    if (!bounds) return
    returned[platform] += size
    this.after(bounds.correctionMs[platform], () => (returned[platform] -= Math.min(size, returned[platform])))
  }

  after(ms: number, run: () => void): void {
    this.timers.add(this.now + ms, run)
  }

  mayReturn(): void {}
}
