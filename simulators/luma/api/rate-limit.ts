import { WindowLimit } from '../../kit/index.js'

export interface RateLimitRules {
  /** Calls per window for a calendar's key and for an organization's key. */
  calendar: number
  organization: number
  windowMs: number
  /** How long every call is rejected after the limit was exceeded. */
  blockMs: number
}

export const LUMA_RATE_LIMITS: RateLimitRules = { calendar: 200, organization: 500, windowMs: 60_000, blockMs: 60_000 }

export type KeyKind = 'calendar' | 'organization'

export interface RateLimitState {
  allowed: boolean
  limit: number
  remaining: number
  /** ms since the epoch: the end of the window, or of the block. */
  resetAt: number
}

/** Luma's rate limit of one key: a fixed window, and a block of a minute after it was exceeded. */
export class RateLimit {
  private readonly window: WindowLimit
  private readonly limit: number
  private blockedUntil = 0

  constructor(
    kind: KeyKind,
    private readonly limits: RateLimitRules,
  ) {
    this.limit = limits[kind]
    this.window = new WindowLimit({ limit: this.limit, windowMs: limits.windowMs, kind: 'fixed' })
  }

  take(now: number): RateLimitState {
    if (now < this.blockedUntil) return this.rejection()
    const { allowed, used, resetAt } = this.window.take(1, now)
    if (allowed) return { allowed, limit: this.limit, remaining: this.limit - used, resetAt }
    return this.block(now)
  }

  /** As if the limit had just been exceeded. */
  block(now: number): RateLimitState {
    this.blockedUntil = now + this.limits.blockMs
    return this.rejection()
  }

  private rejection(): RateLimitState {
    return { allowed: false, limit: this.limit, remaining: 0, resetAt: this.blockedUntil }
  }
}
