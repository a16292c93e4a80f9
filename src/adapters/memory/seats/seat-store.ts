import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import { SeatStore, type Seat } from '../../../seats/seat-store.js'
import { seatKey, type MemoryDatabase } from '../memory-database.js'
import type { Scope } from '../memory-table.js'
import type { SeatClaimRow, SeatRow } from '../rows.js'

export class MemorySeatStore extends SeatStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async createChart(transaction: DatabaseTransaction, eventId: string, seats: readonly string[]): Promise<void> {
    this.database.assertAvailable()
    for (const [index, seat] of seats.entries())
      await this.database.seats.insert(transaction, { eventId, seat, position: index + 1 })
  }

  async version(eventId: string): Promise<number | null> {
    this.database.assertAvailable()
    const ledger = this.database.ledgers.get(null, eventId)
    return ledger ? (ledger.proofPosition ?? 0) : null
  }

  async list(eventId: string): Promise<Seat[]> {
    this.database.assertAvailable()
    return this.chart(null, eventId).map(({ seat }) => ({ seat, state: stateOf(this.claimOf(null, eventId, seat)) }))
  }

  async free(transaction: DatabaseTransaction, eventId: string, limit: number): Promise<string[]> {
    this.database.assertAvailable()
    const free = this.chart(transaction, eventId).filter(({ seat }) => !this.claimOf(transaction, eventId, seat))
    return free.slice(0, limit).map(({ seat }) => seat)
  }

  private chart(scope: Scope, eventId: string): SeatRow[] {
    return this.database.seats.whereKey(scope, 'eventId', eventId).toSorted((a, b) => a.position - b.position)
  }

  private claimOf(scope: Scope, eventId: string, seat: string): SeatClaimRow | undefined {
    return this.database.seatClaims.get(scope, seatKey({ eventId, seat }))
  }
}

function stateOf(claim: SeatClaimRow | undefined): Seat['state'] {
  if (!claim) return 'AVAILABLE'
  return claim.ticketId === null ? 'HELD' : 'SOLD'
}
