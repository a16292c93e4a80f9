import { PLATFORMS, type Platform } from '../../../domain/channel.js'
import type { PrismaClient } from '../../../generated/prisma/client.js'
import { liveChannels } from '../../../infrastructure/prisma/live-events.js'
import { secretKey, subscriptionKey } from '../../../inbound/subscriptions/stored-keys.js'
import { SubscriptionStore, type SubscriptionRecord } from '../../../inbound/subscriptions/subscription-store.js'

export class PrismaSubscriptionStore extends SubscriptionStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  records(): Promise<Map<Platform, unknown>> {
    return this.read(PLATFORMS, subscriptionKey)
  }

  async saveRecord(platform: Platform, record: SubscriptionRecord): Promise<void> {
    await this.save(subscriptionKey(platform), { ...record })
  }

  async secrets(platforms: readonly Platform[]): Promise<Map<Platform, string>> {
    const secrets = new Map<Platform, string>()
    for (const [platform, value] of await this.read(platforms, secretKey)) {
      if (typeof value === 'string') secrets.set(platform, value)
    }
    return secrets
  }

  async saveSecret(platform: Platform, secret: string): Promise<void> {
    await this.save(secretKey(platform), secret)
  }

  async liveListings(platform: Platform, now: Date): Promise<string[]> {
    const listings = await this.prisma.channel.findMany({
      where: { platform, ...liveChannels(now) },
      select: { externalEventId: true },
      distinct: ['externalEventId'],
      orderBy: { externalEventId: 'asc' },
    })
    return listings.map(({ externalEventId }) => externalEventId)
  }

  private async read(
    platforms: readonly Platform[],
    keyOf: (platform: Platform) => string,
  ): Promise<Map<Platform, unknown>> {
    const byKey = new Map(platforms.map((platform) => [keyOf(platform), platform]))
    const rows = await this.prisma.storedValue.findMany({ where: { key: { in: [...byKey.keys()] } } })
    return new Map(
      rows.flatMap(({ key, value }) => {
        const platform = byKey.get(key)
        return platform === undefined ? [] : [[platform, value] as const]
      }),
    )
  }

  private async save(key: string, value: object | string): Promise<void> {
    await this.prisma.storedValue.upsert({ where: { key }, create: { key, value }, update: { value } })
  }
}
