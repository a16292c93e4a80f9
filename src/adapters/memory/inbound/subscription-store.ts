import { PLATFORMS, type Platform } from '../../../domain/channel.js'
import { isLive } from '../../../domain/events/event-state.js'
import { secretKey, subscriptionKey } from '../../../inbound/subscriptions/stored-keys.js'
import { SubscriptionStore, type SubscriptionRecord } from '../../../inbound/subscriptions/subscription-store.js'
import { attachedChannels } from '../attached-channels.js'
import type { MemoryDatabase } from '../memory-database.js'

export class MemorySubscriptionStore extends SubscriptionStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async records(): Promise<Map<Platform, unknown>> {
    return this.read(PLATFORMS, subscriptionKey)
  }

  async saveRecord(platform: Platform, record: SubscriptionRecord): Promise<void> {
    await this.save(subscriptionKey(platform), record)
  }

  async secrets(platforms: readonly Platform[]): Promise<Map<Platform, string>> {
    const values = [...this.read(platforms, secretKey)]
    return new Map(values.flatMap(([platform, value]) => (typeof value === 'string' ? [[platform, value]] : [])))
  }

  async saveSecret(platform: Platform, secret: string): Promise<void> {
    await this.save(secretKey(platform), secret)
  }

  async liveListings(platform: Platform, now: Date): Promise<string[]> {
    this.database.assertAvailable()
    const live = attachedChannels(this.database, null, (event) => isLive(event, now))
    const own = live.filter((channel) => channel.platform === platform)
    return [...new Set(own.map(({ externalEventId }) => externalEventId))].toSorted()
  }

  private read(platforms: readonly Platform[], keyOf: (platform: Platform) => string): Map<Platform, unknown> {
    this.database.assertAvailable()
    return new Map(
      platforms.flatMap((platform) => {
        const row = this.database.storedValues.get(null, keyOf(platform))
        return row ? [[platform, structuredClone(row.value)] as const] : []
      }),
    )
  }

  private async save(key: string, value: object | string): Promise<void> {
    this.database.assertAvailable()
    const stored: unknown = JSON.parse(JSON.stringify(value))
    await this.database.storedValues.upsert(null, { key, value: stored, updatedAt: this.database.clock.now() })
  }
}
