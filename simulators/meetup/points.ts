import { WindowLimit, type Answer, type Clock } from '../kit/index.js'
import type { Caller } from './credentials.js'
import type { Toggles } from './toggles.js'

const MAX_BUCKETS = 1_000

/** What each credential has spent of its points. */
export class Points {
  private readonly buckets = new Map<string, WindowLimit>()

  constructor(
    private readonly toggles: Toggles,
    /** Runs true; `platformClock` is only what `resetAt` is written by. */
    private readonly clock: Clock,
    private readonly platformClock: Clock,
  ) {}

  /** Null when paid for, else the refusal. A refused call costs nothing. */
  spend(caller: Caller | null, points: number, field: string): Answer | null {
    const now = this.clock.now()
    const { allowed, used, resetAt } = this.bucket(caller).take(points, now)
    if (allowed) return null
    return this.refusal(used + points, new Date(resetAt + this.platformClock.now() - now).toISOString(), field)
  }

  used(caller: Caller | null): number {
    return this.bucket(caller).state(this.clock.now()).used
  }

  /** Every bucket with something in it. */
  all(): { key: string; used: number }[] {
    return [...this.buckets].map(([key, bucket]) => ({ key, used: bucket.state(this.clock.now()).used }))
  }

  /** A refusal without a cause. */
  forced(field: string): Answer {
    const now = this.platformClock.now()
    const { forcedResetAt, pointsLimit } = this.toggles.current
    const resetAt = { future: new Date(now + 5_000), past: new Date(now - 5_000), absent: null }[forcedResetAt]
    return this.refusal(pointsLimit, resetAt?.toISOString() ?? null, field)
  }

  private refusal(consumedPoints: number, resetAt: string | null, field: string): Answer {
    const extensions = { code: 'RATE_LIMITED', consumedPoints, ...(resetAt === null ? {} : { resetAt }) }
    const message = 'Too many requests, please try again shortly.'
    return {
      status: this.toggles.current.throttleStatus,
      headers: { date: new Date(this.platformClock.now()).toUTCString() },
      body: { errors: [{ message, locations: [{ line: 2, column: 3 }], path: [field], extensions }], data: null },
    }
  }

  private bucket(caller: Caller | null): WindowLimit {
    const { budgetScope, pointsLimit: limit, windowMs, windowKind: kind } = this.toggles.current
    const client = caller?.clientKey ?? 'anonymous'
    const key = budgetScope === 'client' || !caller ? client : `${client}:${caller.memberId}`
    const bucket = this.buckets.get(key) ?? new WindowLimit({ limit, windowMs, kind })
    bucket.setRule({ limit, windowMs, kind })
    if (this.buckets.size >= MAX_BUCKETS && !this.buckets.has(key)) throw new Error('too many credentials')
    this.buckets.set(key, bucket)
    return bucket
  }
}
