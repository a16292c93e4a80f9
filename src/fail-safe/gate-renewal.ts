import { Injectable, Logger } from '@nestjs/common'
import { isDatabaseOutage } from '../infrastructure/prisma/outage.js'
import { isRedisOutage } from '../infrastructure/redis/outage.js'
import { newId } from '../infrastructure/ids.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { Rebuilder, type RebuildCause } from '../inventory/rebuild.js'
import { inParallel } from './in-parallel.js'
import { ModeStore, type StoredMode } from './mode-store.js'
import type { RedisSight } from './redis-probe.js'
import { RedisWatch } from './redis-watch.js'

const AT_ONCE = 4

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

  /** Rejects when Redis or PostgreSQL does not answer. An event whose own ledger is broken holds no other one up. */
  async renew(cause: RebuildCause): Promise<void> {
    const { identity } = await this.watch.probe.look()
    const started = performance.now()
    const events = await this.prisma.event.findMany({ where: { closedSince: null }, select: { id: true } })
    await inParallel(events, AT_ONCE, async ({ id }) => {
      try {
        await this.rebuilder.rebuild(id, cause)
      } catch (error) {
        if (isRedisOutage(error) || isDatabaseOutage(error)) throw error
        this.logger.error({ err: error, eventId: id }, 'a gate cannot be rebuilt and stays closed')
      }
    })
    const mark = newId('mark')
    await this.watch.probe.leaveMark(mark)
    await this.store.rebuiltOn(identity, mark)
    this.logger.log(
      { cause, events: events.length, ms: Math.round(performance.now() - started) },
      'stock gates rebuilt',
    )
  }
}

function differs({ identity, mark }: RedisSight, { redisIdentity, redisMark }: StoredMode): boolean {
  return identity !== redisIdentity || mark !== redisMark
}
