import type { Buyer, OrderSnapshot, TicketSnapshot } from '../../domain/order-snapshot.js'
import { ContractViolation, isObject, optionalId, optionalInstant, optionalText, requireArray } from './fields.js'
import { requireId, requireInstant, type JsonObject } from './fields.js'
import { readRows, type Readable } from './pages.js'

/** One sold position of an order; `changed` has whole seconds. */
export interface Attendee {
  id: string
  orderId: string
  eventId: string
  changed: Date
  /** False: the row does not tell when it changed, and `changed` is when it was read. */
  dated: boolean
  created: Date | null
  tickets: TicketSnapshot[]
  /** Who the ticket is for: mostly the buyer, and all that a list of attendees tells. */
  holder: Buyer | null
}

/** Everything else counts as sold, also what is not paid yet. */
const NOT_YET_OR_NEVER_SOLD = new Set(['started', 'abandoned'])
const MAX_PER_ATTENDEE = 1_000

/** What holds for a row that does not say it itself. */
export interface AttendeeContext {
  eventId: string | null
  /** The order it was read with; null: of a list, where only the row tells. */
  orderId: string | null
  /** When it counts as changed; null: it has to say. */
  changed: Date | null
}

/** @throws ContractViolation */
export function readAttendee(item: unknown, context: AttendeeContext): Attendee {
  const where = 'attendees'
  if (!isObject(item)) throw new ContractViolation(where)
  const id = requireId(item, 'id', where)
  const live = item.cancelled !== true && item.refunded !== true
  const ticketClassId = optionalId(item, 'ticket_class_id')
  const changed = optionalInstant(item, 'changed')
  return {
    id,
    orderId: optionalId(item, 'order_id') ?? context.orderId ?? requireId(item, 'order_id', where),
    eventId: optionalId(item, 'event_id') ?? context.eventId ?? requireId(item, 'event_id', where),
    changed: changed ?? context.changed ?? requireInstant(item, 'changed', where),
    dated: changed !== null,
    created: optionalInstant(item, 'created'),
    tickets: ticketIds(id, item.quantity).map((ticketId) => ({ ticketId, live, ticketClassId })),
    holder: isObject(item.profile) ? readBuyer(item.profile) : null,
  }
}

/** One attendee is one ticket, also where a quantity is missing or 0; where it is more, each gets an id of its own. */
function ticketIds(id: string, quantity: unknown): string[] {
  const count = quantity || 1
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 1 || count > MAX_PER_ATTENDEE) {
    throw new ContractViolation('attendees.quantity')
  }
  return Array.from({ length: count }, (_, i) => (i === 0 ? id : `${id}-${i + 1}`))
}

/**
 * The order's own record, with the attendees that were read along or apart from it. With an unreadable one among them
 * nothing is concluded about tickets that are not listed. @throws ContractViolation
 */
export function readOrder(order: JsonObject, { rows: attendees, unreadable }: Readable<Attendee>): OrderSnapshot {
  const changed = requireInstant(order, 'changed', 'order')
  const status = optionalText(order, 'status')?.toLowerCase() ?? ''
  const never = NOT_YET_OR_NEVER_SOLD.has(status)
  const tickets = newestOfEach(attendees).flatMap((attendee) => attendee.tickets)
  return {
    orderId: requireId(order, 'id', 'order'),
    externalEventId: requireId(order, 'event_id', 'order'),
    version: latest([changed, ...attendees.map((attendee) => attendee.changed)]),
    tickets: never ? tickets.map((ticket) => ({ ...ticket, live: false })) : tickets,
    // An order without a single attendee is an answer that lacks them: nothing is concluded from it.
    complete: tickets.length > 0 && unreadable.length === 0,
    buyer: readBuyer(order),
    placedAt: optionalInstant(order, 'created'),
  }
}

/** The attendees that an order was read with; empty when the platform left them out. @throws ContractViolation */
export function readExpandedAttendees(order: JsonObject): Readable<Attendee> {
  const rows = order.attendees === undefined || order.attendees === null ? [] : order.attendees
  return readAttendeesOf(order, requireArray(rows, 'order.attendees'))
}

/** Attendees that are known to belong to `order`. @throws ContractViolation */
export function readAttendeesOf(order: JsonObject, rows: readonly unknown[]): Readable<Attendee> {
  const context = {
    eventId: requireId(order, 'event_id', 'order'),
    orderId: requireId(order, 'id', 'order'),
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

/** Orders as far as a list of attendees shows them: nothing is known of their other tickets. */
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

/** A list that moves while it is read can show an attendee twice. */
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
