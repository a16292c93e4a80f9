import { TimerQueue } from '../../../src/infrastructure/time/timer-queue.js'
import type { Platform } from '../../../src/domain/channel.js'
import { sharesOf, type Shares } from './families.js'
import type { Buyer, Trace } from './trace.js'
import { usesCart, visit, type Purchase, type Shop } from './visits.js'

/** One platform that has all tickets; buyers of the others follow a link to it. */
export interface Seller {
  platform: Platform
  /** The probability that a buyer follows the link, 0 to 1. */
  follows: number
}

/**
 * Tickets sold by platform when all units are in one pool, first come, first served. `seller`: the only platform that
 * sells; null: all of them sell from the pool without delay, which no real system can do better.
 */
export function soldFromOnePool(trace: Trace, seller: Seller | null): Shares {
  return new OnePool(trace, seller).play()
}

class OnePool implements Shop {
  private readonly timers = new TimerQueue()
  private readonly sold = sharesOf(() => 0)
  private now = 0
  private taken = 0

  constructor(
    private readonly trace: Trace,
    private readonly seller: Seller | null,
  ) {}

  play(): Shares {
    for (const buyer of this.trace.buyers) this.timers.add(buyer.at, () => visit(this, buyer))
    for (let next = this.timers.take(); next && next.at <= this.trace.duration; next = this.timers.take()) {
      this.now = next.at
      next.run()
    }
    return this.sold
  }

  take(visited: Platform, buyer: Buyer): Purchase | null {
    const { seller, sold } = this
    const platform = seller?.platform ?? visited
    const { size } = buyer
    if (platform !== visited && buyer.reluctance >= (seller?.follows ?? 1)) return null
    if (this.taken + size > this.trace.pool) return null
    const inCart = usesCart(platform, buyer)
    this.taken += size
    if (!inCart) sold[platform] += size
    const release = () => (this.taken -= size)
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

  after(ms: number, run: () => void): void {
    this.timers.add(this.now + ms, run)
  }

  mayReturn(): void {}
}
