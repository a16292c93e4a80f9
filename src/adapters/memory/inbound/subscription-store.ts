import type { EncryptedJson } from '../../../infrastructure/encryption/encrypted-json.js'
import { isLive } from '../../../domain/events/event-state.js'
import { secretKey, subscriptionKey } from '../../../inbound/subscriptions/stored-keys.js'
import { SubscriptionStore, type SubscriptionRecord } from '../../../inbound/subscriptions/subscription-store.js'
import { attachedChannels } from '../attached-channels.js'
import type { MemoryDatabase } from '../memory-database.js'

export class MemorySubscriptionStore extends SubscriptionStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async records(connectionIds: readonly string[]): Promise<Map<string, unknown>> {
    return this.read(connectionIds, subscriptionKey)
  }

  async saveRecord(connectionId: string, record: SubscriptionRecord): Promise<void> {
    await this.save(subscriptionKey(connectionId), record)
  }

  async secrets(connectionIds: readonly string[]): Promise<Map<string, unknown>> {
    return this.read(connectionIds, secretKey)
  }

  async saveSecret(connectionId: string, secret: EncryptedJson): Promise<void> {
    await this.save(secretKey(connectionId), secret)
  }

  async forget(connectionId: string): Promise<void> {
    this.database.assertAvailable()
    const keys = [subscriptionKey(connectionId), secretKey(connectionId)]
    await this.database.storedValues.deleteWhere(null, ({ key }) => keys.includes(key))
  }

  async liveListings(connectionId: string, now: Date): Promise<string[]> {
    this.database.assertAvailable()
    const live = attachedChannels(this.database, null, (event) => isLive(event, now))
    const own = live.filter((channel) => channel.connectionId === connectionId)
    return [...new Set(own.map(({ externalEventId }) => externalEventId))].toSorted()
  }

  private read(ids: readonly string[], keyOf: (id: string) => string): Map<string, unknown> {
    this.database.assertAvailable()
    return new Map(
      ids.flatMap((id) => {
        const row = this.database.storedValues.get(null, keyOf(id))
        return row ? [[id, structuredClone(row.value)] as const] : []
      }),
    )
  }

  private async save(key: string, value: object): Promise<void> {
    this.database.assertAvailable()
    const stored: unknown = JSON.parse(JSON.stringify(value))
    await this.database.storedValues.upsert(null, { key, value: stored, updatedAt: this.database.clock.now() })
  }
}
