import type { ChannelMode } from '../../../domain/channel.js'
import type { CapReading } from '../../port.js'
import { ContractError, type JsonObject, requireId, requireObject } from '../../kit/response-shape.js'
import { optionalId, optionalInstant, optionalText, requireCount, requireLimit } from '../client/contract.js'
import { isOurMark, type SaleTimes } from '../closing/sales-end-mark.js'

/** When a class is on sale, and whether it is visible. */
export interface ClassSale extends SaleTimes {
  id: string
  /** Set by the organizer only: this adapter never hides or shows a class. */
  hidden: boolean
  tierId: string | null
}

/** One ticket class. */
export interface TicketClass extends ClassSale {
  cap: CapReading
  /** Completed sales, without tickets in open carts. */
  sold: number
  /** The public sale status; null where the response lacks it. */
  saleStatus: string | null
}

/** Reads a ticket class, bare or wrapped in `ticket_class`. @throws ContractError */
export function readTicketClass(body: JsonObject): TicketClass {
  const source = body.ticket_class === undefined ? body : requireObject(body.ticket_class, 'ticket_class')
  return {
    ...saleOf(source, 'ticket_class'),
    cap: capOf(source),
    sold: requireCount(source, 'quantity_sold', 'ticket_class'),
    saleStatus: optionalText(source, 'on_sale_status'),
  }
}

/** Reads one ticket class of a list. @throws ContractError */
export function readSaleTimes(item: unknown): ClassSale {
  return saleOf(requireObject(item, 'ticket_classes'), 'ticket_classes')
}

function saleOf(source: JsonObject, where: string): ClassSale {
  return {
    id: requireId(source.id, `${where}.id`),
    hidden: source.hidden === true,
    salesStart: optionalInstant(source, 'sales_start'),
    salesEnd: optionalInstant(source, 'sales_end'),
    tierId: optionalId(source, 'inventory_tier_id'),
  }
}

/**
 * A donation class without a capacity is unlimited. For others null means "limited by tier and event only";
 * `quantity_total` is the smallest of these limits. 0 cannot be set and is ignored.
 */
function capOf(source: JsonObject): CapReading {
  const { capacity } = source
  if (capacity === undefined) throw new ContractError('ticket_class.capacity')
  if (capacity !== null && capacity !== 0) return requireLimit(source, 'capacity', 'ticket_class')
  if (source.donation === true) return 'UNLIMITED'
  const total = source.quantity_total
  if (total === undefined || total === null || total === 0) return null
  return requireLimit(source, 'quantity_total', 'ticket_class')
}

/** The mode for buyers, given the tickets in open carts (`pending`). Some responses lack `saleStatus`. */
export function modeOfTicketClass(ticketClass: TicketClass, pending: number, now: Date): ChannelMode {
  const { cap, sold, hidden, salesEnd, saleStatus } = ticketClass
  if (hidden || (salesEnd !== null && salesEnd <= now)) return 'WAITLIST_ONLY'
  if (typeof cap === 'number' && cap <= sold + pending) return 'WAITLIST_ONLY'
  return cap !== null && (saleStatus === null || saleStatus === 'AVAILABLE') ? 'OPEN' : 'UNKNOWN'
}

/**
 * The mode that our write achieved: closed only if full, or ended by us. A class that is not on sale yet, or that the
 * organizer has hidden or ended, counts as open: we must not open it, and would retry forever.
 */
export function modeAfterWrite({ cap, sold, salesEnd }: TicketClass, pending: number, now: Date): ChannelMode {
  const full = typeof cap === 'number' && cap <= sold + pending
  return full || isOurMark(salesEnd, now) ? 'WAITLIST_ONLY' : 'OPEN'
}
