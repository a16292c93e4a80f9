import type { Platform } from '../domain/channel.js'
import type { OrderDifference, RecordedOrder } from '../domain/order-difference.js'
import { newId } from '../infrastructure/ids.js'
import type { Transaction } from './ledger.js'
import type { OrderFact } from './order-fact.js'

/** A recorded platform order as the apply works on it. */
export interface OrderRow extends RecordedOrder {
  id: string
}

export type OrderKey = `${Platform} ${string}`
export const orderKey = (platform: Platform, externalOrderId: string): OrderKey => `${platform} ${externalOrderId}`

/** What is recorded of these orders; those never seen are missing. */
export async function readOrders(
  tx: Transaction,
  eventId: string,
  orders: readonly { platform: Platform; externalOrderId: string }[],
): Promise<Map<OrderKey, OrderRow>> {
  const platforms = [...new Set(orders.map(({ platform }) => platform))]
  const rows = await tx.order.findMany({
    where: {
      eventId,
      OR: platforms.map((platform) => ({
        platform,
        externalOrderId: { in: orders.filter((o) => o.platform === platform).map((o) => o.externalOrderId) },
      })),
    },
    include: { tickets: { select: { externalTicketId: true, state: true } } },
  })
  return new Map(
    rows.map(({ id, platform, externalOrderId, version, revision, tickets }) => [
      orderKey(platform as Platform, externalOrderId ?? ''),
      {
        id,
        version,
        revision,
        tickets: new Map(tickets.map((ticket) => [ticket.externalTicketId ?? '', ticket.state === 'VALID'])),
      },
    ]),
  )
}

/** Writes one snapshot's difference down. */
export async function writeOrder(
  tx: Transaction,
  eventId: string,
  { platform, snapshot }: OrderFact,
  recorded: OrderRow | null,
  difference: OrderDifference,
): Promise<void> {
  const changed = difference.added.length + difference.revived.length + difference.cancelled.length > 0
  const id = recorded?.id ?? newId('ord')
  const state = difference.liveAfter > 0 ? ('PLACED' as const) : ('CANCELLED' as const)
  // A part of an order knows its tickets' holders at best: it does not overrule who bought it.
  const tells = snapshot.complete || !recorded
  const facts = {
    state,
    quantity: difference.liveAfter,
    version: snapshot.version,
    ...(snapshot.buyer && tells ? { buyerName: snapshot.buyer.name, buyerEmail: snapshot.buyer.email } : {}),
    ...(snapshot.placedAt && tells ? { placedAt: snapshot.placedAt } : {}),
  }
  if (recorded) {
    await tx.order.update({ where: { id }, data: { ...facts, ...(changed ? { revision: { increment: 1 } } : {}) } })
  } else {
    await tx.order.create({
      data: { id, eventId, platform, externalOrderId: snapshot.orderId, revision: changed ? 1 : 0, ...facts },
    })
  }
  await writeTickets(tx, eventId, platform, id, difference)
}

async function writeTickets(
  tx: Transaction,
  eventId: string,
  platform: Platform,
  orderId: string,
  { added, revived, cancelled }: OrderDifference,
): Promise<void> {
  if (added.length > 0) {
    await tx.ticket.createMany({
      data: added.map(({ ticketId, ticketClassId }) => ({
        id: newId('tkt'),
        orderId,
        eventId,
        platform,
        externalTicketId: ticketId,
        ticketClassId,
        state: 'VALID' as const,
      })),
    })
  }
  const mark = (ids: string[], data: { state: 'VALID' | 'CANCELLED'; cancelledAt: Date | null }) =>
    ids.length === 0 ? null : tx.ticket.updateMany({ where: { orderId, externalTicketId: { in: ids } }, data })
  await mark(revived, { state: 'VALID', cancelledAt: null })
  await mark(cancelled, { state: 'CANCELLED', cancelledAt: new Date() })
}
