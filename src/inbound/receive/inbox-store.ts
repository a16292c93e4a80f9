import type { Platform } from '../../domain/channel.js'

/** A delivery that could not be queued. */
export interface InboxDelivery {
  platform: Platform
  connectionId: string
  deliveryId: string
  headers: Record<string, string>
  /** The raw bytes, secrets redacted. */
  body: Uint8Array
  receivedAt: Date
}

export interface InboxEntry extends InboxDelivery {
  /** Ascending in order of arrival. */
  id: bigint
}

/** Deliveries accepted while Redis was unavailable, until they are queued. */
export abstract class InboxStore {
  abstract add(delivery: InboxDelivery): Promise<void>

  /** Up to `limit` entries that are not drained yet, in order of arrival. */
  abstract undrained(limit: number): Promise<InboxEntry[]>

  /** Their content, which may be personal data, is deleted. */
  abstract markDrained(ids: readonly bigint[], at: Date): Promise<void>

  /** When the first of the undrained entries was received; null: there are none. */
  abstract oldestReceivedAt(): Promise<Date | null>
}
