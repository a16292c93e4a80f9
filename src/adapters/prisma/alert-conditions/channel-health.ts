import {
  ChannelHealth,
  type ChannelPlace,
  type LiveChannel,
  type LiveChannelFilter,
  type LiveConnection,
} from '../../../alert-conditions/channel-health.js'
import { platformOf } from '../../../domain/channel.js'
import type { Prisma, PrismaClient } from '../../../generated/prisma/client.js'
import { withPlatform } from '../../../infrastructure/prisma/channel-rows.js'
import { LIVE_EVENT, liveChannels } from '../../../infrastructure/prisma/live-events.js'

export class PrismaChannelHealth extends ChannelHealth {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async live(now: Date, filter: LiveChannelFilter): Promise<LiveChannel[]> {
    const rows = await this.prisma.channel.findMany({
      where: { AND: [liveChannels(now), ...conditionsOf(filter)] },
      include: { event: true, sweep: true },
      orderBy: { id: 'asc' },
    })
    return rows.map(withPlatform)
  }

  async liveConnections(now: Date): Promise<LiveConnection[]> {
    const groups = await this.prisma.channel.groupBy({ by: ['connectionId', 'platform'], where: liveChannels(now) })
    return groups.map(({ connectionId, platform }) => ({ id: connectionId, platform: platformOf(platform) }))
  }

  notSynchronized(): Promise<ChannelPlace[]> {
    return this.prisma.channel.findMany({
      where: { syncError: { not: null } },
      select: { eventId: true, platform: true },
    })
  }

  withoutDesiredCap(_now: Date): Promise<ChannelPlace[]> {
    return this.prisma.$queryRaw<ChannelPlace[]>`
      SELECT event_id AS "eventId", platform::text AS platform FROM channels c JOIN events e ON e.id = c.event_id
      WHERE ${LIVE_EVENT} AND detached_at IS NULL AND desired_mode = 'OPEN'
        AND (confirmed_cap IS DISTINCT FROM desired_cap OR unsettled_cap IS NOT NULL)`
  }
}

function conditionsOf({
  imported,
  failed,
  notClosed,
  hasTask,
  listingStates,
}: LiveChannelFilter): Prisma.ChannelWhereInput[] {
  const conditions: (Prisma.ChannelWhereInput | undefined)[] = [
    imported === undefined ? undefined : { importedAt: imported ? { not: null } : null },
    failed && { OR: [{ syncError: { not: null } }, { sweep: { readFailedAt: { not: null } } }] },
    notClosed && { OR: [{ confirmedMode: { not: 'WAITLIST_ONLY' } }, { unconfirmedMode: { not: null } }] },
    hasTask && { taskCap: { not: null } },
    listingStates && { listingState: { in: [...listingStates] } },
  ]
  return conditions.filter((condition) => condition !== undefined)
}
