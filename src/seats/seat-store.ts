import type { DatabaseTransaction } from '../infrastructure/transaction.js'

export const SEAT_STATES = ['AVAILABLE', 'HELD', 'SOLD'] as const

export interface Seat {
  /** Its label in the chart: `section-row-number`. */
  seat: string
  state: (typeof SEAT_STATES)[number]
}

/** Seats of the charts of events, and whether a hold or a ticket has them. */
export abstract class SeatStore {
  /** Creates the seats of a new event in this order. */
  abstract createChart(transaction: DatabaseTransaction, eventId: string, seats: readonly string[]): Promise<void>

  /**
   * A number that grows whenever a hold or a ticket takes or frees a seat of the event, and possibly without that. Null:
   * unknown event.
   */
  abstract version(eventId: string): Promise<number | null>

  /** All seats in the order of the chart. */
  abstract list(eventId: string): Promise<Seat[]>

  /** Up to `limit` seats that no hold or ticket has, in the order of the chart. */
  abstract free(transaction: DatabaseTransaction, eventId: string, limit: number): Promise<string[]>
}
