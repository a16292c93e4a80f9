import { withPlatform } from '../../../infrastructure/prisma/channel-rows.js'
import {
  ChannelStore,
  ChannelUnknown,
  type ChannelChange,
  type ChannelFilter,
  type ExpectedChannel,
  type NewChannel,
  type SentWrite,
} from '../../../channels/channel-store.js'
import type { ChannelMode } from '../../../domain/channel.js'
import type { Channel, JsonValue } from '../../../domain/channel-record.js'
import { Prisma, type PrismaClient } from '../../../generated/prisma/client.js'
import { liveEvents, openEvents } from '../../../infrastructure/prisma/live-events.js'
import { clientOf, type Transaction } from '../../../infrastructure/prisma/transaction.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'

const NOT_FOUND = 'P2025'

export class PrismaChannelStore extends ChannelStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async find(transaction: DatabaseTransaction | null, channelId: string): Promise<Channel | null> {
    const row = await this.rows(transaction).findUnique({ where: { id: channelId } })
    return row && withPlatform(row)
  }

  async matching(transaction: DatabaseTransaction | null, filter: ChannelFilter): Promise<Channel[]> {
    const rows = await this.rows(transaction).findMany({ where: whereOf(filter), orderBy: { id: 'asc' } })
    return rows.map(withPlatform)
  }

  async lastDeliveries(connectionIds: readonly string[], now: Date): Promise<Map<string, Date | null>> {
    const rows = await this.prisma.channel.groupBy({
      by: ['connectionId'],
      where: { connectionId: { in: [...connectionIds] }, event: liveEvents(now) },
      _max: { lastWebhookAt: true },
    })
    return new Map(rows.map(({ connectionId, _max }) => [connectionId, _max.lastWebhookAt]))
  }

  async create(transaction: DatabaseTransaction, eventId: string, channels: readonly NewChannel[]): Promise<Channel[]> {
    const data = channels.map((channel) => ({ ...channel, eventId }))
    const rows = await this.rows(transaction).createManyAndReturn({ data })
    return rows.map(withPlatform).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  }

  update(transaction: DatabaseTransaction | null, channelId: string, change: ChannelChange): Promise<Channel> {
    return this.change(transaction, channelId, dataOf(change))
  }

  async updateIf(
    transaction: DatabaseTransaction | null,
    channelId: string,
    expected: ExpectedChannel,
    change: ChannelChange,
  ): Promise<boolean> {
    const where = { AND: [{ id: channelId }, expected] }
    return (await this.rows(transaction).updateMany({ where, data: dataOf(change) })).count > 0
  }

  async updateMatching(
    transaction: DatabaseTransaction | null,
    filter: ChannelFilter,
    change: ChannelChange,
  ): Promise<number> {
    return (await this.rows(transaction).updateMany({ where: whereOf(filter), data: dataOf(change) })).count
  }

  async setDesired(
    transaction: DatabaseTransaction,
    channelId: string,
    { cap, mode }: { cap: number | null; mode: ChannelMode },
    at: Date,
  ): Promise<void> {
    const desired = { desiredCap: cap, desiredMode: mode, desiredVersion: { increment: 1 }, desiredAt: at }
    await this.change(transaction, channelId, desired)
  }

  async recordWebhook(channelId: string, receivedAt: Date): Promise<void> {
    const unsetOrOlder = [{ lastWebhookAt: null }, { lastWebhookAt: { lt: receivedAt } }]
    const where = { id: channelId, OR: unsetOrOlder }
    await this.prisma.channel.updateMany({ where, data: { lastWebhookAt: receivedAt } })
  }

  async stampSent({ channelId, seq, desiredVersion }: SentWrite, at: Date): Promise<boolean> {
    const { count } = await this.prisma.channel.updateMany({
      where: { id: channelId, writeSeq: seq, desiredVersion, confirmedVersion: { lte: desiredVersion } },
      data: { unconfirmedSince: at },
    })
    return count === 1
  }

  async countNotClosed(now: Date): Promise<Map<string, number>> {
    const counts = await this.prisma.channel.groupBy({
      by: ['connectionId'],
      where: { detachedAt: null, event: openEvents(now), confirmedMode: { not: 'WAITLIST_ONLY' } },
      _count: true,
    })
    return new Map(counts.map(({ connectionId, _count: count }) => [connectionId, count]))
  }

  private async change(
    transaction: DatabaseTransaction | null,
    channelId: string,
    data: Prisma.ChannelUncheckedUpdateInput,
  ): Promise<Channel> {
    try {
      return withPlatform(await this.rows(transaction).update({ where: { id: channelId }, data }))
    } catch (error) {
      const missing = error instanceof Prisma.PrismaClientKnownRequestError && error.code === NOT_FOUND
      throw missing ? new ChannelUnknown(channelId) : error
    }
  }

  private rows(transaction: DatabaseTransaction | null): Transaction['channel'] {
    return (transaction ? clientOf(transaction) : this.prisma).channel
  }
}

function whereOf(filter: ChannelFilter): Prisma.ChannelWhereInput {
  const { ids, eventId, platform, connectionId, externalEventIds, attached, imported, needsSweep, openAt } = filter
  return {
    ...(ids && { id: { in: [...ids] } }),
    ...(eventId !== undefined && { eventId }),
    ...(platform !== undefined && { platform }),
    ...(connectionId !== undefined && { connectionId }),
    ...(externalEventIds && { externalEventId: { in: [...externalEventIds] } }),
    ...(attached && { detachedAt: null }),
    ...(imported && { importedAt: { not: null } }),
    ...(needsSweep && { needsSweepSince: { not: null } }),
    ...(openAt && { event: openEvents(openAt) }),
  }
}

function dataOf({ listingCursor, typeLimits, ...change }: ChannelChange): Prisma.ChannelUncheckedUpdateManyInput {
  return {
    ...change,
    ...(listingCursor !== undefined && { listingCursor: jsonOf(listingCursor) }),
    ...(typeLimits !== undefined && { typeLimits: jsonOf(typeLimits) }),
  }
}

/** Null is the absence of a value, not the null of JSON. */
function jsonOf(value: JsonValue) {
  return value === null ? Prisma.DbNull : (value as Prisma.InputJsonValue)
}
