import { Injectable, Logger } from '@nestjs/common'
import { newId } from '../infrastructure/ids.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { runEach } from '../infrastructure/run-each.js'
import { Rebuilder, type RebuildCause } from '../inventory/rebuild.js'
import { ModeStore, type StoredMode } from './mode-store.js'
import type { RedisSight } from './redis-probe.js'
import { RedisWatch } from './redis-watch.js'

const AT_ONCE = 4
/** For so long one event may have its place: its row may be locked, its ledger long. */
const REBUILD_WITHIN_MS = 3_000

/** Loads the gates of all events on sale into the Redis that is there now, and remembers which one that was. */
@Injectable()
export class GateRenewal {
  private readonly logger = new Logger('FailSafe')

  constructor(
    private readonly prisma: PrismaService,
    private readonly rebuilder: Rebuilder,
    private readonly watch: RedisWatch,
    private readonly store: ModeStore,
  ) {}

  /** Whether Redis seems restarted, replaced or emptied since all gates were last rebuilt. False while it is not seen. */
  seemsDue(stored: StoredMode): boolean {
    const { sight } = this.watch
    return sight !== null && differs(sight, stored)
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
    const { identity } = await this.watch.probe.look()
    const started = performance.now()
    const events = await this.prisma.event.findMany({
      where: { closedSince: null },
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
    await this.store.rebuiltOn(identity, mark)
    const ms = Math.round(performance.now() - started)
    this.logger.log({ cause, events: events.length, failed, ms }, 'stock gates rebuilt')
  }
}

function differs({ identity, mark }: RedisSight, { redisIdentity, redisMark }: StoredMode): boolean {
  return identity !== redisIdentity || mark !== redisMark
}
