import { Injectable } from '@nestjs/common'
import { FailSafe } from '../domain/errors.js'
import { Periodic } from '../infrastructure/background/periodic.js'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import { Clock } from '../infrastructure/time/clock.js'
import { ModeStore, type StoredMode } from './mode-store.js'
import { RedisWatch } from './redis-watch.js'

export type SystemModeName = 'NORMAL' | 'FAIL_SAFE'

const READ_INTERVAL_MS = 250
const RETRY_AFTER_SECONDS = 5

/**
 * Whether this process may sell now: not while Redis is unavailable to it, and not while the stored mode, which all
 * processes share and poll, is FAIL_SAFE.
 */
@Injectable()
export class SystemMode {
  private readonly listeners = new Set<(mode: SystemModeName) => void>()
  /** Null until the first read; counts as fail-safe. */
  private stored: StoredMode | null = null
  private notifiedMode: SystemModeName | null = null
  /** When the last read that succeeded started, ms of `Clock.monotonicMs`. */
  private readAt = -Infinity

  constructor(
    private readonly store: ModeStore,
    private readonly watch: RedisWatch,
    private readonly clock: Clock,
    metrics: Metrics,
  ) {
    metrics.gauge(
      'failsafe_active',
      '1 while this process rejects sales because of fail-safe mode, else 0',
      [],
      (gauge) => gauge.set(this.current() === 'FAIL_SAFE' ? 1 : 0),
    )
  }

  current(): SystemModeName {
    return this.watch.unavailable || this.stored?.mode !== 'NORMAL' ? 'FAIL_SAFE' : 'NORMAL'
  }

  /** Called before every hold and sale. Throws FailSafe. */
  assertAdmitting(): void {
    if (this.current() === 'NORMAL') return
    const detail = 'Sales are paused: stock cannot be allocated safely at the moment. The waitlist is open.'
    throw new FailSafe(detail, { retryAfterSeconds: RETRY_AFTER_SECONDS })
  }

  /** Calls `listener` with the new mode whenever `current()` has changed. Returns a function that unsubscribes. */
  onChanged(listener: (mode: SystemModeName) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** The stored mode, read at most `maxAgeMs` ago. */
  async recent(maxAgeMs: number): Promise<StoredMode> {
    const isRecent = this.clock.monotonicMs() - this.readAt < maxAgeMs
    return isRecent && this.stored ? this.stored : this.refresh()
  }

  /** Reads the stored mode now. */
  @Periodic({ name: 'system mode read', every: READ_INTERVAL_MS, runsIn: 'every process' })
  async refresh(): Promise<StoredMode> {
    const startedAt = this.clock.monotonicMs()
    try {
      this.stored = await this.store.read()
      this.readAt = startedAt
      return this.stored
    } finally {
      this.notifyListeners()
    }
  }

  private notifyListeners(): void {
    const mode = this.current()
    const isFirst = this.notifiedMode === null
    if (this.notifiedMode === mode) return
    this.notifiedMode = mode
    if (!isFirst) for (const listener of this.listeners) listener(mode)
  }
}
