import type { Buyer, OrderSnapshot, TicketDetails, TicketSnapshot } from '../../../domain/orders/order-snapshot.js'
import { ContractError, isObject, type JsonObject, requireArray, requireId } from '../../kit/response-shape.js'
import { optionalId, optionalInstant, optionalText, requireInstant } from '../client/contract.js'
import { readRows, type Readable } from '../client/pages.js'

/** One attendee of an order; `changed` has a resolution of seconds. */
export interface Attendee {
  id: string
  orderId: string
  eventId: string
  changed: Date
  /** False: the row has no change time, and `changed` is when it was read. */
  dated: boolean
  created: Date | null
  tickets: TicketSnapshot[]
  /** The ticket holder: usually the buyer, and the only person in a list of attendees. */
  holder: Buyer | null
}

/** Order statuses that do not count as sold; all others do, even if not paid yet. */
const UNSOLD_STATUSES = new Set(['started', 'abandoned'])
const MAX_PER_ATTENDEE = 1_000

/** Defaults for fields that a row lacks. */
export interface AttendeeContext {
  eventId: string | null
  /** The order it was read with; null: the row must have its order id. */
  orderId: string | null
  /** Its change time; null: the row must have one. */
  changed: Date | null
}

/** @throws ContractError */
export function readAttendee(item: unknown, context: AttendeeContext): Attendee {
  const where = 'attendees'
  if (!isObject(item)) throw new ContractError(where)
  const id = requireId(item.id, `${where}.id`)
  const live = item.cancelled !== true && item.refunded !== true
  const ticketClassId = optionalId(item, 'ticket_class_id')
  const changed = optionalInstant(item, 'changed')
  const holder = isObject(item.profile) ? readBuyer(item.profile) : null
  const ticketType = optionalText(item, 'ticket_class_name')
  return {
    id,
    orderId: optionalId(item, 'order_id') ?? context.orderId ?? requireId(item.order_id, `${where}.order_id`),
    eventId: optionalId(item, 'event_id') ?? context.eventId ?? requireId(item.event_id, `${where}.event_id`),
    changed: changed ?? context.changed ?? requireInstant(item, 'changed', where),
    dated: changed !== null,
    created: optionalInstant(item, 'created'),
    tickets: ticketIds(id, item.quantity).map((ticketId, index) => ({
      ticketId,
      live,
      ticketClassId,
      details: { holder, ticketType, ...checkInOf(item, index) },
    })),
    holder,
  }
}

/**
 * The barcode of an attendee's ticket, and when it was used. An attendee has one, or one per ticket. A check-in
 * may be reported by a flag only: then it was at the latest at the last change.
 */
function checkInOf(attendee: JsonObject, index: number): Pick<TicketDetails, 'code' | 'checkedInAt'> {
  const rows = Array.isArray(attendee.barcodes) ? attendee.barcodes.filter(isObject) : []
  const barcode = rows[index] ?? rows[0] ?? {}
  const isUsed = attendee.checked_in === true || barcode.status === 'used'
  const usedAt = barcode.status === 'used' ? optionalInstant(barcode, 'changed') : null
  return {
    code: optionalId(barcode, 'barcode'),
    checkedInAt: isUsed ? (usedAt ?? optionalInstant(attendee, 'changed')) : null,
  }
}

/**
 * One attendee is one ticket, also where the quantity is missing or 0; with a larger quantity each ticket gets its own
 * id.
 */
function ticketIds(id: string, quantity: unknown): string[] {
  const count = quantity || 1
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 1 || count > MAX_PER_ATTENDEE) {
    throw new ContractError('attendees.quantity')
  }
  return Array.from({ length: count }, (_, i) => (i === 0 ? id : `${id}-${i + 1}`))
}

/**
 * Maps an order and its attendees, which were read with it or separately. If one of them is unreadable, the snapshot is
 * incomplete: nothing is concluded about tickets that are missing. @throws ContractError
 */
export function toOrderSnapshot(order: JsonObject, { rows: attendees, unreadable }: Readable<Attendee>): OrderSnapshot {
  const changed = requireInstant(order, 'changed', 'order')
  const status = optionalText(order, 'status')?.toLowerCase() ?? ''
  const isUnsold = UNSOLD_STATUSES.has(status)
  const tickets = newestOfEach(attendees).flatMap((attendee) => attendee.tickets)
  return {
    orderId: requireId(order.id, 'order.id'),
    externalEventId: requireId(order.event_id, 'order.event_id'),
    version: latest([changed, ...attendees.map((attendee) => attendee.changed)]),
    tickets: isUnsold ? tickets.map((ticket) => ({ ...ticket, live: false })) : tickets,
    // No attendees at all means that the response lacks them: nothing is concluded from it.
    complete: tickets.length > 0 && unreadable.length === 0,
    buyer: readBuyer(order),
    placedAt: optionalInstant(order, 'created'),
  }
}

/** The attendees that an order was read with; empty when the response lacks them. @throws ContractError */
export function readExpandedAttendees(order: JsonObject): Readable<Attendee> {
  const rows = order.attendees === undefined || order.attendees === null ? [] : order.attendees
  return readAttendeesOf(order, requireArray(rows, 'order.attendees'))
}

/** Attendees that are known to belong to `order`. @throws ContractError */
export function readAttendeesOf(order: JsonObject, rows: readonly unknown[]): Readable<Attendee> {
  const context = {
    eventId: requireId(order.event_id, 'order.event_id'),
    orderId: requireId(order.id, 'order.id'),
    changed: requireInstant(order, 'changed', 'order'),
  }
  return readRows(rows, (row) => readAttendee(row, context))
}

function readBuyer(person: JsonObject): Buyer | null {
  const parts = [optionalText(person, 'first_name'), optionalText(person, 'last_name')].filter((part) => part !== null)
  const name = optionalText(person, 'name') ?? (parts.length > 0 ? parts.join(' ') : null)
  const email = optionalText(person, 'email')
  return name === null && email === null ? null : { name, email }
}

/** Orders as far as a list of attendees shows them: incomplete, their other tickets are unknown. */
export function groupByOrder(attendees: Attendee[]): OrderSnapshot[] {
  const groups = new Map<string, Attendee[]>()
  for (const attendee of newestOfEach(attendees)) {
    groups.set(attendee.orderId, [...(groups.get(attendee.orderId) ?? []), attendee])
  }
  return [...groups.entries()].map(([orderId, group]) => ({
    orderId,
    externalEventId: group[0]?.eventId ?? '',
    version: latest(group.map((attendee) => attendee.changed)),
    tickets: group.flatMap((attendee) => attendee.tickets),
    complete: false,
    buyer: group.find(({ holder }) => holder !== null)?.holder ?? null,
    placedAt: earliest(group.map((attendee) => attendee.created)),
  }))
}

/** A list that shifts while it is read can show an attendee twice. */
function newestOfEach(attendees: Attendee[]): Attendee[] {
  const newest = new Map<string, Attendee>()
  for (const attendee of attendees) {
    const other = newest.get(attendee.id)
    if (other === undefined || other.changed <= attendee.changed) newest.set(attendee.id, attendee)
  }
  return [...newest.values()]
}

function latest(instants: Date[]): string {
  return new Date(Math.max(...instants.map((instant) => instant.getTime()))).toISOString()
}

function earliest(instants: (Date | null)[]): Date | null {
  const known = instants.filter((instant) => instant !== null)
  return known.length === 0 ? null : new Date(Math.min(...known.map((instant) => instant.getTime())))
}
