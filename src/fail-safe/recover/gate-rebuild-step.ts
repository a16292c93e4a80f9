import { Injectable, Logger } from '@nestjs/common'
import { newId } from '../../infrastructure/ids.js'
import { RedisHealth, type RedisObservation } from '../../infrastructure/redis/redis-health.js'
import { runEach } from '../../infrastructure/run-each.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Timers } from '../../infrastructure/time/timers.js'
import { EventStore } from '../../stock/event-store.js'
import { Rebuilder, type RebuildCause } from '../../stock/gate/rebuild.js'
import { ModeStore, type StoredMode } from '../../system-mode/mode-store.js'
import { RedisWatch } from '../../system-mode/redis-watch.js'

const MAX_CONCURRENT = 4
/** Per event: its row may be locked, or its ledger long. */
const REBUILD_TIMEOUT_MS = 3_000
/**
 * Two processes that see different masters would rebuild alternately without a pause. The pause between failover
 * rebuilds doubles from `initialMs` to `maxMs` and resets after `resetAfterMs` without one.
 */
const FAILOVER_BACKOFF = { initialMs: 1_000, maxMs: 60_000, resetAfterMs: 300_000 }

/** Loads the gates of all events on sale into the current Redis and records its identity. */
@Injectable()
export class GateRebuildStep {
  private readonly logger = new Logger('FailSafe')
  private failoverRebuilds = 0
  private lastFailoverRebuildAt = Number.NEGATIVE_INFINITY

  constructor(
    private readonly events: EventStore,
    private readonly rebuilder: Rebuilder,
    private readonly watch: RedisWatch,
    private readonly health: RedisHealth,
    private readonly store: ModeStore,
    private readonly clock: Clock,
    private readonly timers: Timers,
  ) {}

  /** Whether Redis was restarted, replaced or emptied since the last rebuild, by the last observation; false without one. */
  seemsDue(stored: StoredMode): boolean {
    const { observation } = this.watch
    return (
      observation !== null &&
      differs(observation, stored) &&
      this.clock.monotonicMs() >= this.lastFailoverRebuildAt + this.pauseMs()
    )
  }

  /** Probes again: another process may have rebuilt since this one's last observation. */
  async isDue(stored: StoredMode): Promise<boolean> {
    return differs(await this.health.observe(), stored)
  }

  /**
   * Rejects when Redis or PostgreSQL is unavailable. A locked, slow or broken event does not block the others: the first
   * operation that finds its gate unusable rebuilds it.
   */
  async rebuildAll(cause: RebuildCause): Promise<void> {
    const before = await this.store.read()
    const { identity } = await this.health.observe()
    const started = this.clock.monotonicMs()
    const eventIds = await this.events.idsBySoonestStart({ scope: 'open', now: this.clock.now() })
    let failed = 0
    await runEach(eventIds, {
      concurrency: MAX_CONCURRENT,
      deadlineMs: REBUILD_TIMEOUT_MS,
      timers: this.timers,
      work: async (eventId) => void (await this.rebuilder.rebuild(eventId, cause)),
      onFailure: (eventId, error) => {
        failed += 1
        this.logger.error({ err: error, eventId }, 'failed to rebuild a stock gate; it stays closed')
      },
    })
    // While a server is unavailable these reject and the step is retried; otherwise each failure concerns its event only.
    const canary = newId('mark')
    await this.health.writeCanary(canary)
    if (!(await this.store.recordRebuild(before, identity, canary))) {
      throw new Error('another process has concurrently rebuilt the gates on another Redis')
    }
    if (cause === 'failover') {
      this.failoverRebuilds = this.pauseMs() === 0 ? 1 : this.failoverRebuilds + 1
      this.lastFailoverRebuildAt = this.clock.monotonicMs()
    }
    const ms = Math.round(this.clock.monotonicMs() - started)
    this.logger.log({ cause, events: eventIds.length, failed, ms }, 'stock gates rebuilt')
  }

  /** Before the next failover rebuild. */
  private pauseMs(): number {
    const { initialMs, maxMs, resetAfterMs } = FAILOVER_BACKOFF
    if (this.clock.monotonicMs() - this.lastFailoverRebuildAt > resetAfterMs) return 0
    return Math.min(initialMs * 2 ** Math.max(0, this.failoverRebuilds - 1), maxMs)
  }
}

function differs({ identity, canary }: RedisObservation, { redisIdentity, redisCanary }: StoredMode): boolean {
  return identity !== redisIdentity || canary !== redisCanary
}
