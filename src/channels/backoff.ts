/** From so many on, what may be tried again is forgotten. */
const MAX_RETAINED = 10_000

/** Pauses that double with each failure of the same thing, in this process's memory. */
export class Backoff {
  private readonly failures = new Map<string, { pauseMs: number; until: number }>()

  constructor(
    private readonly firstMs: number,
    private readonly mostMs: number,
  ) {}

  /** Before this instant a try would be in vain; null: go on. */
  until(key: string, now = Date.now()): Date | null {
    const failure = this.failures.get(key)
    return failure && failure.until > now ? new Date(failure.until) : null
  }

  /** Answers when to try again. */
  failed(key: string, now = Date.now()): Date {
    if (this.failures.size >= MAX_RETAINED) this.forgetPast(now)
    const before = this.failures.get(key)?.pauseMs
    const pauseMs = before === undefined ? this.firstMs : Math.min(before * 2, this.mostMs)
    this.failures.set(key, { pauseMs, until: now + pauseMs })
    return new Date(now + pauseMs)
  }

  succeeded(key: string): void {
    this.failures.delete(key)
  }

  private forgetPast(now: number): void {
    for (const [key, { until }] of this.failures) if (until <= now) this.failures.delete(key)
  }
}
