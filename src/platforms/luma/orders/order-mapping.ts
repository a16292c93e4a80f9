import type { OrderSnapshot, TicketSnapshot } from '../../../domain/orders/order-snapshot.js'
import type { Listing } from '../../port.js'
import { seatsOf, type Guest } from './guest.js'

/**
 * Maps a guest to an order; its tickets are live while the guest is approved. Luma keeps no version of a guest: the time
 * of the read is used, so that the latest read wins. If the channel is one ticket type, a seat without a type counts
 * towards it: counting too many is safe, too few is not.
 */
export function toOrderSnapshot(
  guest: Guest,
  { externalEventId, externalTicketClassId }: Pick<Listing, 'externalEventId' | 'externalTicketClassId'>,
  readAt: Date,
): OrderSnapshot {
  const live = guest.status === 'approved'
  const seats = live ? seatsOf(guest) : guest.tickets
  const { code } = guest
  const buyer = guest.name === null && guest.email === null ? null : { name: guest.name, email: guest.email }
  return {
    orderId: guest.id,
    externalEventId,
    version: readAt.toISOString(),
    versionIsReadTime: true,
    tickets: seats.map(({ id, typeId, typeName, checkedInAt }): TicketSnapshot => ({
      ticketId: id,
      live,
      ticketClassId: typeId ?? externalTicketClassId,
      details: { holder: buyer, ticketType: typeName, code, checkedInAt },
    })),
    complete: true,
    buyer,
    placedAt: guest.registeredAt,
  }
}
