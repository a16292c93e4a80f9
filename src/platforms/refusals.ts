import type { Failure } from './port.js'

/** A failure that lasts until a person changes something at the platform. */
export type AccessFailure = Extract<Failure, { kind: 'AUTH_FAILED' | 'FORBIDDEN' | 'GONE' }>

export interface Refusal {
  failure: AccessFailure
  since: Date
}

interface Entry extends Refusal {
  /** ms between probes at the moment. */
  pauseMs: number
  probedAt: number
  /** A probe went out, and what became of it is not known yet. */
  probing: boolean
}

const FIRST_PAUSE_MS = 30_000
const MAX_PAUSE_MS = 600_000
const MAX_REMEMBERED = 10_000

/** What was refused, by key, and when it may be tried again: after 30 s, then at ever longer pauses up to 10 min. */
export class Refusals {
  private readonly entries = new Map<string, Entry>()

  constructor(private readonly now: () => Date) {}

  get(key: string): Refusal | null {
    return this.entries.get(key) ?? null
  }

  /** The refusal that answers a call now; null: it may go out. `pressing`: its pause stays at the first one. */
  refuses(key: string, pressing: boolean): Refusal | null {
    const entry = this.entries.get(key)
    if (!entry) return null
    const passed = this.now().getTime() - entry.probedAt
    return passed < (pressing ? FIRST_PAUSE_MS : entry.pauseMs) ? entry : null
  }

  /** A call goes out: where the key is refused it is the probe, and none follows it until the pause is over. */
  probe(key: string): void {
    const entry = this.entries.get(key)
    if (!entry) return
    entry.probedAt = this.now().getTime()
    entry.probing = true
  }

  /** Only a failed probe makes the pause longer: calls that were under way tell nothing new. */
  note(key: string, failure: AccessFailure): void {
    const known = this.entries.get(key)
    if (!known) {
      const now = this.now()
      this.entries.set(key, {
        failure,
        since: now,
        pauseMs: FIRST_PAUSE_MS,
        probedAt: now.getTime(),
        probing: false,
      })
      const oldest = this.entries.keys().next()
      if (this.entries.size > MAX_REMEMBERED && !oldest.done) this.entries.delete(oldest.value)
      return
    }
    known.failure = failure
    if (known.probing) known.pauseMs = Math.min(2 * known.pauseMs, MAX_PAUSE_MS)
    known.probing = false
  }

  forget(key: string): void {
    this.entries.delete(key)
  }

  /** Forgets all of a kind. */
  forgetKind(kind: AccessFailure['kind']): void {
    for (const [key, { failure }] of this.entries) if (failure.kind === kind) this.entries.delete(key)
  }
}
