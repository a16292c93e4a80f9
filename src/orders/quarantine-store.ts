import type { Platform } from '../domain/channel.js'

/** A record that could not be parsed or stored. Contains no personal data; all text is well-formed. */
export interface QuarantineRow {
  /** Null: the row does not contain it. */
  externalOrderId: string | null
  reason: string
  excerpt: string | null
}

/** A record as stored. Its id is larger than those of earlier ones. */
export interface QuarantinedRecord extends QuarantineRow {
  id: string
  eventId: string
  channelId: string
  platform: Platform
  firstSeenAt: Date
  lastSeenAt: Date
  /** How often it was seen while open. */
  attempts: number
  /** When it was stored, or no longer listed; null: it is open. */
  resolvedAt: Date | null
}

export interface QuarantineFilter {
  state: 'open' | 'resolved' | 'all'
  /** Only records with a smaller id; undefined: any. */
  before?: string | undefined
}

/** Rows of quarantined records. A record is open until it is resolved. */
export abstract class QuarantineStore {
  /**
   * Opens a record for each row, or counts another attempt of the open one: of the same order, or, without an order id,
   * with the same reason. Each row occurs once.
   */
  abstract add(
    channel: { id: string; eventId: string; platform: Platform },
    rows: readonly QuarantineRow[],
  ): Promise<void>

  /** Open records with an order id. */
  abstract openOrders(channelId: string): Promise<{ id: string; externalOrderId: string }[]>

  /** Events and platforms of open records, each pair once, in no particular order. */
  abstract openPlaces(): Promise<{ eventId: string; platform: Platform }[]>

  abstract resolve(ids: readonly string[], at: Date): Promise<void>

  /** Resolves open records last seen before `since`. */
  abstract resolveUnseen(channelId: string, since: Date, at: Date): Promise<void>

  /** Up to `limit` matching records, by descending id: newest first. */
  abstract newest(filter: QuarantineFilter, limit: number): Promise<QuarantinedRecord[]>

  /** Up to `limit` open records, by ascending id. */
  abstract oldestOpen(limit: number): Promise<QuarantinedRecord[]>

  /** Null: unknown. */
  abstract find(recordId: string): Promise<QuarantinedRecord | null>

  /** Deletes records that were resolved before `before`. */
  abstract deleteResolved(before: Date): Promise<void>
}
