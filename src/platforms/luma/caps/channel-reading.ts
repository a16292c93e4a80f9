import type { ChannelMode } from '../../../domain/channel.js'
import { MAX_CAP, type CallContext, type ChannelReading, type Failure, type Listing, type Outcome } from '../../port.js'
import { ok } from '../../kit/outcomes.js'
import { LUMA_MIN_CAP } from '../config.js'
import { readEvent, type LumaEvent } from './event.js'
import { IN_CHECKOUT, SOLD } from './occupied-seats.js'
import { seatsIn } from './seat-counter.js'
import { onlyType, onSale, type TicketType } from './ticket-types.js'
import type { LumaPorts } from '../ports.js'

type Cap = Pick<ChannelReading, 'cap' | 'capSource'>

/**
 * Reads guests, types and event: `sold` is the seats of approved guests, `pending` those of guests in checkout. 2 calls
 * plus ⌈guests/100⌉ per status. Guests are read first: a throttled count is resumed by the next read.
 */
export async function readChannel(
  ports: LumaPorts,
  listing: Listing,
  context: CallContext,
): Promise<Outcome<ChannelReading>> {
  const { externalEventId: eventId, externalTicketClassId: classId } = listing
  const counts = await ports.seats.count(eventId, [IN_CHECKOUT, SOLD], context)
  if (counts.kind !== 'OK') return counts
  const shown = await readTypesAndEvent(ports, listing, context)
  if ('kind' in shown) {
    if (shown.kind === 'THROTTLED') ports.seats.store(eventId, counts.value)
    return shown
  }
  const { types, event } = shown
  const { byStatus, startedAt: since } = counts.value
  const sold = seatsIn(byStatus.get(SOLD), classId)
  const cap = capOf(types, listing)
  return ok({
    ...cap,
    // The event's own, which is written together with the cap of its only type.
    hasUnreadLimit: classId === null && cap.capSource === 'read' && cap.cap !== 'UNLIMITED',
    sold,
    pending: seatsIn(byStatus.get(IN_CHECKOUT), classId),
    mode: modeOf(cap.cap, sold),
    listingState: event.state,
    typeLimits: limitsOf(types, listing),
    unlimitedParts: unlimitedParts(cap, types, listing),
    waitlistAvailable: event.waitlist === null ? null : event.waitlist === 'enabled',
    asOf: since,
  })
}

async function readTypesAndEvent(
  { client, ticketTypes: memory }: LumaPorts,
  { externalEventId: eventId, externalTicketClassId: classId }: Listing,
  context: CallContext,
): Promise<Failure | { types: TicketType[]; event: LumaEvent }> {
  const types = await memory.refresh(eventId, context)
  if (types.kind !== 'OK') return types
  if (classId !== null && !types.value.some(({ id }) => id === classId)) {
    return { kind: 'GONE', message: `the event has no ticket type ${classId}` }
  }
  const event = await readEvent(client, eventId, context)
  return event.kind === 'OK' ? { types: types.value, event: event.value } : event
}

/**
 * The event's own cap cannot be read: where it governs, the last value that Luma acknowledged is used. If the caps of
 * the types add up to less, their sum governs. A sum equal to it does not show whether the event's cap was lowered since.
 */
export function capOf(types: readonly TicketType[], { externalTicketClassId: classId, acknowledgedCap }: Listing): Cap {
  const acknowledged: Cap = { cap: acknowledgedCap, capSource: acknowledgedCap === null ? 'none' : 'acknowledged' }
  if (types.length === 0) return acknowledged
  const governing = classId === null ? onlyType(types) : types.find(({ id }) => id === classId)
  if (governing) return readCap(governing)
  const [first, ...others] = onSale(types)
  if (first?.cap === 'UNLIMITED' && others.length === 0) return readCap(first)
  const total = sumOf(types)
  const totalGoverns = total !== null && (acknowledgedCap === null || total < acknowledgedCap)
  return totalGoverns ? { cap: total, capSource: 'read' } : acknowledged
}

/** The cap that this service writes last: the value read supersedes the acknowledged one. */
function readCap({ cap }: TicketType): Cap {
  return { cap, capSource: cap === null ? 'none' : 'read' }
}

/** Null: some types have no usable cap. */
function sumOf(types: readonly TicketType[]): number | null {
  let sum = 0
  for (const { cap } of types) {
    if (typeof cap !== 'number') return null
    sum += cap
  }
  return sum > MAX_CAP ? null : sum
}

/** A single type has no limit of its own besides the channel's cap. */
function limitsOf(types: readonly TicketType[], { externalTicketClassId }: Listing): Record<string, number> | null {
  if (externalTicketClassId !== null || types.length < 2) return null
  return Object.fromEntries(types.flatMap(({ id, cap }) => (typeof cap === 'number' ? [[id, cap] as const] : [])))
}

/**
 * Under the event's own cap every type on sale has a share: a type without one was cleared since. At import the types'
 * caps govern, and the event's own cap cannot be read.
 */
function unlimitedParts(
  { cap: governingCap, capSource }: Cap,
  types: readonly TicketType[],
  { externalTicketClassId: classId, acknowledgedCap }: Listing,
): string[] {
  if (classId !== null || types.length < 2 || typeof governingCap !== 'number') return []
  if (acknowledgedCap === null) return ['the event itself']
  if (capSource !== 'acknowledged') return []
  return onSale(types).flatMap(({ id, cap }) => (cap === 'UNLIMITED' ? [`ticket type ${id}`] : []))
}

/** Luma has no mode: an event is sold out at its cap. A cap of 1 with nothing sold counts as closed, since 0 is not allowed. */
export function modeOf(cap: ChannelReading['cap'], sold: number): ChannelMode {
  if (cap === 'UNLIMITED') return 'OPEN'
  if (cap === null) return 'UNKNOWN'
  return cap <= Math.max(LUMA_MIN_CAP, sold) ? 'WAITLIST_ONLY' : 'OPEN'
}
