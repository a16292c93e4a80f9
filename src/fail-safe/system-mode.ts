import { Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common'
import { FailSafe } from '../domain/errors.js'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import { repeatEvery, type Repeating } from '../infrastructure/repeat.js'
import { ModeStore, type StoredMode } from './mode-store.js'
import { RedisWatch } from './redis-watch.js'

export type SystemModeName = 'NORMAL' | 'FAIL_SAFE'

const READ_EVERY_MS = 250
const RETRY_AFTER_SECONDS = 5

/**
 * Whether anything may be sold now, as this process knows it: not while Redis does not answer it, and not while the
 * stored mode, which all processes share and follow within a moment, is FAIL_SAFE.
 */
@Injectable()
export class SystemMode implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger('FailSafe')
  private readonly listeners = new Set<(mode: SystemModeName) => void>()
  private repeating: Repeating | null = null
  /** Null until it was read once: nothing is sold on a guess. */
  private stored: StoredMode | null = null
  private told: SystemModeName | null = null

  constructor(
    private readonly store: ModeStore,
    private readonly watch: RedisWatch,
    metrics: Metrics,
  ) {
    metrics.gauge('failsafe_active', 'Whether this process refuses to sell', [], (gauge) =>
      gauge.set(this.current() === 'FAIL_SAFE' ? 1 : 0),
    )
  }

  async onModuleInit(): Promise<void> {
    const failed = (error: unknown) => this.logger.debug({ err: error }, 'the mode cannot be read')
    await this.refresh().catch(failed)
    this.repeating = repeatEvery(READ_EVERY_MS, async () => void (await this.refresh()), failed)
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.repeating?.stop()
  }

  current(): SystemModeName {
    return this.watch.away || this.stored?.mode !== 'NORMAL' ? 'FAIL_SAFE' : 'NORMAL'
  }

  /** Before anything is held or sold. Throws FailSafe. */
  assertAdmitting(): void {
    if (this.current() === 'NORMAL') return
    const detail = 'Nothing is sold at the moment: the stock cannot be decided safely. The waitlist is open.'
    throw new FailSafe(detail, { retryAfterSeconds: RETRY_AFTER_SECONDS })
  }

  /** Called with the new mode whenever `current()` has changed. Answers a function that ends it. */
  onChanged(listener: (mode: SystemModeName) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Reads the stored mode now. */
  async refresh(): Promise<StoredMode> {
    try {
      this.stored = await this.store.read()
      return this.stored
    } finally {
      this.tell()
    }
  }

  private tell(): void {
    const mode = this.current()
    const first = this.told === null
    if (this.told === mode) return
    this.told = mode
    if (!first) for (const listener of this.listeners) listener(mode)
  }
}
