import { platformOf, type Platform } from '../../../domain/channel.js'
import { withPlatform } from '../../../infrastructure/prisma/channel-rows.js'
import type { PrismaClient, WebhookDelivery } from '../../../generated/prisma/client.js'
import {
  DeliveryStore,
  type DeadDelivery,
  type DeliveryFilter,
  type StoredDelivery,
} from '../../../inbound/dead-letters/delivery-store.js'

export class PrismaDeliveryStore extends DeliveryStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async add({ body, ...delivery }: DeadDelivery): Promise<void> {
    await this.prisma.webhookDelivery.create({ data: { ...delivery, body: new Uint8Array(body) } })
  }

  async newest({ platform, state, before }: DeliveryFilter, limit: number): Promise<StoredDelivery[]> {
    const rows = await this.prisma.webhookDelivery.findMany({
      where: {
        ...(before === undefined ? {} : { id: { lt: before } }),
        ...(platform ? { platform } : {}),
        ...(state ? { state } : {}),
      },
      orderBy: { id: 'desc' },
      take: limit,
    })
    return rows.map(storedDelivery)
  }

  async find(id: string): Promise<StoredDelivery | null> {
    const row = await this.prisma.webhookDelivery.findUnique({ where: { id } })
    return row && storedDelivery(row)
  }

  async platformsWithFailed(): Promise<Platform[]> {
    const groups = await this.prisma.webhookDelivery.groupBy({ by: ['platform'], where: { state: 'FAILED' } })
    return groups.map(({ platform }) => platformOf(platform))
  }

  async markReplayed(id: string, at: Date): Promise<void> {
    const data = { state: 'REPLAYED', replayedAt: at, attempts: { increment: 1 } } as const
    await this.prisma.webhookDelivery.updateMany({ where: { id }, data })
  }
}

function storedDelivery({ createdAt: _, headers, ...row }: WebhookDelivery): StoredDelivery {
  return { ...withPlatform(row), headers: headers as Record<string, string> }
}
