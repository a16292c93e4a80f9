import type { CallContext, Outcome } from '../../port.js'
import type { EventbriteClient } from '../client/client.js'
import { ok } from '../../kit/outcomes.js'
import { readAll } from '../client/pages.js'
import { readTicketClass, type TicketClass } from './ticket-class.js'

/**
 * Estimates the tickets of one class in open carts from those of the whole event (`carts`), the only count of the API.
 * `maxCap`: the largest cap under which a cart of the class may have been opened; Infinity: unknown. 0 calls; 1 where
 * carts may remain that were opened under an earlier, larger cap.
 *
 * Carts were opened within a cap, so they fit between sold and `maxCap`; while the class is on sale, even within the
 * cap in force. Otherwise it may have more carts: those that no other class has room for must be its own.
 */
export async function cartsOfClass(
  client: EventbriteClient,
  eventId: string,
  own: TicketClass,
  carts: number,
  maxCap: number,
  context: CallContext,
): Promise<Outcome<number>> {
  const { cap, sold, saleStatus } = own
  if (saleStatus === 'AVAILABLE' && typeof cap === 'number' && cap > sold) return ok(Math.min(carts, cap - sold))
  const within = Math.max(0, maxCap - sold)
  if (carts <= within) return ok(carts)
  const path = ['events', eventId, 'ticket_classes']
  const listed = await readAll(client, { path, operation: 'list_ticket_classes' }, 'ticket_classes', readOne, context)
  // Unknown: rather too many than too few.
  if (listed.kind !== 'OK') return listed.kind === 'GONE' || listed.kind === 'REJECTED' ? ok(carts) : listed
  const others = listed.value.filter(({ id }) => id !== own.id)
  const elsewhere = others.reduce((sum, other) => sum + roomOf(other), 0)
  return ok(Math.max(within, carts - elsewhere))
}

function roomOf({ cap, sold }: TicketClass): number {
  return typeof cap === 'number' ? Math.max(0, cap - sold) : Infinity
}

function readOne(item: unknown): TicketClass {
  return readTicketClass({ ticket_class: item })
}
