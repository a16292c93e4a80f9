import type { ChannelMode } from '../../domain/channel.js'
import type { CallContext, ConfirmedState, Listing, Outcome } from '../port.js'
import { afterWrite, ok, rejected } from './answers.js'
import { ignoreAnswer, type LumaClient } from './client.js'
import { LUMA_MIN_CAP } from './constants.js'
import { countSeats, seatsIn, type SeatCount } from './guest-pages.js'
import { splitCap } from './split-cap.js'
import { findGovernor, writeTypeCap, type Governor, type TicketType } from './ticket-types.js'

/** Guests who are not sold a seat yet, but may come to hold one without asking for room again. */
export const PENDING = ['pending_approval', 'session'] as const
const HOLDING = ['approved', ...PENDING] as const

export interface CapPorts {
  client: LumaClient
  now: () => Date
}

/**
 * Writes an absolute cap: to the only ticket type (whose answer is the read-back), else to the event. Luma's mode
 * follows from cap and count, so a write leaves `OPEN` behind. A shrink counts who is still in the doorway.
 */
export async function writeCap(
  ports: CapPorts,
  listing: Listing,
  cap: number,
  context: CallContext,
): Promise<Outcome<ConfirmedState>> {
  const written = await putCap(ports, listing, cap, context)
  if (written.kind !== 'OK') return written
  if (listing.acknowledgedCap !== null && written.value >= listing.acknowledgedCap) {
    return ok(confirmed(ports, written.value, 'OPEN', 0))
  }
  // Luma takes a cap below what it has sold: only a count made after the write tells how much it gives back.
  const pending = await countHeld(ports, listing, PENDING, context)
  if (pending.kind !== 'OK') return afterWrite(pending)
  const sold = await countHeld(ports, listing, ['approved'], context)
  if (sold.kind !== 'OK') return afterWrite(sold)
  return ok({ ...confirmed(ports, written.value, 'OPEN', pending.value), sold: sold.value })
}

/**
 * Stops sales by cap = sold: Luma then sends whoever comes to its waitlist. What the caller takes for sold is written
 * at once, and what Luma counts below it after that. With nothing sold it is a cap of 1, the smallest there is.
 */
export async function closeToWaitlist(
  ports: CapPorts,
  listing: Listing,
  cap: number,
  context: CallContext,
): Promise<Outcome<ConfirmedState>> {
  const first = await putCap(ports, listing, Math.min(cap, listing.acknowledgedCap ?? cap), context)
  if (first.kind !== 'OK') return first
  const pending = await countHeld(ports, listing, PENDING, context)
  if (pending.kind !== 'OK') return afterWrite(pending)
  const sold = await countHeld(ports, listing, ['approved'], context)
  // Whether the first cap closed it is not known then.
  if (sold.kind !== 'OK') return afterWrite(sold)
  const stands = { ...confirmed(ports, first.value, 'UNKNOWN', pending.value), sold: sold.value }
  if (first.value <= Math.max(LUMA_MIN_CAP, sold.value)) return ok({ ...stands, mode: 'WAITLIST_ONLY' })
  const second = await putCap(ports, listing, sold.value, context)
  return ok(second.kind === 'OK' ? { ...stands, cap: second.value, mode: 'WAITLIST_ONLY' } : stands)
}

function confirmed({ now }: CapPorts, cap: number, mode: ChannelMode, pending: number): ConfirmedState {
  return { cap, mode, pending, confirmedAt: now() }
}

/** What stands afterwards. A cap that Luma refuses for being below its count is clamped to the count, once. */
async function putCap(ports: CapPorts, listing: Listing, cap: number, context: CallContext): Promise<Outcome<number>> {
  const target = Math.max(LUMA_MIN_CAP, cap)
  if (!Number.isSafeInteger(target)) return rejected('INVALID_CAP', `${cap} is not a whole number of tickets`)
  const governor = await findGovernor(ports.client, listing, context)
  if (governor.kind !== 'OK') return governor
  const written = await writeTo(ports, governor.value, listing, target, context)
  if (written.kind !== 'REJECTED' || written.code !== 'BAD_REQUEST') return written
  const held = await countHeld(ports, listing, HOLDING, context)
  if (held.kind !== 'OK') return held
  return held.value > target ? writeTo(ports, governor.value, listing, held.value, context) : written
}

async function countHeld(
  { client }: CapPorts,
  listing: Listing,
  statuses: readonly string[],
  context: CallContext,
): Promise<Outcome<number>> {
  const count = await countSeats(client, listing.externalEventId, statuses, context)
  return count.kind === 'OK' ? ok(seatsIn(count.value, listing.externalTicketClassId)) : count
}

async function writeTo(
  ports: CapPorts,
  governor: Governor,
  listing: Listing,
  cap: number,
  context: CallContext,
): Promise<Outcome<number>> {
  if (governor.kind === 'TYPE') return writeToOnlyType(ports, governor.id, listing, cap, context)
  const eventId = listing.externalEventId
  const types = governor.kind === 'TYPES' ? governor.types : []
  const held = types.length > 0 ? await countSeats(ports.client, eventId, HOLDING, context) : ok<SeatCount>(new Map())
  if (held.kind !== 'OK') return held
  // The event's cap first: whatever becomes of the types' caps, no more than this can be sold.
  const belt = await writeEventCap(ports, eventId, cap, context)
  if (belt.kind !== 'OK') return belt
  return writeTypeCaps(ports, types, held.value, cap, context)
}

/**
 * The type's cap is the one that can be read back. The event has a cap beside it that cannot be read: left as it was
 * found, a smaller one would keep tickets from being sold. Where Luma takes none, the type's is all that counts.
 */
async function writeToOnlyType(
  ports: CapPorts,
  typeId: string,
  { externalEventId, externalTicketClassId }: Listing,
  cap: number,
  context: CallContext,
): Promise<Outcome<number>> {
  const written = await writeTypeCap(ports.client, typeId, cap, context)
  if (written.kind !== 'OK' || externalTicketClassId !== null) return written
  const event = await writeEventCap(ports, externalEventId, written.value, context)
  return event.kind === 'OK' || event.kind === 'REJECTED' ? written : afterWrite(event)
}

function writeEventCap(ports: CapPorts, eventId: string, cap: number, context: CallContext): Promise<Outcome<unknown>> {
  const body = { event_id: eventId, max_capacity: cap, suppress_notifications: true }
  return ports.client.post('/v1/events/update', body, 'write_cap', context, ignoreAnswer)
}

async function writeTypeCaps(
  ports: CapPorts,
  types: TicketType[],
  held: SeatCount,
  cap: number,
  context: CallContext,
): Promise<Outcome<number>> {
  // Nobody can buy what is hidden: no share of what is for sale goes there.
  const allHidden = types.every(({ hidden }) => hidden)
  const parts = types.map(({ id, cap, hidden }) => ({
    id,
    cap: hidden && !allHidden ? 0 : cap,
    held: seatsIn(held, id),
  }))
  const caps = splitCap(cap, parts)
  for (const type of types) {
    const share = caps.get(type.id)
    if (share === undefined || share === type.cap) continue
    const written = await writeTypeCap(ports.client, type.id, share, context)
    if (written.kind !== 'OK') return afterWrite(written)
  }
  return ok(cap)
}
