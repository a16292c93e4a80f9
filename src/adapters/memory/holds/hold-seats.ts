import type { Hold } from '../../../domain/hold-record.js'
import { HoldSeats, type SeatAvailability } from '../../../holds/hold-seats.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import { seatKey, type MemoryDatabase } from '../memory-database.js'

export class MemoryHoldSeats extends HoldSeats {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async availability(
    transaction: DatabaseTransaction,
    eventId: string,
    seats: readonly string[],
  ): Promise<Map<string, SeatAvailability>> {
    this.database.assertAvailable()
    const availabilityOf = (seat: string): SeatAvailability => {
      const key = seatKey({ eventId, seat })
      if (!this.database.seats.get(transaction, key)) return 'UNKNOWN'
      return this.database.seatClaims.get(transaction, key) ? 'TAKEN' : 'FREE'
    }
    return new Map(seats.map((seat) => [seat, availabilityOf(seat)]))
  }

  async claim(
    transaction: DatabaseTransaction,
    eventId: string,
    holds: readonly Pick<Hold, 'id' | 'seats'>[],
  ): Promise<void> {
    this.database.assertAvailable()
    for (const { id, seats } of holds) {
      for (const seat of seats)
        await this.database.seatClaims.insert(transaction, { eventId, seat, holdId: id, ticketId: null })
    }
  }

  async release(transaction: DatabaseTransaction, holds: readonly Pick<Hold, 'id' | 'seats'>[]): Promise<void> {
    this.database.assertAvailable()
    for (const { id, seats } of holds) {
      if (seats.length === 0) continue
      const claims = this.database.seatClaims.whereKey(transaction, 'holdId', id)
      await this.database.seatClaims.deleteWhere(transaction, ({ holdId }) => holdId === id, claims)
    }
  }

  async markSold(transaction: DatabaseTransaction, holds: readonly { id: string; orderId: string }[]): Promise<void> {
    this.database.assertAvailable()
    for (const { id, orderId } of holds) {
      const tickets = this.database.tickets.whereKey(transaction, 'orderId', orderId)
      const ticketOf = new Map(tickets.map((ticket) => [ticket.seat, ticket.id]))
      for (const claim of this.database.seatClaims.whereKey(transaction, 'holdId', id)) {
        const ticketId = ticketOf.get(claim.seat)
        if (ticketId !== undefined) await this.database.seatClaims.update(transaction, seatKey(claim), { ticketId })
      }
    }
  }
}
