import { API_PLATFORMS, type ApiPlatform } from '../../../src/domain/channel.js'
import type { World } from '../../../simulation/world/world.js'
import type { CallEntry, CapEntry } from '../../../simulators/kit/index.js'
import { sharesOf, total, type Shares } from '../demand/families.js'
import type { Market } from './market.js'

/** The most tickets above the capacity, and calls of the platforms. */
export interface Measured {
  /** Sold above the capacity at any time. */
  oversold: number
  /** What the platforms together could have sold above the capacity at any time. */
  exposedAbove: number
  calls: number
  /** Calls that a platform refused because of its rate limit. */
  refusedCalls: number
}

/** Measures the platforms' true state after each of their changes. */
export class Meter {
  readonly measured: Measured = { oversold: 0, exposedAbove: 0, calls: 0, refusedCalls: 0 }
  readonly sold: Shares
  /** What each platform could have sold in the end. */
  private readonly possible: Shares

  constructor(
    private readonly world: World,
    private readonly market: Market,
    private readonly onChange: (platform: ApiPlatform, entry: CapEntry) => void,
  ) {
    this.sold = { ...market.soldBefore }
    this.possible = sharesOf((platform) => this.possibleOn(platform))
    for (const platform of API_PLATFORMS) {
      const { trace } = world.simulators[platform]
      const before = trace.onEntry
      trace.onEntry = (entry) => {
        before?.(entry)
        if ('operation' in entry) this.recordCall(entry)
        // Eventbrite also records each of its ticket classes.
        else if (entry.eventId === market.listings.get(platform)?.ref.eventId) this.recordChange(platform, entry)
      }
    }
  }

  /** Tickets that are neither sold nor may be sold. */
  get unsold(): number {
    return this.market.capacity - total(this.sold)
  }

  /** All tickets are sold, and no platform can sell one more. */
  get isSoldOut(): boolean {
    return this.unsold <= 0 && total(this.possible) <= total(this.sold)
  }

  private recordCall({ status }: CallEntry): void {
    this.measured.calls += 1
    if (status === 429) this.measured.refusedCalls += 1
  }

  private recordChange(platform: ApiPlatform, entry: CapEntry): void {
    const { measured, market, sold, possible } = this
    const { cap, sold: soldThere, pending } = entry
    sold[platform] = soldThere
    // A closed listing sells nothing whatever its limit: only the platform's truth shows that.
    possible[platform] = Math.max(cap ?? Infinity, soldThere + pending)
    if (total(possible) > market.capacity) possible[platform] = this.possibleOn(platform)
    measured.oversold = Math.max(measured.oversold, total(sold) - market.capacity)
    measured.exposedAbove = Math.max(measured.exposedAbove, total(possible) - market.capacity)
    this.onChange(platform, entry)
  }

  private possibleOn(platform: ApiPlatform): number {
    const listing = this.market.listings.get(platform)
    if (!listing) return 0
    const { capacity, sold, carts, onSale } = this.world.truthOf(listing)
    return onSale ? Math.max(capacity ?? Infinity, sold + carts) : sold + carts
  }
}
