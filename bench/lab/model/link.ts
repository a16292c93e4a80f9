import type { Lane, Platform } from '../../../src/domain/channel.js'
import { bucketOf, laneRule } from '../../../src/platforms/throttle/budget.js'
import { LeakyBucket } from '../../../src/platforms/throttle/leaky-bucket.js'
import type { Random } from '../../../simulators/kit/random.js'
import { WindowLimit } from '../../../simulators/kit/window-limit.js'
import { logUniform } from './demand.js'
import type { EventQueue } from './event-queue.js'
import type { PlatformModel, Reading } from './platform-model.js'

/** A whole call takes this long, ms; one that takes longer than the time limit is given up and may still land. */
const LATENCY = { low: 100, high: 30_000 }
const CALL_LIMIT_MS = 10_000
/** Chance that a request or an response gets lost. */
const LOST = 0.02
const MAX_WAIT_MS = 60_000

/**
 * Limits as the platforms publish them, per window, less the load of polls, pulls and sweeps, the same under every policy
 * (`baseLoad`). `calls` is what writing a cap takes until it is confirmed, `weight` the units of one call.
 */
const LIMITS: Record<
  Platform,
  { limit: number; baseLoad: number; seconds: number; burst: number; weight: number; calls: number; reserve: number }
> = {
  EVENTBRITE: { limit: 2_000, baseLoad: 400, seconds: 3_600, burst: 180, weight: 1, calls: 2, reserve: 0.15 },
  LUMA: { limit: 200, baseLoad: 20, seconds: 60, burst: 18, weight: 1, calls: 1, reserve: 0.2 },
  MEETUP: { limit: 500, baseLoad: 60, seconds: 60, burst: 150, weight: 10, calls: 1, reserve: 0.2 },
}

/** What a call came to. `UNKNOWN`: it may have landed, or may still until 30 s after it was sent. */
export type LinkResponse = { kind: 'OK'; reading: Reading } | { kind: 'UNKNOWN' } | { kind: 'THROTTLED' }

/** The way to one platform's API: our own limiter, the network, and the platform's rate limit at the other end. */
export class Link {
  calls = 0
  throttled = 0
  private readonly rules: (typeof LIMITS)[Platform]
  private readonly bucket
  private readonly level: LeakyBucket
  private readonly window: WindowLimit

  constructor(
    platform: Platform,
    private readonly model: PlatformModel,
    private readonly world: { queue: EventQueue; random: Random; capChanged: () => void },
  ) {
    this.rules = LIMITS[platform]
    const { limit, baseLoad, seconds, burst, reserve } = this.rules
    this.bucket = bucketOf({ bucket: platform, limit: limit - baseLoad, windowSeconds: seconds, reserve, burst })
    this.level = new LeakyBucket(this.bucket, 0, 0)
    this.window = new WindowLimit({ limit: limit - baseLoad, windowMs: seconds * 1_000, kind: 'sliding' })
  }

  /** ms until a grow could be sent; 0: now. */
  writableInMs(): number {
    const { ceiling } = laneRule(this.bucket, this.rules.weight, 'grow', { forWrite: true })
    const over = this.level.level(this.world.queue.now) + this.rules.weight * this.rules.calls - ceiling
    return Math.max(0, over / this.bucket.rate)
  }

  writeCap(cap: number, lane: Lane, done: (response: LinkResponse) => void): void {
    const confirm = this.rules.calls > 1 ? () => this.read(lane, done) : null
    const land = () => {
      this.model.setCap(cap)
      this.world.capChanged()
    }
    this.send(lane, land, (response) => (confirm && response.kind === 'OK' ? confirm() : done(response)))
  }

  read(lane: Lane, done: (response: LinkResponse) => void): void {
    this.send(lane, () => undefined, done)
  }

  private send(lane: Lane, land: () => void, done: (response: LinkResponse) => void): void {
    const { queue, random } = this.world
    const wait = this.level.acquire(
      this.rules.weight,
      laneRule(this.bucket, this.rules.weight, lane, { forWrite: true }),
      queue.now,
    )
    if (wait > 0) return queue.after(Math.min(wait, MAX_WAIT_MS), () => this.send(lane, land, done))
    this.calls += 1
    const latency = logUniform(random, LATENCY.low, LATENCY.high)
    const arrives = latency * random.next()
    const [requestLost, responseLost] = [random.chance(LOST), random.chance(LOST)]
    if (latency > CALL_LIMIT_MS || requestLost || responseLost)
      queue.after(CALL_LIMIT_MS, () => done({ kind: 'UNKNOWN' }))
    if (requestLost) return
    queue.after(arrives, () => {
      const accepted = this.window.take(this.rules.weight, queue.now).allowed
      if (accepted) land()
      else this.throttled += 1
      const response: LinkResponse = accepted ? { kind: 'OK', reading: this.model.read() } : { kind: 'THROTTLED' }
      if (latency <= CALL_LIMIT_MS && !responseLost) queue.after(latency - arrives, () => done(response))
    })
  }
}
