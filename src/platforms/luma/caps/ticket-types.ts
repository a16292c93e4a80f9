import { MAX_CAP, type CallContext, type CapReading, type Outcome } from '../../port.js'
import { ContractError, type JsonObject, requireId, requireObject } from '../../kit/response-shape.js'
import { optionalText } from '../client/contract.js'
import type { LumaClient } from '../client/client.js'
import { readAllPages, parsePage } from '../client/pages.js'

export interface TicketType {
  id: string
  /** Null: Luma returned a number whose meaning is unknown. */
  cap: CapReading
  hidden: boolean
}

export function parseTicketType(value: unknown): TicketType {
  const json = requireObject(value, 'ticket type')
  return {
    id: requireId(optionalText(json, 'id', 'api_id'), 'ticket type id'),
    cap: capOf(json),
    hidden: json['is_hidden'] === true,
  }
}

function capOf(json: JsonObject): CapReading {
  const cap = json['max_capacity'] ?? null
  if (cap === null) return 'UNLIMITED'
  if (typeof cap !== 'number' || !Number.isInteger(cap) || cap < 0) throw new ContractError('max_capacity')
  // The meaning of 0 is not documented: it may mean "no cap".
  if (cap === 0) return null
  return cap > MAX_CAP ? 'UNLIMITED' : cap
}

const parseTypes = parsePage(parseTicketType)

/** Lists all ticket types of an event, including hidden ones. 1 call, unless the list is paged. */
export function listTicketTypes(
  client: LumaClient,
  eventId: string,
  context: CallContext,
): Promise<Outcome<TicketType[]>> {
  return readAllPages((cursor) => {
    const query = { event_id: eventId, include_hidden: true, pagination_cursor: cursor }
    return client.get('/v1/events/ticket-types/list', query, 'read_ticket_types', context, (json, readAt) =>
      parseTypes({ has_more: false, ...requireObject(json, 'response') }, readAt),
    )
  })
}

/** Writes a type's cap; the response shows the stored type, which serves as the read-back. 1 call. */
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

/** The types that buyers see; all of them if none is visible. */
export function onSale(types: readonly TicketType[]): TicketType[] {
  const visible = types.filter(({ hidden }) => !hidden)
  return visible.length > 0 ? visible : [...types]
}

/** The single type of an event, hidden or not; undefined if there are none or several. */
export function onlyType(types: readonly TicketType[]): TicketType | undefined {
  return types.length === 1 ? types[0] : undefined
}
