import type { ChannelName } from '../domain/channel.js'

/** A record that could not be parsed or stored. Contains no personal data; all text is well-formed. */
export interface QuarantineRow {
  /** Null: the row does not contain it. */
  externalOrderId: string | null
  reason: string
  excerpt: string | null
}

/** Rows of quarantined records. A record is open until it is resolved. */
export abstract class QuarantineStore {
  /**
   * Opens a record for each row, or counts another attempt of the open one: of the same order, or, without an order id,
   * with the same reason. Each row occurs once.
   */
  abstract add(
    channel: { id: string; eventId: string; platform: ChannelName },
    rows: readonly QuarantineRow[],
  ): Promise<void>

  /** Open records with an order id. */
  abstract openOrders(channelId: string): Promise<{ id: string; externalOrderId: string }[]>

  abstract resolve(ids: readonly string[], at: Date): Promise<void>

  /** Resolves open records last seen before `since`. */
  abstract resolveUnseen(channelId: string, since: Date, at: Date): Promise<void>
}
