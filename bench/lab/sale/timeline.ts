import { API_PLATFORMS, type ApiPlatform } from '../../../src/domain/channel.js'
import { unitsOf, sold as soldAccount } from '../../../src/domain/stock/ledger-account.js'
import { namedMove } from '../../../src/domain/rebalancing/named-move.js'
import type { World } from '../../../simulation/world/world.js'
import type { CapEntry } from '../../../simulators/kit/index.js'
import type { Shares } from '../demand/families.js'
import type { Buyer } from '../demand/trace.js'
import type { Market } from './market.js'
import type { SaleObserver } from './sale-observer.js'

/** Why tickets were lost: a party was refused although that many tickets were unsold. */
interface Missed {
  tickets: number
  /** Sums over the refused parties, of where the unsold tickets were. */
  onOtherPlatforms: number
  tooFewHere: number
  inReserve: number
  inCarts: number
}

/** The course of a sale as text: caps, moves, and parties that were refused although tickets were unsold. */
export class Timeline implements SaleObserver {
  readonly lines: string[] = []
  private readonly missed = new Map<ApiPlatform, Missed>()
  private readonly opening: number
  private readonly caps = new Map<ApiPlatform, number | null>()
  private movesSeen = 0
  private refusedSoldOut = 0

  constructor(
    private readonly world: World,
    private readonly market: Market,
  ) {
    this.opening = world.time.ms()
    this.movesSeen = this.moves().length
    for (const [platform, listing] of market.listings) this.caps.set(platform, world.truthOf(listing).capacity)
    this.add('opening')
  }

  changed(platform: ApiPlatform, { cap, cause }: CapEntry): void {
    this.addMoves()
    if (this.caps.get(platform) === cap) return
    const before = this.caps.get(platform)
    this.caps.set(platform, cap)
    this.add(`${platform} cap ${before ?? 'none'} -> ${cap ?? 'none'} (${cause})`)
  }

  refused(platform: ApiPlatform, { size, second }: Buyer, unsold: number): void {
    this.addMoves()
    if (unsold < size) {
      this.refusedSoldOut += 1
      return
    }
    const left = this.left()
    const here = left[platform]
    const { reserve } = this.recorded()
    const inCarts = this.sum((listing) => this.world.truthOf(listing).carts)
    const missed = this.missed.get(platform) ?? {
      tickets: 0,
      onOtherPlatforms: 0,
      tooFewHere: 0,
      inReserve: 0,
      inCarts: 0,
    }
    missed.tickets += size
    missed.tooFewHere += here
    missed.onOtherPlatforms += API_PLATFORMS.reduce((sum, other) => sum + (other === platform ? 0 : left[other]), 0)
    missed.inReserve += reserve
    missed.inCarts += inCarts
    this.missed.set(platform, missed)
    this.add(
      `${platform} REFUSED a party of ${size}${second ? ', which tries another platform later' : ''}; ${unsold} unsold`,
    )
  }

  ended(): void {
    this.add('end')
    this.lines.push(`${this.refusedSoldOut} parties were refused when fewer tickets were unsold than they needed`)
    for (const [platform, { tickets, ...where }] of this.missed) {
      const text = Object.entries(where).map(([place, units]) => `${place} ${units}`)
      this.lines.push(
        `${platform}: ${tickets} tickets refused although unsold; units at those moments: ${text.join(', ')}`,
      )
    }
  }

  private addMoves(): void {
    const moves = this.moves()
    const channels = this.world.listings.map(({ channelId, platform }) => ({ id: channelId, platform }))
    for (const move of moves.slice(this.movesSeen)) this.add(`MOVE ${namedMove(move, channels).reason}`)
    this.movesSeen = moves.length
  }

  private moves() {
    return this.world.database.rebalanceMoves.where(null)
  }

  private add(what: string): void {
    const seconds = (this.world.time.ms() - this.opening) / 1_000
    const platforms = [...this.market.listings].map(([platform, listing]) => {
      const { sold, capacity, carts, onSale } = this.world.truthOf(listing)
      const known = this.recorded().sold[platform]
      const unseen = sold === known ? '' : ` (${known} known)`
      return `${platform[0]} ${sold}${unseen}${carts > 0 ? `+${carts}` : ''}/${capacity ?? 'none'}${onSale ? '' : ' full'}`
    })
    const state = [...platforms, `reserve ${this.recorded().reserve}`].join(' · ')
    this.lines.push(`${seconds.toFixed(1).padStart(8)} s  ${state.padEnd(70)} ${what}`)
  }

  /** As the service knows it. `reserve`: units that no channel can sell. */
  private recorded(): { sold: Shares; reserve: number } {
    const [event] = this.world.events
    const zero = { MEETUP: 0, EVENTBRITE: 0, LUMA: 0 }
    if (!event) return { sold: zero, reserve: 0 }
    const balances = this.world.balancesOf(event.id)
    const known = this.world.listings.map(({ platform, channelId }) => [
      platform,
      unitsOf(balances, soldAccount({ id: channelId })),
    ])
    return { sold: Object.assign(zero, Object.fromEntries(known)), reserve: balances.UNALLOCATED + balances.IN_TRANSIT }
  }

  private left(): Shares {
    const left = { MEETUP: 0, EVENTBRITE: 0, LUMA: 0 }
    for (const [platform, listing] of this.market.listings) {
      const { sold, capacity, carts, onSale } = this.world.truthOf(listing)
      left[platform] = onSale ? Math.max(0, (capacity ?? Infinity) - sold - carts) : 0
    }
    return left
  }

  private sum(of: (listing: Parameters<World['truthOf']>[0]) => number): number {
    return [...this.market.listings.values()].reduce((total, listing) => total + of(listing), 0)
  }
}
