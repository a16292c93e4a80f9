import { WindowLimit } from '../kit/index.js'

export interface Limits {
  /** Calls per window for a calendar's key, and for an organization's. */
  calendar: number
  organization: number
  windowMs: number
  /** How long every call is refused once the limit was passed. */
  blockMs: number
}

export const LUMA_LIMITS: Limits = { calendar: 200, organization: 500, windowMs: 60_000, blockMs: 60_000 }

export type KeyKind = 'calendar' | 'organization'

export interface RateState {
  allowed: boolean
  limit: number
  remaining: number
  /** ms since the epoch: the end of the window, or of the block. */
  resetAt: number
}

/** Luma's limit of one key: a fixed window, and a block of a whole minute for who passes it. */
export class RateGate {
  private readonly window: WindowLimit
  private readonly limit: number
  private blockedUntil = 0

  constructor(
    kind: KeyKind,
    private readonly limits: Limits,
  ) {
    this.limit = limits[kind]
    this.window = new WindowLimit({ limit: this.limit, windowMs: limits.windowMs, kind: 'fixed' })
  }

  take(now: number): RateState {
    if (now < this.blockedUntil) return this.refusal()
    const { allowed, used, resetAt } = this.window.take(1, now)
    if (allowed) return { allowed, limit: this.limit, remaining: this.limit - used, resetAt }
    return this.block(now)
  }

  /** As if the limit had been passed just now. */
  block(now: number): RateState {
    this.blockedUntil = now + this.limits.blockMs
    return this.refusal()
  }

  private refusal(): RateState {
    return { allowed: false, limit: this.limit, remaining: 0, resetAt: this.blockedUntil }
  }
}
