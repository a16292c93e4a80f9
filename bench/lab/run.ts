import { splitPool } from '../../src/domain/stock/allocation.js'
import { PLATFORMS, type Platform } from '../../src/domain/channel.js'
import type { PolicySettings } from '../../src/domain/rebalancing/rebalance-view.js'
import { seededRandom, type Random } from '../../simulators/kit/random.js'
import { Controller } from './controller.js'
import type { Buyer, Trace } from './model/demand.js'
import { EventQueue } from './model/event-queue.js'
import { Link } from './model/link.js'
import { noticeDelay } from './model/notices.js'
import { PlatformModel } from './model/platform-model.js'

export const POLICIES = ['rebalance', 'static-equal', 'static-proportional', 'clairvoyant'] as const
export type Policy = (typeof POLICIES)[number]

export interface RunOptions {
  unsafe?: boolean
  settings?: PolicySettings
}

/** What one policy made of one trace. Counts are tickets, except calls, throttled and moves. */
export interface RunResult {
  sold: number
  /** The most that was ever sold above the pool. */
  oversold: number
  /** The most that the platforms together could have sold above the pool: caps, or carts where they are more. */
  exposedAbove: number
  calls: number
  throttled: number
  moves: number
}

/** Plays one trace under one policy. The same arguments always give the same result. */
export function run(trace: Trace, policy: Policy, options: RunOptions = {}): RunResult {
  return new World(trace, policy, options).play()
}

class World {
  private readonly queue = new EventQueue()
  private readonly random: Random
  private readonly models: ReadonlyMap<Platform, PlatformModel>
  private readonly links: ReadonlyMap<Platform, Link>
  private readonly controller: Controller | null
  private readonly result: RunResult = { sold: 0, oversold: 0, exposedAbove: 0, calls: 0, throttled: 0, moves: 0 }

  constructor(
    private readonly trace: Trace,
    policy: Policy,
    { unsafe = false, settings }: RunOptions,
  ) {
    const { pool, duration, seed } = trace
    this.random = seededRandom(seed ^ 0x5eed)
    const caps = capsOf(trace, policy)
    const shared = new PlatformModel(pool)
    const model = (platform: Platform) =>
      policy === 'clairvoyant' ? shared : new PlatformModel(caps.get(platform) ?? 0)
    this.models = new Map(PLATFORMS.map((platform) => [platform, model(platform)]))
    const world = { queue: this.queue, random: this.random, capChanged: () => this.measure() }
    this.links = new Map([...this.models].map(([platform, to]) => [platform, new Link(platform, to, world)]))
    const rules = settings ? { unsafe, settings } : { unsafe }
    const managed = policy === 'rebalance'
    this.controller = managed ? new Controller(this.queue, this.links, { pool, duration, caps }, rules) : null
  }

  play(): RunResult {
    const { trace, queue, result } = this
    for (const buyer of trace.buyers) queue.at(buyer.at, () => this.arrive(buyer, buyer.platform, buyer.second))
    queue.runUntil(trace.duration)
    for (const { calls, throttled } of this.links.values()) {
      result.calls += calls
      result.throttled += throttled
    }
    return { ...result, sold: this.total(({ sold }) => sold), moves: this.controller?.moves ?? 0 }
  }

  private arrive(buyer: Buyer, platform: Platform, second: Buyer['second']): void {
    const model = this.models.get(platform)
    if (!model?.reserve(buyer.size)) {
      if (second) this.queue.after(second.afterMs, () => this.arrive(buyer, second.platform, null))
    } else if (!buyer.cart) this.buy(buyer, platform, model)
    else if (buyer.cart.buys) this.queue.after(buyer.cart.ms, () => this.buy(buyer, platform, model))
    else this.queue.after(buyer.cart.ms, () => model.abandon(buyer.size))
    this.measure()
  }

  private buy(buyer: Buyer, platform: Platform, model: PlatformModel): void {
    model.complete(buyer.size)
    this.notify(platform, buyer.size)
    this.measure()
    if (buyer.cancelsAfterMs === null) return
    this.queue.after(buyer.cancelsAfterMs, () => {
      model.cancel(buyer.size)
      this.notify(platform, -buyer.size)
    })
  }

  private notify(platform: Platform, delta: number): void {
    const { controller, queue } = this
    if (!controller) return
    const at = queue.now
    queue.after(noticeDelay(platform, this.random, at), () => controller.notice(platform, delta, at))
  }

  private measure(): void {
    const { result, trace } = this
    result.oversold = Math.max(result.oversold, this.total(({ sold }) => sold) - trace.pool)
    result.exposedAbove = Math.max(result.exposedAbove, this.total((model) => model.most()) - trace.pool)
  }

  private total(of: (model: PlatformModel) => number): number {
    return [...new Set(this.models.values())].reduce((sum, model) => sum + of(model), 0)
  }
}

/** Demand is unknown to all policies, but the proportional split is given its expected shares. */
function capsOf({ pool, shares }: Trace, policy: Policy): ReadonlyMap<Platform, number> {
  const weight = (platform: Platform) => (policy === 'static-proportional' ? shares[platform] : 1)
  return splitPool(
    pool,
    PLATFORMS.map((key) => ({ key, weight: weight(key), floor: 1 })),
  )
}
