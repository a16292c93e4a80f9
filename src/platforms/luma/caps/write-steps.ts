import type { CallContext, Listing, Outcome } from '../../port.js'
import { afterWrite, ok } from '../../kit/outcomes.js'
import { ignoreResponse } from '../client/client.js'
import { countOccupiedSeats } from './occupied-seats.js'
import type { LumaPorts } from '../ports.js'
import { splitCap } from './split-cap.js'
import { onlyType, onSale, writeTypeCap, type TicketType } from './ticket-types.js'

/** Luma's response to a cap below its count; it refuses other invalid requests in the same way. */
export const isRefused = (outcome: Outcome<unknown>): boolean =>
  outcome.kind === 'REJECTED' && outcome.code === 'BAD_REQUEST'

/**
 * Writes a cap of at least 1 and returns the cap in force afterwards. An event listed as a whole gets its own cap first:
 * it limits sales regardless of the types' caps, so a shrink is in force after one call. It cannot be read back; the cap
 * of a single ticket type, written last, can, and confirms that the whole write succeeded.
 */
export async function putCap(
  ports: LumaPorts,
  listing: Listing,
  cap: number,
  context: CallContext,
): Promise<Outcome<number>> {
  const { externalEventId: eventId, externalTicketClassId: classId } = listing
  ports.seats.discard(eventId)
  if (classId !== null) return writeTypeCap(ports.client, classId, cap, context)
  const types = await ports.ticketTypes.get(eventId, context)
  if (types.kind !== 'OK') return types
  const written = await writeWholeEvent(ports, listing, types.value, cap, context)
  if (written.kind === 'GONE') ports.ticketTypes.invalidate(eventId)
  return written
}

function writeWholeEvent(
  ports: LumaPorts,
  listing: Listing,
  types: TicketType[],
  cap: number,
  context: CallContext,
): Promise<Outcome<number>> {
  const only = onlyType(types)
  if (only) return writeWithOnlyType(ports, listing.externalEventId, only.id, cap, context)
  return writeWithTypes(ports, listing, types, cap, context)
}

/** Writes only the event's own cap: in force immediately, regardless of the types' caps. 1 call. */
export function writeEventCap(
  ports: LumaPorts,
  eventId: string,
  cap: number,
  context: CallContext,
): Promise<Outcome<unknown>> {
  ports.seats.discard(eventId)
  const body = { event_id: eventId, max_capacity: cap, suppress_notifications: true }
  return ports.client.post('/v1/events/update', body, 'write_cap', context, ignoreResponse)
}

/** If Luma refuses the event's own cap, the type's cap alone governs. 2 calls. */
async function writeWithOnlyType(
  ports: LumaPorts,
  eventId: string,
  typeId: string,
  cap: number,
  context: CallContext,
): Promise<Outcome<number>> {
  const event = await writeEventCap(ports, eventId, cap, context)
  if (event.kind !== 'OK' && !isRefused(event)) return event
  const written = await writeTypeCap(ports.client, typeId, cap, context)
  if (written.kind === 'OK') {
    ports.ticketTypes.recordCap(eventId, typeId, written.value)
    return written
  }
  if (written.kind === 'GONE') ports.ticketTypes.invalidate(eventId)
  // Both refused: nothing changed. Only the type's refused: the event's cap has changed.
  return event.kind === 'OK' ? afterWrite(written, 'a later part of it failed') : written
}

/** The event's cap governs and is split over the types, within the organizer's limits. 1 call plus one per changed share. */
async function writeWithTypes(
  ports: LumaPorts,
  { externalEventId: eventId, typeLimits }: Listing,
  types: TicketType[],
  cap: number,
  context: CallContext,
): Promise<Outcome<number>> {
  const limits = new Map(Object.entries(typeLimits ?? {}))
  const limit = types.length > 0 && types.every(({ id }) => limits.has(id)) ? sum(limits.values()) : Infinity
  const eventCap = Math.max(1, Math.min(cap, limit))
  const event = await writeEventCap(ports, eventId, eventCap, context)
  if (event.kind !== 'OK') return event
  // Hidden types, for example a guest list, are not on sale and keep their limit.
  const sellable = onSale(types)
  const parts = sellable.map(({ id, cap: currentCap }) => ({
    id,
    weight: limits.get(id) ?? (typeof currentCap === 'number' ? currentCap : null),
    max: limits.get(id) ?? null,
  }))
  const shares = splitCap(eventCap, parts)
  for (const { id, cap: currentCap } of sellable) {
    const share = shares.get(id)
    if (share === undefined || share === currentCap) continue
    let written = await writeTypeCap(ports.client, id, share, context)
    // A type that has sold more than its share keeps its cap, or is capped at its count if unlimited: the event's cap governs.
    if (isRefused(written) && currentCap === 'UNLIMITED') written = await capAtSold(ports, eventId, id, context)
    if (written.kind === 'OK') ports.ticketTypes.recordCap(eventId, id, written.value)
    else if (!isRefused(written)) return afterWrite(written, 'a later part of it failed')
  }
  return ok(eventCap)
}

async function capAtSold(ports: LumaPorts, eventId: string, typeId: string, context: CallContext) {
  const type = { externalEventId: eventId, externalTicketClassId: typeId, acknowledgedCap: null }
  const occupied = await countOccupiedSeats(ports, type, context)
  if (occupied.kind !== 'OK') return occupied
  return writeTypeCap(ports.client, typeId, Math.max(1, occupied.value.sold + occupied.value.inCheckout), context)
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, number) => total + number, 0)
