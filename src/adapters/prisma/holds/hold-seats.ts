import type { Hold } from '../../../domain/hold-record.js'
import { HoldSeats, type SeatAvailability } from '../../../holds/hold-seats.js'
import { clientOf } from '../../../infrastructure/prisma/transaction.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'

export class PrismaHoldSeats extends HoldSeats {
  async availability(
    transaction: DatabaseTransaction,
    eventId: string,
    seats: readonly string[],
  ): Promise<Map<string, SeatAvailability>> {
    const availability = new Map<string, SeatAvailability>(seats.map((seat) => [seat, 'UNKNOWN']))
    if (seats.length === 0) return availability
    const rows = await clientOf(transaction).seat.findMany({
      where: { eventId, seat: { in: [...seats] } },
      select: { seat: true, claim: { select: { holdId: true } } },
    })
    for (const { seat, claim } of rows) availability.set(seat, claim ? 'TAKEN' : 'FREE')
    return availability
  }

  async claim(
    transaction: DatabaseTransaction,
    eventId: string,
    holds: readonly Pick<Hold, 'id' | 'seats'>[],
  ): Promise<void> {
    const data = holds.flatMap(({ id, seats }) => seats.map((seat) => ({ eventId, seat, holdId: id })))
    if (data.length > 0) await clientOf(transaction).seatClaim.createMany({ data })
  }

  async release(transaction: DatabaseTransaction, holds: readonly Pick<Hold, 'id' | 'seats'>[]): Promise<void> {
    const ids = holds.filter(({ seats }) => seats.length > 0).map(({ id }) => id)
    if (ids.length > 0) await clientOf(transaction).seatClaim.deleteMany({ where: { holdId: { in: ids } } })
  }

  async markSold(transaction: DatabaseTransaction, holds: readonly { id: string; orderId: string }[]): Promise<void> {
    if (holds.length === 0) return
    await clientOf(transaction).$executeRaw`
      UPDATE seat_claims SET ticket_id = tickets.id
      FROM unnest(${holds.map(({ id }) => id)}::text[], ${holds.map(({ orderId }) => orderId)}::text[])
             AS sold(hold_id, order_id)
        JOIN tickets ON tickets.order_id = sold.order_id
      WHERE seat_claims.hold_id = sold.hold_id AND seat_claims.seat = tickets.seat`
  }
}
