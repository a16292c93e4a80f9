import type { Hold } from '../../../domain/hold-record.js'
import { HoldSeats, type SeatAvailability } from '../../../holds/hold-seats.js'
import { clientOf } from '../../../infrastructure/prisma/transaction.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import { claimSeats, markSeatsSold, releaseSeats, requestedSeats } from '../../../seats/seat-claims.js'

export class PrismaHoldSeats extends HoldSeats {
  availability(
    transaction: DatabaseTransaction,
    eventId: string,
    seats: readonly string[],
  ): Promise<Map<string, SeatAvailability>> {
    return requestedSeats(clientOf(transaction), eventId, seats)
  }

  claim(
    transaction: DatabaseTransaction,
    eventId: string,
    holds: readonly Pick<Hold, 'id' | 'seats'>[],
  ): Promise<void> {
    return claimSeats(clientOf(transaction), eventId, holds)
  }

  release(transaction: DatabaseTransaction, holds: readonly Pick<Hold, 'id' | 'seats'>[]): Promise<void> {
    return releaseSeats(clientOf(transaction), holds)
  }

  markSold(transaction: DatabaseTransaction, holds: readonly { id: string; orderId: string }[]): Promise<void> {
    return markSeatsSold(clientOf(transaction), holds)
  }
}
