import { Injectable, Logger } from '@nestjs/common'
import { newId } from '../infrastructure/ids.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { runEach } from '../infrastructure/run-each.js'
import { Rebuilder, type RebuildCause } from '../inventory/rebuild.js'
import { ModeStore, type StoredMode } from './mode-store.js'
import type { RedisObservation } from './redis-probe.js'
import { RedisWatch } from './redis-watch.js'
import { openEvents } from '../inventory/live-events.js'

const AT_ONCE = 4
/** For so long one event may have its place: its row may be locked, its ledger long. */
const REBUILD_WITHIN_MS = 3_000
/**
 * Two processes that see two masters would rebuild in turns, as fast as they can: the pause between renewals doubles
 * from the first to the longest, and is forgotten after a while without one.
 */
const FLAPPING = { firstMs: 1_000, longestMs: 60_000, forgottenMs: 300_000 }

/** Loads the gates of all events on sale into the Redis that is there now, and remembers which one that was. */
@Injectable()
export class GateRebuildStep {
  private readonly logger = new Logger('FailSafe')
  private renewals = 0
  private renewedAt = Number.NEGATIVE_INFINITY

  constructor(
    private readonly prisma: PrismaService,
    private readonly rebuilder: Rebuilder,
    private readonly watch: RedisWatch,
    private readonly store: ModeStore,
  ) {}

  /** Whether Redis seems restarted, replaced or emptied since all gates were last rebuilt. False while it is not seen. */
  seemsDue(stored: StoredMode): boolean {
    const { sight } = this.watch
    return sight !== null && differs(sight, stored) && performance.now() >= this.renewedAt + this.pauseMs()
  }

  /** Asked anew: what this process saw last may be older than what another one has done since. */
  async isDue(stored: StoredMode): Promise<boolean> {
    return differs(await this.watch.probe.look(), stored)
  }

  /**
   * Rejects when Redis or PostgreSQL does not answer. An event that is locked, slow or broken holds no other one up: the
   * first decision that finds its gate unusable rebuilds it.
   */
  async renew(cause: RebuildCause): Promise<void> {
    const before = await this.store.read()
    const { identity } = await this.watch.probe.look()
    const started = performance.now()
    const events = await this.prisma.event.findMany({
      where: openEvents(new Date()),
      orderBy: { startsAt: 'asc' },
      select: { id: true },
    })
    let failed = 0
    await runEach(events, {
      concurrency: AT_ONCE,
      deadlineMs: REBUILD_WITHIN_MS,
      work: async ({ id }) => void (await this.rebuilder.rebuild(id, cause)),
      onFailure: ({ id }, error) => {
        failed += 1
        this.logger.error({ err: error, eventId: id }, 'a gate cannot be rebuilt and stays closed')
      },
    })
    // Where a server is away, these reject and the whole is repeated; else each failure was that of its event.
    const mark = newId('mark')
    await this.watch.probe.leaveMark(mark)
    if (!(await this.store.rebuiltOn(before, identity, mark))) {
      throw new Error('another process has rebuilt the gates on another Redis meanwhile')
    }
    if (cause === 'failover') {
      this.renewals = this.pauseMs() === 0 ? 1 : this.renewals + 1
      this.renewedAt = performance.now()
    }
    const ms = Math.round(performance.now() - started)
    this.logger.log({ cause, events: events.length, failed, ms }, 'stock gates rebuilt')
  }

  /** Before the next renewal that nothing but another Redis asks for. */
  private pauseMs(): number {
    const { firstMs, longestMs, forgottenMs } = FLAPPING
    if (performance.now() - this.renewedAt > forgottenMs) return 0
    return Math.min(firstMs * 2 ** Math.max(0, this.renewals - 1), longestMs)
  }
}

function differs({ identity, mark }: RedisObservation, { redisIdentity, redisCanary }: StoredMode): boolean {
  return identity !== redisIdentity || mark !== redisCanary
}
