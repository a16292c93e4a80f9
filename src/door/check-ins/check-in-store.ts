import type { ChannelName } from '../../domain/channel.js'
import type { DatabaseTransaction } from '../../infrastructure/transaction.js'

/** A ticket of the event, with what is recorded of its check-in. */
export interface ScannedTicket {
  id: string
  /** Ours; null: a platform issued it. */
  code: string | null
  /** That of the platform, which tickets may share. */
  externalCode: string | null
  state: 'VALID' | 'CANCELLED'
  /** Those of the codes that it had before it was given to another person. */
  revokedCodes: string[]
  name: string | null
  platform: ChannelName
  own: Date | null
  deviceId: string | null
  /** Null: the platform has not checked it in, or that was taken back here. */
  external: Date | null
}

/** A recorded check-in, as it is written. */
export interface CheckInRow {
  ticketId: string
  checkedInAt: Date
  userId: string
  deviceId: string | null
  recordedAt: Date
}

/** Tickets as they are scanned, and their check-ins. */
export abstract class CheckInStore {
  /** Null: there is no such ticket. */
  abstract eventOf(ticketId: string): Promise<string | null>

  /** Tickets of the event that have one of these ids or codes, or had one, by id. */
  abstract find(
    transaction: DatabaseTransaction,
    eventId: string,
    ids: readonly string[],
    codes: readonly string[],
  ): Promise<ScannedTicket[]>

  /** At most one per ticket; each replaces what is recorded of its ticket. */
  abstract write(transaction: DatabaseTransaction, rows: readonly CheckInRow[]): Promise<void>

  /** Removes the check-in, and ignores the one that the platform has reported. */
  abstract takeBack(transaction: DatabaseTransaction, ticketId: string): Promise<void>
}
