import type { EncryptedJson } from '../../infrastructure/encryption/encrypted-json.js'

/** Whether the webhooks of a connection are sent to this service, according to the last check; JSON. */
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
  /** The records of these connections as stored, by id; those that were never checked are missing. */
  abstract records(connectionIds: readonly string[]): Promise<Map<string, unknown>>

  /** Replaces the record of a connection. */
  abstract saveRecord(connectionId: string, record: SubscriptionRecord): Promise<void>

  /** The secrets of these connections as stored, by id; those without one are missing. */
  abstract secrets(connectionIds: readonly string[]): Promise<Map<string, unknown>>

  /** Replaces the secret of a connection. */
  abstract saveSecret(connectionId: string, secret: EncryptedJson): Promise<void>

  /** Erases record and secret of a connection. */
  abstract forget(connectionId: string): Promise<void>

  /** Ids of a connection's attached listings of live events, sorted, each once. */
  abstract liveListings(connectionId: string, now: Date): Promise<string[]>
}
