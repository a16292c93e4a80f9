import type { ChannelMode } from '../../domain/channel.js'
import type { CallContext, ChannelReading, Listing, Outcome } from '../port.js'
import { isJson, object, ok, textOf } from './answers.js'
import { PENDING, type CapPorts } from './caps.js'
import type { LumaClient } from './client.js'
import { LUMA_MIN_CAP } from './constants.js'
import { countSeats, seatsIn } from './guest-pages.js'
import { listTicketTypes, type TicketType } from './ticket-types.js'

type Cap = Pick<ChannelReading, 'cap' | 'capSource'>

/**
 * Reads types, event and guests. `sold` are the seats of approved guests, `pending` those of guests in checkout or
 * waiting for approval. 4 calls and one more per started 100 guests approved.
 */
export async function readChannel(
  { client, now }: CapPorts,
  listing: Listing,
  context: CallContext,
): Promise<Outcome<ChannelReading>> {
  const asOf = now()
  const types = await listTicketTypes(client, listing.externalEventId, context)
  if (types.kind !== 'OK') return types
  const classId = listing.externalTicketClassId
  if (classId !== null && !types.value.some(({ id }) => id === classId)) {
    return { kind: 'GONE', message: `the event has no ticket type ${classId}` }
  }
  const waitlist = await readWaitlistStatus(client, listing.externalEventId, context)
  if (waitlist.kind !== 'OK') return waitlist
  const approved = await countSeats(client, listing.externalEventId, ['approved'], context)
  if (approved.kind !== 'OK') return approved
  const pending = await countSeats(client, listing.externalEventId, PENDING, context)
  if (pending.kind !== 'OK') return pending
  const sold = seatsIn(approved.value, classId)
  const cap = capOf(types.value, listing)
  return ok({
    ...cap,
    sold,
    pending: seatsIn(pending.value, classId),
    mode: modeOf(cap.cap, sold),
    waitlistAvailable: waitlist.value === null ? null : waitlist.value === 'enabled',
    asOf,
  })
}

/** `enabled`, `disabled`, or null where Luma does not say. 1 call. */
export function readWaitlistStatus(
  client: LumaClient,
  eventId: string,
  context: CallContext,
): Promise<Outcome<'enabled' | 'disabled' | null>> {
  return client.get('/v1/events/get', { event_id: eventId }, 'read_event', context, (json) => {
    const answer = object(json, 'event')
    // The old routes wrap it.
    const status = textOf(isJson(answer['event']) ? answer['event'] : answer, 'waitlist_status')
    return status === 'enabled' || status === 'disabled' ? status : null
  })
}

/** The event's own cap cannot be read: where it counts, the last value that Luma acknowledged stands in. */
export function capOf(types: TicketType[], listing: Listing): Cap {
  const { externalTicketClassId: classId, acknowledgedCap } = listing
  const governing = classId === null ? types : types.filter(({ id }) => id === classId)
  const unknown = governing.length === 0 || governing.some(({ cap }) => cap === null)
  const read = unknown ? null : governing.reduce((sum, { cap }) => sum + (cap ?? 0), 0)
  // One type is what this service writes to, so an acknowledged value tells nothing beyond what was read.
  if (governing.length === 1) return { cap: read, capSource: read === null ? 'none' : 'read' }
  if (read !== null && (acknowledgedCap === null || read <= acknowledgedCap)) return { cap: read, capSource: 'read' }
  return { cap: acknowledgedCap, capSource: acknowledgedCap === null ? 'none' : 'acknowledged' }
}

/** Luma has no switch: it is sold out at its cap. A cap of 1 with nothing sold is as closed as it can be. */
export function modeOf(cap: ChannelReading['cap'], sold: number): ChannelMode {
  if (typeof cap !== 'number') return 'UNKNOWN'
  return cap <= Math.max(LUMA_MIN_CAP, sold) ? 'WAITLIST_ONLY' : 'OPEN'
}
