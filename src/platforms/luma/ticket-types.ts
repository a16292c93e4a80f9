import { MAX_CAP, type CallContext, type CapReading, type Outcome } from '../port.js'
import { ContractError, object, requiredId, type Json } from './answers.js'
import type { LumaClient } from './client.js'
import { allPages, parsePage } from './pages.js'

export interface TicketType {
  id: string
  /** Null: Luma shows a number whose meaning is not known. */
  cap: CapReading
  hidden: boolean
}

export function parseTicketType(value: unknown): TicketType {
  const json = object(value, 'ticket type')
  return {
    id: requiredId(json, 'ticket type id', 'id', 'api_id'),
    cap: capOf(json),
    hidden: json['is_hidden'] === true,
  }
}

function capOf(json: Json): CapReading {
  const cap = json['max_capacity'] ?? null
  if (cap === null) return 'UNLIMITED'
  if (typeof cap !== 'number' || !Number.isInteger(cap) || cap < 0) throw new ContractError('max_capacity')
  // What 0 means nobody documents: for all we know it is no cap at all.
  if (cap === 0) return null
  return cap > MAX_CAP ? 'UNLIMITED' : cap
}

const parseTypes = parsePage(parseTicketType)

/** All ticket types of an event, hidden ones too. 1 call, unless they come in pages. */
export function listTicketTypes(
  client: LumaClient,
  eventId: string,
  context: CallContext,
): Promise<Outcome<TicketType[]>> {
  return allPages((cursor) => {
    const query = { event_id: eventId, include_hidden: true, pagination_cursor: cursor }
    return client.get('/v1/events/ticket-types/list', query, 'read_ticket_types', context, (json, readAt) =>
      parseTypes({ has_more: false, ...object(json, 'answer') }, readAt),
    )
  })
}

/** Writes a type's cap; the answer is the type as stored, and so the read-back. 1 call. */
export function writeTypeCap(
  client: LumaClient,
  id: string,
  cap: number,
  context: CallContext,
): Promise<Outcome<number>> {
  const body = { event_ticket_type_id: id, max_capacity: cap }
  return client.post('/v1/events/ticket-types/update', body, 'write_cap', context, (json) => {
    const stored = parseTicketType(json).cap
    if (typeof stored !== 'number') throw new ContractError('max_capacity')
    return stored
  })
}

/** The types that buyers see; all of them where none is on show. */
export function onSale(types: readonly TicketType[]): TicketType[] {
  const visible = types.filter(({ hidden }) => !hidden)
  return visible.length > 0 ? visible : [...types]
}

/** The type that governs alone, hidden or not: undefined where there are none or several. */
export function onlyType(types: readonly TicketType[]): TicketType | undefined {
  return types.length === 1 ? types[0] : undefined
}
