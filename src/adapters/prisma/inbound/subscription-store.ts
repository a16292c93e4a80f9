import type { EncryptedJson } from '../../../infrastructure/encryption/encrypted-json.js'
import type { PrismaClient } from '../../../generated/prisma/client.js'
import { liveChannels } from '../../../infrastructure/prisma/live-events.js'
import { secretKey, subscriptionKey } from '../../../inbound/subscriptions/stored-keys.js'
import { SubscriptionStore, type SubscriptionRecord } from '../../../inbound/subscriptions/subscription-store.js'

export class PrismaSubscriptionStore extends SubscriptionStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  records(connectionIds: readonly string[]): Promise<Map<string, unknown>> {
    return this.read(connectionIds, subscriptionKey)
  }

  async saveRecord(connectionId: string, record: SubscriptionRecord): Promise<void> {
    await this.save(subscriptionKey(connectionId), { ...record })
  }

  secrets(connectionIds: readonly string[]): Promise<Map<string, unknown>> {
    return this.read(connectionIds, secretKey)
  }

  async saveSecret(connectionId: string, secret: EncryptedJson): Promise<void> {
    await this.save(secretKey(connectionId), { ...secret })
  }

  async forget(connectionId: string): Promise<void> {
    const keys = [subscriptionKey(connectionId), secretKey(connectionId)]
    await this.prisma.storedValue.deleteMany({ where: { key: { in: keys } } })
  }

  async liveListings(connectionId: string, now: Date): Promise<string[]> {
    const listings = await this.prisma.channel.findMany({
      where: { connectionId, ...liveChannels(now) },
      select: { externalEventId: true },
      distinct: ['externalEventId'],
      orderBy: { externalEventId: 'asc' },
    })
    return listings.map(({ externalEventId }) => externalEventId)
  }

  private async read(ids: readonly string[], keyOf: (id: string) => string): Promise<Map<string, unknown>> {
    const byKey = new Map(ids.map((id) => [keyOf(id), id]))
    const rows = await this.prisma.storedValue.findMany({ where: { key: { in: [...byKey.keys()] } } })
    return new Map(
      rows.flatMap(({ key, value }) => {
        const id = byKey.get(key)
        return id === undefined ? [] : [[id, value] as const]
      }),
    )
  }

  private async save(key: string, value: object): Promise<void> {
    await this.prisma.storedValue.upsert({ where: { key }, create: { key, value }, update: { value } })
  }
}
