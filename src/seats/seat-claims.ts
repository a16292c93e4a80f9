import type { Hold } from '../domain/hold-record.js'
import type { Transaction } from '../infrastructure/prisma/transaction.js'

export type SeatAvailability = 'FREE' | 'TAKEN' | 'UNKNOWN'

/** Availability of the requested seats; UNKNOWN: the event's chart has no such seat. */
export async function requestedSeats(
  tx: Transaction,
  eventId: string,
  seats: readonly string[],
): Promise<Map<string, SeatAvailability>> {
  const availability = new Map<string, SeatAvailability>(seats.map((seat) => [seat, 'UNKNOWN']))
  if (seats.length === 0) return availability
  const where = { eventId, seat: { in: [...seats] } }
  const rows = await tx.seat.findMany({ where, select: { seat: true, claim: { select: { holdId: true } } } })
  for (const { seat, claim } of rows) availability.set(seat, claim ? 'TAKEN' : 'FREE')
  return availability
}

export async function claimSeats(
  tx: Transaction,
  eventId: string,
  holds: readonly Pick<Hold, 'id' | 'seats'>[],
): Promise<void> {
  const data = holds.flatMap(({ id, seats }) => seats.map((seat) => ({ eventId, seat, holdId: id })))
  if (data.length > 0) await tx.seatClaim.createMany({ data })
}

/** Releases the seats of holds that were not sold. */
export async function releaseSeats(tx: Transaction, holds: readonly Pick<Hold, 'id' | 'seats'>[]): Promise<void> {
  const ids = holds.filter(({ seats }) => seats.length > 0).map(({ id }) => id)
  if (ids.length > 0) await tx.seatClaim.deleteMany({ where: { holdId: { in: ids } } })
}

/** Links claimed seats to their tickets. */
export async function markSeatsSold(tx: Transaction, holds: readonly { id: string; orderId: string }[]): Promise<void> {
  if (holds.length === 0) return
  await tx.$executeRaw`
    UPDATE seat_claims SET ticket_id = tickets.id
    FROM unnest(${holds.map(({ id }) => id)}::text[], ${holds.map(({ orderId }) => orderId)}::text[])
           AS sold(hold_id, order_id)
      JOIN tickets ON tickets.order_id = sold.order_id
    WHERE seat_claims.hold_id = sold.hold_id AND seat_claims.seat = tickets.seat`
}
