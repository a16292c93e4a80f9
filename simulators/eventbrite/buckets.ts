import { WindowLimit } from '../kit/index.js'
import type { Toggles } from './toggles.js'

export interface BucketState {
  allowed: boolean
  /** The answer's header; it shows the token in clear, as the real one does. */
  header: string
  retryAfterSeconds: number
}

/** The calls counted against each token and, together, against the app key. Fixed windows from the first call. */
export class Buckets {
  private readonly tokens = new Map<string, WindowLimit>()
  private readonly key: WindowLimit

  constructor(
    private readonly toggles: Toggles,
    private readonly appKey: string,
  ) {
    this.key = this.bucket()
  }

  take(token: string, now: number): BucketState {
    const { key } = this
    const own = this.own(token)
    own.setRule(this.rule())
    key.setRule(this.rule())
    const { rateLimit } = this.toggles.current
    const allowed = own.state(now).used < rateLimit && key.state(now).used < rateLimit
    if (allowed) {
      own.take(1, now)
      key.take(1, now)
    }
    return { allowed, ...this.say(token, now, null) }
  }

  /** Calls of other customers of the same app. */
  spendKey(calls: number, now: number): void {
    this.key.setRule(this.rule())
    this.key.take(calls, now)
  }

  /** A refusal out of turn: it claims that the token is used up for a moment. */
  forced(token: string, now: number): BucketState {
    return { allowed: false, ...this.say(token, now, this.toggles.current.throttleSeconds) }
  }

  private say(token: string, now: number, spentFor: number | null): Omit<BucketState, 'allowed'> {
    const { rateLimit } = this.toggles.current
    const own = this.own(token).state(now)
    const key = this.key.state(now)
    const seconds = (resetAt: number) => Math.max(0, Math.ceil((resetAt - now) / 1_000))
    const used = spentFor === null ? own.used : rateLimit
    const reset = spentFor ?? seconds(own.resetAt)
    const spent = [used >= rateLimit ? reset : 0, key.used >= rateLimit ? seconds(key.resetAt) : 0]
    return {
      header:
        `token:${token} ${used}/${rateLimit} reset=${reset}s, ` +
        `key:${this.appKey} ${key.used}/${rateLimit} reset=${seconds(key.resetAt)}s`,
      retryAfterSeconds: Math.max(...spent),
    }
  }

  private own(token: string): WindowLimit {
    const known = this.tokens.get(token) ?? this.bucket()
    this.tokens.set(token, known)
    return known
  }

  private bucket(): WindowLimit {
    return new WindowLimit(this.rule())
  }

  private rule() {
    const { rateLimit, rateWindowMs } = this.toggles.current
    return { limit: rateLimit, windowMs: rateWindowMs, kind: 'fixed' as const }
  }
}
