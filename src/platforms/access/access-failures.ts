import type { Failure } from '../port.js'

/** A failure that lasts until a person changes something on the platform. */
export type AccessFailure = Extract<Failure, { kind: 'AUTH_FAILED' | 'FORBIDDEN' | 'GONE' }>

export interface KnownFailure {
  failure: AccessFailure
  since: Date
}

interface Entry extends KnownFailure {
  /** Current interval between probes, ms. */
  intervalMs: number
  probedAt: number
  /** A probe is in flight. */
  probing: boolean
}

const MIN_INTERVAL_MS = 30_000
const MAX_INTERVAL_MS = 600_000
const MAX_ENTRIES = 10_000

/**
 * Known access failures by key, and when each may be probed: after 30 s, then with exponential backoff up to 10 min.
 */
export class AccessFailures {
  private readonly entries = new Map<string, Entry>()

  constructor(private readonly now: () => Date) {}

  get(key: string): KnownFailure | null {
    return this.entries.get(key) ?? null
  }

  /** The failure to return instead of making a call now; null: the call may be made. `urgent`: without backoff. */
  blocking(key: string, urgent: boolean): KnownFailure | null {
    const entry = this.entries.get(key)
    if (!entry) return null
    const elapsed = this.now().getTime() - entry.probedAt
    return elapsed < (urgent ? MIN_INTERVAL_MS : entry.intervalMs) ? entry : null
  }

  /** A call is about to be made. If the key has a failure, the call is its probe and blocks others for the interval. */
  startProbe(key: string): void {
    const entry = this.entries.get(key)
    if (!entry) return
    entry.probedAt = this.now().getTime()
    entry.probing = true
  }

  /** Only a failed probe lengthens the interval: calls that were already in flight add no information. */
  record(key: string, failure: AccessFailure): void {
    const known = this.entries.get(key)
    if (!known) {
      const now = this.now()
      this.entries.set(key, {
        failure,
        since: now,
        intervalMs: MIN_INTERVAL_MS,
        probedAt: now.getTime(),
        probing: false,
      })
      const oldest = this.entries.keys().next()
      if (this.entries.size > MAX_ENTRIES && !oldest.done) this.entries.delete(oldest.value)
      return
    }
    known.failure = failure
    if (known.probing) known.intervalMs = Math.min(2 * known.intervalMs, MAX_INTERVAL_MS)
    known.probing = false
  }

  clear(key: string): void {
    this.entries.delete(key)
  }

  /** Removes all failures of a kind. */
  clearKind(kind: AccessFailure['kind']): void {
    for (const [key, { failure }] of this.entries) if (failure.kind === kind) this.entries.delete(key)
  }
}
