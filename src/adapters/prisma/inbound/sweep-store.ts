import type { Platform } from '../../../domain/channel.js'
import type { Prisma, PrismaClient } from '../../../generated/prisma/client.js'
import { balancesOf, WITH_BALANCES } from '../../../infrastructure/prisma/balance-rows.js'
import { withPlatform } from '../../../infrastructure/prisma/channel-rows.js'
import { liveChannels } from '../../../infrastructure/prisma/live-events.js'
import {
  SweepStore,
  type ChannelSweep,
  type ChannelWithSweep,
  type SweepChange,
} from '../../../inbound/polling/sweep-store.js'

const WITH_SWEEP = { sweep: true, event: { include: { ledger: WITH_BALANCES } } } satisfies Prisma.ChannelInclude

export class PrismaSweepStore extends SweepStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async find(channelId: string): Promise<ChannelWithSweep | null> {
    const row = await this.prisma.channel.findUnique({ where: { id: channelId }, include: WITH_SWEEP })
    return row && channelWithSweep(row)
  }

  due(now: Date, platforms: readonly Platform[], limit: number): Promise<ChannelWithSweep[]> {
    const isDue = [{ nextPollAt: { lte: now } }, { nextSweepAt: { lte: now } }]
    return this.scheduled(now, limit, {
      platform: { in: [...platforms] },
      OR: [{ sweep: null }, { sweep: { OR: isDue } }],
    })
  }

  withFuturePoll(now: Date, platforms: readonly Platform[], limit: number): Promise<ChannelWithSweep[]> {
    const sweep = { OR: [{ nextPollAt: { gt: now } }, { nextPollAt: null }] }
    return this.scheduled(now, limit, { platform: { in: [...platforms] }, sweep })
  }

  async plan(channelId: string, times: SweepChange & Pick<ChannelSweep, 'nextSweepAt' | 'pauseMs'>): Promise<void> {
    await this.prisma.channelSweep.upsert({ where: { channelId }, create: { channelId, ...times }, update: times })
  }

  async update(channelId: string, change: SweepChange): Promise<void> {
    await this.prisma.channelSweep.updateMany({ where: { channelId }, data: change })
  }

  async postponeSweep(channelId: string, at: Date): Promise<void> {
    const where = { channelId, nextSweepAt: { lt: at } }
    await this.prisma.channelSweep.updateMany({ where, data: { nextSweepAt: at } })
  }

  async movePoll(
    channelId: string,
    scheduledAt: Date | null,
    poll: Pick<ChannelSweep, 'nextPollAt' | 'pollMs'>,
  ): Promise<void> {
    await this.prisma.channelSweep.updateMany({ where: { channelId, nextPollAt: scheduledAt }, data: poll })
  }

  async sweepAll(connectionId: string, at: Date): Promise<void> {
    await this.prisma.channelSweep.updateMany({ where: { channel: { connectionId } }, data: { nextSweepAt: at } })
  }

  private async scheduled(now: Date, limit: number, where: Prisma.ChannelWhereInput): Promise<ChannelWithSweep[]> {
    const rows = await this.prisma.channel.findMany({
      where: { importedAt: { not: null }, ...liveChannels(now), ...where },
      include: WITH_SWEEP,
      take: limit,
    })
    return rows.map(channelWithSweep)
  }
}

function channelWithSweep({
  event: { ledger, ...event },
  ...channel
}: Prisma.ChannelGetPayload<{ include: typeof WITH_SWEEP }>): ChannelWithSweep {
  return { ...withPlatform(channel), event, balances: ledger && balancesOf(ledger) }
}
