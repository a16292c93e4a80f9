import { platformOf } from '../../../domain/channel.js'
import type { PrismaClient } from '../../../generated/prisma/client.js'
import { InboxStore, type InboxDelivery, type InboxEntry } from '../../../inbound/receive/inbox-store.js'

const UNDRAINED = { where: { drainedAt: null }, orderBy: { id: 'asc' } } as const

export class PrismaInboxStore extends InboxStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async add({ body, ...delivery }: InboxDelivery): Promise<void> {
    await this.prisma.inboxEntry.create({ data: { ...delivery, body: new Uint8Array(body) } })
  }

  async undrained(limit: number): Promise<InboxEntry[]> {
    const rows = await this.prisma.inboxEntry.findMany({ ...UNDRAINED, take: limit })
    return rows.map(({ id, platform, connectionId, deliveryId, headers, body, receivedAt }) => ({
      id,
      platform: platformOf(platform),
      connectionId,
      deliveryId,
      headers: headers as Record<string, string>,
      body,
      receivedAt,
    }))
  }

  async markDrained(ids: readonly bigint[], at: Date): Promise<void> {
    const data = { drainedAt: at, headers: {}, body: new Uint8Array() }
    await this.prisma.inboxEntry.updateMany({ where: { id: { in: [...ids] } }, data })
  }

  async oldestReceivedAt(): Promise<Date | null> {
    const oldest = await this.prisma.inboxEntry.findFirst({ ...UNDRAINED, select: { receivedAt: true } })
    return oldest?.receivedAt ?? null
  }
}
