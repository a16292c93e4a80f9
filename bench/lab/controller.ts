import { PLATFORMS, type Lane, type Platform } from '../../src/domain/channel.js'
import { planMoves, donorsToRead } from '../../src/domain/rebalancing/rebalance-policy.js'
import { DEFAULT_SETTINGS, type PolicySettings } from '../../src/domain/rebalancing/rebalance-view.js'
import { demands } from '../../src/domain/rebalancing/velocity.js'
import type { EventQueue } from './model/event-queue.js'
import type { LinkResponse, Link } from './model/link.js'
import { knownUntil } from './model/notices.js'
import { Side } from './side.js'

const HOUR = 3_600_000
/** Notices within this time share one plan. */
const DEBOUNCE_MS = 1_000
/** Without notices it checks again after this time, doubling up to the second figure. */
const TICK_MS = 15_000
const MAX_TICK_MS = 900_000
/** A call lands within 30 s of being sent or never; it was given up 10 s after. A read made later is the truth. */
const SETTLE_MS = 21_000
/** Open carts above a cap are checked again after this time. */
const CART_READ_MS = 60_000
const IGNORES_EXPOSURE = (side: Side) => Math.max(side.desired, side.sold)

export interface ControllerOptions {
  settings?: PolicySettings
  /** The negative control: counts on a shrink before it is confirmed and forgets writes of unknown outcome. */
  unsafe: boolean
}

/** The rebalancing service in small: real velocities, real policy, real exposure rule, simulated platforms. */
export class Controller {
  moves = 0
  private readonly sides: ReadonlyMap<Platform, Side>
  private planning = false
  private tick = 0
  private tickMs = TICK_MS

  constructor(
    private readonly queue: EventQueue,
    links: ReadonlyMap<Platform, Link>,
    private readonly event: { pool: number; duration: number; caps: ReadonlyMap<Platform, number> },
    private readonly options: ControllerOptions,
  ) {
    const side = (platform: Platform) => new Side(platform, links.get(platform) as Link, event.caps.get(platform) ?? 0)
    this.sides = new Map(PLATFORMS.map((platform) => [platform, side(platform)]))
    this.scheduleTick()
  }

  /** A notice of a sale or a cancellation. */
  notice(platform: Platform, delta: number, soldAt: number): void {
    const side = this.side(platform)
    side.read(platform === 'MEETUP' ? soldAt : this.queue.now)
    side.learn(delta, soldAt, this.queue.now)
    this.tickMs = TICK_MS
    this.scheduleTick()
    this.planSoon()
  }

  /** Units that no channel can sell. Never below 0, or the exposure rule would be broken. */
  free(): number {
    const reserved = this.options.unsafe ? IGNORES_EXPOSURE : (side: Side) => side.reserved()
    return this.event.pool - [...this.sides.values()].reduce((sum, side) => sum + reserved(side), 0)
  }

  private planSoon(): void {
    if (this.planning) return
    this.planning = true
    this.queue.after(DEBOUNCE_MS, () => {
      this.planning = false
      this.plan()
    })
  }

  private scheduleTick(): void {
    const mine = ++this.tick
    this.queue.after(this.tickMs, () => {
      if (mine !== this.tick) return
      this.tickMs = Math.min(this.tickMs * 2, MAX_TICK_MS)
      this.plan()
      this.scheduleTick()
    })
  }

  private plan(): void {
    const { queue, event, options } = this
    for (const side of this.sides.values()) side.read(knownUntil(side.platform, queue.now))
    const demand = demands(new Map([...this.sides].map(([platform, { record }]) => [platform, record])), queue.now)
    const channels = [...this.sides.values()].map((side) =>
      side.view(queue.now, demand.get(side.platform) ?? { perHour: 0, evidence: 0 }),
    )
    const soldAndHeld = channels.reduce((sum, { sold }) => sum + sold, 0)
    const hoursToStart = (event.duration - queue.now) / HOUR
    const view = { unallocated: this.free(), softCapThreshold: event.pool, soldAndHeld, hoursToStart, channels }
    const settings = options.settings ?? DEFAULT_SETTINGS
    for (const platform of donorsToRead(view, settings)) this.ask(this.side(platform as Platform))
    for (const { from, to, quantity } of planMoves(view, settings)) {
      this.moves += 1
      const receiver = this.side(to as Platform)
      if (from === 'UNALLOCATED') receiver.desired += quantity
      else this.shrink(this.side(from as Platform), receiver, quantity)
    }
    for (const side of this.sides.values()) this.sync(side)
  }

  /** A read of its sales, where none is under way. Meetup is polled often enough. */
  private ask(side: Side): void {
    if (side.platform === 'MEETUP' || side.readPending) return
    side.readPending = true
    const requestedAt = this.queue.now
    side.link.read('grow', (response) => {
      side.readPending = false
      if (response.kind !== 'OK') return
      side.read(requestedAt)
      this.planSoon()
    })
  }

  /** The receiver's part follows in a later plan, out of what the shrink will have released. */
  private shrink(donor: Side, receiver: Side, quantity: number): void {
    donor.desired -= quantity
    donor.gaveAt = this.queue.now
    receiver.gotAt = this.queue.now
    if (this.options.unsafe) receiver.desired += quantity
  }

  private sync(side: Side): void {
    if (side.unconfirmed !== null || side.desired === side.confirmed) return
    const lane = side.desired < side.confirmed ? 'protect' : 'grow'
    side.unconfirmed = side.desired
    side.link.writeCap(side.desired, lane, (response) => this.settle(side, lane, response))
  }

  private settle(side: Side, lane: Lane, response: LinkResponse): void {
    if (response.kind === 'OK') {
      side.confirm(response.reading, this.queue.now)
      if (side.pending > 0) this.queue.after(CART_READ_MS, () => this.reread(side))
      this.planSoon()
    } else if (this.options.unsafe) {
      side.unconfirmed = null
      side.confirmed = side.desired
    } else {
      const again = () => side.link.read(lane, (next) => this.settle(side, lane, next))
      this.queue.after(SETTLE_MS, again)
    }
  }

  private reread(side: Side): void {
    if (side.pending === 0 || side.unconfirmed !== null) return
    side.unconfirmed = side.confirmed
    side.link.read('bulk', (response) => this.settle(side, 'bulk', response))
  }

  private side(platform: Platform): Side {
    const side = this.sides.get(platform)
    if (!side) throw new RangeError(`no channel on ${platform}`)
    return side
  }
}
