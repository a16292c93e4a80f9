import { WindowLimit } from '../../kit/index.js'
import type { Toggles } from '../toggles.js'

export interface RateLimitState {
  allowed: boolean
  /** The response header; it contains the token in clear text, as on the real platform. */
  header: string
  retryAfterSeconds: number
}

/** Counts calls per token and, in total, per app key, in fixed windows that start with the first call. */
export class RateLimit {
  private readonly tokens = new Map<string, WindowLimit>()
  private readonly key: WindowLimit

  constructor(
    private readonly toggles: Toggles,
    private readonly appKey: string,
  ) {
    this.key = this.newWindow()
  }

  take(token: string, now: number): RateLimitState {
    const { key } = this
    const limit = this.tokenLimit(token)
    limit.setRule(this.rule())
    key.setRule(this.rule())
    const { rateLimit } = this.toggles.current
    const allowed = limit.state(now).used < rateLimit && key.state(now).used < rateLimit
    if (allowed) {
      limit.take(1, now)
      key.take(1, now)
    }
    return { allowed, ...this.describe(token, now, null) }
  }

  /** Calls by other users of the same app. */
  spendKey(calls: number, now: number): void {
    this.key.setRule(this.rule())
    this.key.take(calls, now)
  }

  /** A rejection while the budget is not used up: it reports the token as exhausted for `throttleSeconds`. */
  throttled(token: string, now: number): RateLimitState {
    return { allowed: false, ...this.describe(token, now, this.toggles.current.throttleSeconds) }
  }

  private describe(token: string, now: number, exhaustedSeconds: number | null): Omit<RateLimitState, 'allowed'> {
    const { rateLimit } = this.toggles.current
    const own = this.tokenLimit(token).state(now)
    const key = this.key.state(now)
    const seconds = (resetAt: number) => Math.max(0, Math.ceil((resetAt - now) / 1_000))
    const used = exhaustedSeconds === null ? own.used : rateLimit
    const reset = exhaustedSeconds ?? seconds(own.resetAt)
    const waits = [used >= rateLimit ? reset : 0, key.used >= rateLimit ? seconds(key.resetAt) : 0]
    return {
      header:
        `token:${token} ${used}/${rateLimit} reset=${reset}s, ` +
        `key:${this.appKey} ${key.used}/${rateLimit} reset=${seconds(key.resetAt)}s`,
      retryAfterSeconds: Math.max(...waits),
    }
  }

  private tokenLimit(token: string): WindowLimit {
    const limit = this.tokens.get(token) ?? this.newWindow()
    this.tokens.set(token, limit)
    return limit
  }

  private newWindow(): WindowLimit {
    return new WindowLimit(this.rule())
  }

  private rule() {
    const { rateLimit, rateWindowMs } = this.toggles.current
    return { limit: rateLimit, windowMs: rateWindowMs, kind: 'fixed' as const }
  }
}
