import { WindowLimit, type ApiResponse, type Clock } from '../../kit/index.js'
import type { Caller } from './credentials.js'
import type { Toggles } from '../toggles.js'

const MAX_WINDOWS = 1_000

/** Counts the points that each credential has spent. */
export class RateLimit {
  private readonly windows = new Map<string, WindowLimit>()

  constructor(
    private readonly toggles: Toggles,
    /** The true time; `platformClock` is used for `resetAt` only. */
    private readonly clock: Clock,
    private readonly platformClock: Clock,
  ) {}

  /** Null if the points were available, else the rejection. A rejected call costs nothing. */
  take(caller: Caller | null, points: number, field: string): ApiResponse | null {
    const now = this.clock.now()
    const { allowed, used, resetAt } = this.windowOf(caller).take(points, now)
    if (allowed) return null
    return this.rejection(used + points, new Date(resetAt + this.platformClock.now() - now).toISOString(), field)
  }

  used(caller: Caller | null): number {
    return this.windowOf(caller).state(this.clock.now()).used
  }

  /** The spent points of all credentials. */
  all(): { key: string; used: number }[] {
    return [...this.windows].map(([key, window]) => ({ key, used: window.state(this.clock.now()).used }))
  }

  /** A rejection while the budget is not used up. */
  throttled(field: string): ApiResponse {
    const now = this.platformClock.now()
    const { forcedResetAt, pointsLimit } = this.toggles.current
    const resetAt = { future: new Date(now + 5_000), past: new Date(now - 5_000), absent: null }[forcedResetAt]
    return this.rejection(pointsLimit, resetAt?.toISOString() ?? null, field)
  }

  private rejection(consumedPoints: number, resetAt: string | null, field: string): ApiResponse {
    const extensions = { code: 'RATE_LIMITED', consumedPoints, ...(resetAt === null ? {} : { resetAt }) }
    const message = 'Too many requests, please try again shortly.'
    return {
      status: this.toggles.current.throttleStatus,
      headers: { date: new Date(this.platformClock.now()).toUTCString() },
      body: { errors: [{ message, locations: [{ line: 2, column: 3 }], path: [field], extensions }], data: null },
    }
  }

  private windowOf(caller: Caller | null): WindowLimit {
    const { budgetScope, pointsLimit: limit, windowMs, windowKind: kind } = this.toggles.current
    const client = caller?.clientKey ?? 'anonymous'
    const key = budgetScope === 'client' || !caller ? client : `${client}:${caller.memberId}`
    const window = this.windows.get(key) ?? new WindowLimit({ limit, windowMs, kind })
    window.setRule({ limit, windowMs, kind })
    if (this.windows.size >= MAX_WINDOWS && !this.windows.has(key)) throw new Error('too many credentials')
    this.windows.set(key, window)
    return window
  }
}
