import type { Platform } from '../../domain/channel.js'

/** Whether a platform sends its webhooks to this service, according to the last check; JSON. */
export interface SubscriptionRecord {
  registered: boolean
  /** Why no, or not every, subscription exists; null if none is missing. */
  reason: string | null
  /** RFC 3339. */
  checkedAt: string
  /** Event id by subscription id, of subscriptions to a single event. */
  events?: Record<string, string>
}

/** What is known about the webhook subscriptions at the platforms. */
export abstract class SubscriptionStore {
  /** The records as stored, by platform; platforms that were never checked are missing. */
  abstract records(): Promise<Map<Platform, unknown>>

  /** Replaces the record of a platform. */
  abstract saveRecord(platform: Platform, record: SubscriptionRecord): Promise<void>

  /** The stored secrets of these platforms; platforms without one are missing. */
  abstract secrets(platforms: readonly Platform[]): Promise<Map<Platform, string>>

  /** Replaces the secret of a platform. */
  abstract saveSecret(platform: Platform, secret: string): Promise<void>

  /** Ids of a platform's attached listings of live events, sorted, each once. */
  abstract liveListings(platform: Platform, now: Date): Promise<string[]>
}
