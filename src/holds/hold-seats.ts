import type { Hold } from '../domain/hold-record.js'
import type { DatabaseTransaction } from '../infrastructure/transaction.js'

/** UNKNOWN: the event's chart has no such seat. */
export type SeatAvailability = 'FREE' | 'TAKEN' | 'UNKNOWN'

type SeatedHold = Pick<Hold, 'id' | 'seats'>

/** The seats that holds and their tickets have. A seat belongs to at most one hold (I6). */
export abstract class HoldSeats {
  /** Every requested seat is in the result. */
  abstract availability(
    transaction: DatabaseTransaction,
    eventId: string,
    seats: readonly string[],
  ): Promise<Map<string, SeatAvailability>>

  /** Rejects with a unique violation when a seat is taken. */
  abstract claim(transaction: DatabaseTransaction, eventId: string, holds: readonly SeatedHold[]): Promise<void>

  /** Releases the seats of holds that were not sold, or whose order was cancelled. */
  abstract release(transaction: DatabaseTransaction, holds: readonly SeatedHold[]): Promise<void>

  /** Links the seats of sold holds to the tickets of their orders. */
  abstract markSold(transaction: DatabaseTransaction, holds: readonly { id: string; orderId: string }[]): Promise<void>
}
