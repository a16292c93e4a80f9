import type { ChannelMode } from '../../domain/channel.js'
import type { CapReading } from '../port.js'
import {
  ContractViolation,
  optionalId,
  optionalInstant,
  optionalText,
  requireCount,
  requireId,
  requireLimit,
  requireObject,
  type JsonObject,
} from './fields.js'
import { isOurMark, type SaleTimes } from './sales-end-mark.js'

/** Whether and until when a class is on sale. */
export interface ClassSale extends SaleTimes {
  id: string
  /** The organizer's doing: this adapter never hides a class and never shows one. */
  hidden: boolean
  tierId: string | null
}

/** What the adapter needs of one ticket class. */
export interface TicketClass extends ClassSale {
  cap: CapReading
  /** Completed sales, without tickets in open carts. */
  sold: number
  /** As the public sees it; null where the answer does not tell. */
  saleStatus: string | null
}

/** Reads a ticket class, bare or wrapped in `ticket_class`. @throws ContractViolation */
export function readTicketClass(body: JsonObject): TicketClass {
  const source = body.ticket_class === undefined ? body : requireObject(body.ticket_class, 'ticket_class')
  return {
    ...saleOf(source, 'ticket_class'),
    cap: capOf(source),
    sold: requireCount(source, 'quantity_sold', 'ticket_class'),
    saleStatus: optionalText(source, 'on_sale_status'),
  }
}

/** One of a list. @throws ContractViolation */
export function readSaleTimes(item: unknown): ClassSale {
  return saleOf(requireObject(item, 'ticket_classes'), 'ticket_classes')
}

function saleOf(source: JsonObject, where: string): ClassSale {
  return {
    id: requireId(source, 'id', where),
    hidden: source.hidden === true,
    salesStart: optionalInstant(source, 'sales_start'),
    salesEnd: optionalInstant(source, 'sales_end'),
    tierId: optionalId(source, 'inventory_tier_id'),
  }
}

/**
 * A donation class without a capacity has no limit. Elsewhere null means "limited by tier and event only", which
 * `quantity_total` (the least of them) tells. A 0 cannot be set and is believed of nothing.
 */
function capOf(source: JsonObject): CapReading {
  const { capacity } = source
  if (capacity === undefined) throw new ContractViolation('ticket_class.capacity')
  if (capacity !== null && capacity !== 0) return requireLimit(source, 'capacity', 'ticket_class')
  if (source.donation === true) return 'UNLIMITED'
  const total = source.quantity_total
  if (total === undefined || total === null || total === 0) return null
  return requireLimit(source, 'quantity_total', 'ticket_class')
}

/** What a buyer meets, given the tickets in open carts (`pending`). Some answers leave the public's view out. */
export function modeOfTicketClass(ticketClass: TicketClass, pending: number, now: Date): ChannelMode {
  const { cap, sold, hidden, salesEnd, saleStatus } = ticketClass
  if (hidden || (salesEnd !== null && salesEnd <= now)) return 'WAITLIST_ONLY'
  if (typeof cap === 'number' && cap <= sold + pending) return 'WAITLIST_ONLY'
  return cap !== null && (saleStatus === null || saleStatus === 'AVAILABLE') ? 'OPEN' : 'UNKNOWN'
}

/**
 * What a write left, for our part: closed is only what is full or what we ended. A sale that has not begun, or that its
 * organizer has hidden or ended, is not ours to open: it would be tried for ever.
 */
export function modeForOurPart({ cap, sold, salesEnd }: TicketClass, pending: number, now: Date): ChannelMode {
  const full = typeof cap === 'number' && cap <= sold + pending
  return full || isOurMark(salesEnd, now) ? 'WAITLIST_ONLY' : 'OPEN'
}
