import type { Platform } from '../../domain/channel.js'
import type { DeliveryStateName } from './deliveries.dto.js'

/** A delivery to be stored as a dead letter. */
export interface DeadDelivery {
  id: string
  platform: Platform
  connectionId: string
  state: DeliveryStateName
  reason: string
  headers: Record<string, string>
  /** The raw bytes, secrets redacted. */
  body: Uint8Array
  receivedAt: Date
}

export interface StoredDelivery extends DeadDelivery {
  /** 1, and 1 more for each replay. */
  attempts: number
  /** When it was last replayed; null: never. */
  replayedAt: Date | null
}

/** Undefined conditions: any. */
export interface DeliveryFilter {
  platform?: Platform | undefined
  state?: DeliveryStateName | undefined
  /** Only deliveries with a smaller id, which were stored earlier. */
  before?: string | undefined
}

/** Dead-lettered deliveries. */
export abstract class DeliveryStore {
  /** Throws if the id exists. */
  abstract add(delivery: DeadDelivery): Promise<void>

  /** Up to `limit` matching deliveries, by descending id: newest first. */
  abstract newest(filter: DeliveryFilter, limit: number): Promise<StoredDelivery[]>

  /** Null: unknown. */
  abstract find(id: string): Promise<StoredDelivery | null>

  /** Platforms with a FAILED delivery, each once, in no particular order. */
  abstract platformsWithFailed(): Promise<Platform[]>

  /** Counts a replay; an unknown id changes nothing. */
  abstract markReplayed(id: string, at: Date): Promise<void>
}
