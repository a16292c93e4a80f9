/** Above this size, entries whose pause is over are dropped. */
const MAX_RETAINED = 10_000

/** Exponential backoff per key, in this process's memory. `now`: ms. */
export class Backoff {
  private readonly failures = new Map<string, { pauseMs: number; until: number }>()

  constructor(
    private readonly firstMs: number,
    private readonly maxMs: number,
  ) {}

  /** No retry before this instant; null: not blocked. */
  blockedUntil(key: string, now: number): Date | null {
    const failure = this.failures.get(key)
    return failure && failure.until > now ? new Date(failure.until) : null
  }

  /** Returns when to retry. */
  recordFailure(key: string, now: number): Date {
    if (this.failures.size >= MAX_RETAINED) this.dropExpired(now)
    const before = this.failures.get(key)?.pauseMs
    const pauseMs = before === undefined ? this.firstMs : Math.min(before * 2, this.maxMs)
    this.failures.set(key, { pauseMs, until: now + pauseMs })
    return new Date(now + pauseMs)
  }

  recordSuccess(key: string): void {
    this.failures.delete(key)
  }

  private dropExpired(now: number): void {
    for (const [key, { until }] of this.failures) if (until <= now) this.failures.delete(key)
  }
}
