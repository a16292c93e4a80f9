import type { Hold } from '../../../domain/hold-record.js'
import { clientOf } from '../../../infrastructure/prisma/transaction.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import { claimSeats } from '../../../seats/seat-claims.js'
import { OfferedHolds } from '../../../waitlist/offered-holds.js'

export class PrismaOfferedHolds extends OfferedHolds {
  async add(transaction: DatabaseTransaction, hold: Hold): Promise<void> {
    await clientOf(transaction).hold.create({ data: hold })
    await claimSeats(clientOf(transaction), hold.eventId, [hold])
  }
}
