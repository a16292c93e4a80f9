import type { CallContext, Outcome } from '../port.js'
import type { EventbriteClient } from './client.js'
import { ok } from './outcomes.js'
import { readAll } from './pages.js'
import { readTicketClass, type TicketClass } from './ticket-class.js'

/**
 * The tickets of one class in open carts, given those of the whole event (`carts`), which is all that the API tells.
 * `mostCap`: the largest cap under which a cart of it may have been opened; Infinity: unknown. 0 calls; 1 where carts
 * may be left that an earlier, larger cap let in.
 *
 * Carts were opened within a cap, so that they fit between sold and `mostCap`; while a class is on sale, even below the
 * cap in force. One that is not may have carts beyond: those that no other class has room for are surely its own.
 */
export async function cartsOfClass(
  client: EventbriteClient,
  eventId: string,
  own: TicketClass,
  carts: number,
  mostCap: number,
  context: CallContext,
): Promise<Outcome<number>> {
  const { cap, sold, saleStatus } = own
  if (saleStatus === 'AVAILABLE' && typeof cap === 'number' && cap > sold) return ok(Math.min(carts, cap - sold))
  const within = Math.max(0, mostCap - sold)
  if (carts <= within) return ok(carts)
  const path = ['events', eventId, 'ticket_classes']
  const listed = await readAll(client, { path, operation: 'list_ticket_classes' }, 'ticket_classes', readOne, context)
  // Too many rather than too few, where nothing can be told.
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
