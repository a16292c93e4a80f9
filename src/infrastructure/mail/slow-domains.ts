import type { Clock } from '../time/clock.js'

/** A worker sends dozens of other mails in this time. */
const SLOW_MS = 5_000
const MAX_DOMAINS = 1_000

/**
 * Domains of recipients whose last attempt failed slowly. All of them together have at most `maxAttempts` attempts at a
 * time, so that mails to others find a free worker of this process.
 */
export class SlowDomains {
  /** The one that was recorded first is first. */
  private readonly slow = new Set<string>()
  private attempts = 0

  constructor(
    private readonly clock: Pick<Clock, 'monotonicMs'>,
    private readonly maxAttempts: number,
  ) {}

  /** Runs the attempt, and rejects as it does. False: it was not run, since those to slow domains are. */
  async run(recipient: string, attempt: () => Promise<void>): Promise<boolean> {
    const domain = recipient.slice(recipient.lastIndexOf('@') + 1).toLowerCase()
    const isSlow = this.slow.has(domain)
    if (isSlow && this.attempts >= this.maxAttempts) return false
    const startedAt = this.clock.monotonicMs()
    if (isSlow) this.attempts += 1
    try {
      await attempt()
      this.slow.delete(domain)
    } catch (error) {
      this.record(domain, this.clock.monotonicMs() - startedAt >= SLOW_MS)
      throw error
    } finally {
      if (isSlow) this.attempts -= 1
    }
    return true
  }

  private record(domain: string, isSlow: boolean): void {
    this.slow.delete(domain)
    if (!isSlow) return
    this.slow.add(domain)
    const [oldest] = this.slow
    if (oldest !== undefined && this.slow.size > MAX_DOMAINS) this.slow.delete(oldest)
  }
}
