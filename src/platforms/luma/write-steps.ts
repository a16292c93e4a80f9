import type { CallContext, Listing, Outcome } from '../port.js'
import { afterWrite, ok } from './answers.js'
import { ignoreAnswer } from './client.js'
import { countHeld } from './held.js'
import type { LumaPorts } from './ports.js'
import { splitCap } from './split-cap.js'
import { onlyType, onSale, writeTypeCap, type TicketType } from './ticket-types.js'

/** Luma refuses a cap below its count in this way, and other things too. */
export const isRefused = (outcome: Outcome<unknown>): boolean =>
  outcome.kind === 'REJECTED' && outcome.code === 'BAD_REQUEST'

/**
 * Writes a cap of at least 1; the value is the cap that stands then. An event listed as a whole gets its own cap first:
 * that alone holds whatever becomes of the types' caps, so a shrink is in force after one call. It cannot be read back;
 * the cap of an only ticket type, written last, can, and shows that the whole write went through.
 */
export async function putCap(
  ports: LumaPorts,
  listing: Listing,
  cap: number,
  context: CallContext,
): Promise<Outcome<number>> {
  const { externalEventId: eventId, externalTicketClassId: classId } = listing
  ports.seats.forget(eventId)
  if (classId !== null) return writeTypeCap(ports.client, classId, cap, context)
  const types = await ports.types.types(eventId, context)
  if (types.kind !== 'OK') return types
  const written = await writeWhole(ports, listing, types.value, cap, context)
  if (written.kind === 'GONE') ports.types.forget(eventId)
  return written
}

function writeWhole(
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

/** The event's own cap alone: in force at once, whatever the types' caps are. 1 call. */
export function writeEventCap(
  ports: LumaPorts,
  eventId: string,
  cap: number,
  context: CallContext,
): Promise<Outcome<unknown>> {
  ports.seats.forget(eventId)
  const body = { event_id: eventId, max_capacity: cap, suppress_notifications: true }
  return ports.client.post('/v1/events/update', body, 'write_cap', context, ignoreAnswer)
}

/** Where Luma takes no cap of the event, the type's is all that counts. 2 calls. */
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
    ports.types.wrote(eventId, typeId, written.value)
    return written
  }
  if (written.kind === 'GONE') ports.types.forget(eventId)
  // Refused at both, it changed nothing; refused at the type alone, the event's cap has changed.
  return event.kind === 'OK' ? afterWrite(written) : written
}

/** The event's cap counts; the types' caps are spread beneath it, within the organizer's own limits. 1 call and one per share that changes. */
async function writeWithTypes(
  ports: LumaPorts,
  { externalEventId: eventId, typeLimits }: Listing,
  types: TicketType[],
  cap: number,
  context: CallContext,
): Promise<Outcome<number>> {
  const limits = new Map(Object.entries(typeLimits ?? {}))
  const most = types.length > 0 && types.every(({ id }) => limits.has(id)) ? sum(limits.values()) : Infinity
  const whole = Math.max(1, Math.min(cap, most))
  const event = await writeEventCap(ports, eventId, whole, context)
  if (event.kind !== 'OK') return event
  // Nobody can buy what is hidden: such a type, a guest list perhaps, keeps its limit.
  const parts = onSale(types)
  const weighed = parts.map(({ id, cap: now }) => ({
    id,
    weight: limits.get(id) ?? (typeof now === 'number' ? now : null),
    most: limits.get(id) ?? null,
  }))
  const shares = splitCap(whole, weighed)
  for (const { id, cap: now } of parts) {
    const share = shares.get(id)
    if (share === undefined || share === now) continue
    let written = await writeTypeCap(ports.client, id, share, context)
    // A type that has sold more than its share keeps its cap: the event's holds. Without a cap it gets what it has sold.
    if (isRefused(written) && now === 'UNLIMITED') written = await writeAsSold(ports, eventId, id, context)
    if (written.kind === 'OK') ports.types.wrote(eventId, id, written.value)
    else if (!isRefused(written)) return afterWrite(written)
  }
  return ok(whole)
}

async function writeAsSold(ports: LumaPorts, eventId: string, typeId: string, context: CallContext) {
  const type = { externalEventId: eventId, externalTicketClassId: typeId, acknowledgedCap: null }
  const held = await countHeld(ports, type, context)
  if (held.kind !== 'OK') return held
  return writeTypeCap(ports.client, typeId, Math.max(1, held.value.sold + held.value.inCheckout), context)
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, number) => total + number, 0)
