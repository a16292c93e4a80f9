import type { CallContext, Listing, Outcome } from '../port.js'
import { ContractError, list, object, ok, requiredText, type Json } from './answers.js'
import type { LumaClient } from './client.js'

export interface TicketType {
  id: string
  /** Null: no cap of its own, or none that Luma shows. */
  cap: number | null
  hidden: boolean
}

export function parseTicketType(value: unknown): TicketType {
  const json = object(value, 'ticket type')
  return {
    id: requiredText(json, 'ticket type id', 'id', 'api_id'),
    cap: capOf(json),
    hidden: json['is_hidden'] === true,
  }
}

function capOf(json: Json): number | null {
  const cap = json['max_capacity'] ?? null
  // What 0 means nobody documents: for all we know it is no cap at all.
  if (cap === null || cap === 0) return null
  if (typeof cap !== 'number' || !Number.isSafeInteger(cap) || cap < 0) throw new ContractError('max_capacity')
  return cap
}

/** All ticket types of an event, hidden ones too. 1 call. */
export function listTicketTypes(
  client: LumaClient,
  eventId: string,
  context: CallContext,
): Promise<Outcome<TicketType[]>> {
  const query = { event_id: eventId, include_hidden: true }
  return client.get('/v1/events/ticket-types/list', query, 'read_ticket_types', context, (json) =>
    list(object(json, 'answer')['entries'], 'entries').map(parseTicketType),
  )
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
    if (stored === null) throw new ContractError('max_capacity')
    return stored
  })
}

/** What a channel's cap is written to. */
export type Governor = { kind: 'TYPE'; id: string } | { kind: 'EVENT' } | { kind: 'TYPES'; types: TicketType[] }

/** The only ticket type governs where there is but one, because its cap can be read back. */
export function governorOf(types: TicketType[]): Governor {
  const [first, ...others] = types
  if (!first) return { kind: 'EVENT' }
  return others.length === 0 ? { kind: 'TYPE', id: first.id } : { kind: 'TYPES', types }
}

/** 1 call, none for a channel that is one ticket type. */
export async function findGovernor(
  client: LumaClient,
  listing: Listing,
  context: CallContext,
): Promise<Outcome<Governor>> {
  if (listing.externalTicketClassId !== null) return ok({ kind: 'TYPE', id: listing.externalTicketClassId })
  const types = await listTicketTypes(client, listing.externalEventId, context)
  return types.kind === 'OK' ? ok(governorOf(types.value)) : types
}
