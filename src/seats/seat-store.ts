import type { DatabaseTransaction } from '../infrastructure/transaction.js'

/** Seats of the charts of events. */
export abstract class SeatStore {
  /** Creates the seats of a new event in this order. */
  abstract createChart(transaction: DatabaseTransaction, eventId: string, seats: readonly string[]): Promise<void>
}
