import type { ChannelMode } from '../../domain/channel.js'
import type { CapReading } from '../port.js'
import { optionalInstant, optionalText, requireCount, requireId, requireObject, type JsonObject } from './fields.js'
import { ContractViolation } from './fields.js'
import { isOurMark } from './sales-end-mark.js'

/** What the adapter needs of one ticket class. */
export interface TicketClass {
  id: string
  cap: CapReading
  /** Completed sales, without tickets in open carts. */
  sold: number
  hidden: boolean
  salesEnd: Date | null
  /** As the public sees it; null where the answer does not tell. */
  saleStatus: string | null
}

/** Reads a ticket class, bare or wrapped in `ticket_class`. @throws ContractViolation */
export function readTicketClass(body: JsonObject): TicketClass {
  const source = body.ticket_class === undefined ? body : requireObject(body.ticket_class, 'ticket_class')
  return {
    id: requireId(source, 'id', 'ticket_class'),
    cap: capOf(source),
    sold: requireCount(source, 'quantity_sold', 'ticket_class'),
    hidden: source.hidden === true,
    salesEnd: optionalInstant(source, 'sales_end'),
    saleStatus: optionalText(source, 'on_sale_status'),
  }
}

/**
 * A donation class without a capacity has no limit. Elsewhere null means "limited by tier and event only", which
 * `quantity_total` (the least of them) tells. A 0 cannot be set and is believed of nothing.
 */
function capOf(source: JsonObject): CapReading {
  const { capacity } = source
  if (capacity === undefined) throw new ContractViolation('ticket_class.capacity')
  if (capacity !== null && capacity !== 0) return requireCount(source, 'capacity', 'ticket_class')
  if (source.donation === true) return 'UNLIMITED'
  const total = source.quantity_total
  return typeof total === 'number' && Number.isSafeInteger(total) && total > 0 ? total : null
}

/** What a buyer meets, given the tickets in open carts (`pending`). Some answers leave the public's view out. */
export function modeOfTicketClass(ticketClass: TicketClass, pending: number, now: Date): ChannelMode {
  const { cap, sold, hidden, salesEnd, saleStatus } = ticketClass
  if (hidden || (salesEnd !== null && salesEnd <= now)) return 'WAITLIST_ONLY'
  if (typeof cap === 'number' && cap <= sold + pending) return 'WAITLIST_ONLY'
  return cap !== null && (saleStatus === null || saleStatus === 'AVAILABLE') ? 'OPEN' : 'UNKNOWN'
}

/**
 * What a write left that was to keep sales open: closed is only what is full or what we closed. A sale that has not
 * begun, or that its organiser has ended, is not ours to open: it would be tried for ever.
 */
export function modeAsFarAsOurs(ticketClass: TicketClass, pending: number): ChannelMode {
  const { cap, sold } = ticketClass
  const closed = closedByUs(ticketClass)
  const full = typeof cap === 'number' && cap <= sold + pending
  return closed.hidden || closed.salesEnd || full ? 'WAITLIST_ONLY' : 'OPEN'
}

/** How this class was closed by us, and so what has to be undone to open it. */
export function closedByUs({ hidden, salesEnd }: Pick<TicketClass, 'hidden' | 'salesEnd'>) {
  return { hidden, salesEnd: isOurMark(salesEnd) }
}

/** Whether and until when a class is on sale. @throws ContractViolation */
export function readSaleTimes(item: unknown): Pick<TicketClass, 'id' | 'hidden' | 'salesEnd'> {
  const source = requireObject(item, 'ticket_classes')
  return {
    id: requireId(source, 'id', 'ticket_classes'),
    hidden: source.hidden === true,
    salesEnd: optionalInstant(source, 'sales_end'),
  }
}
