import type { CallContext, ListingState, Outcome } from '../../port.js'
import { isObject, type JsonObject, requireObject } from '../../kit/response-shape.js'
import { ok } from '../../kit/outcomes.js'
import { optionalText } from '../client/contract.js'
import type { LumaClient } from '../client/client.js'

export interface LumaEvent {
  /** Null: the response has no event id. */
  id: string | null
  waitlist: 'enabled' | 'disabled' | null
  state: ListingState
}

/** Reads one event; GONE if Luma returns none, or another one. 1 call. */
export async function readEvent(
  client: LumaClient,
  eventId: string,
  context: CallContext,
): Promise<Outcome<LumaEvent>> {
  const event = await client.get('/v1/events/get', { event_id: eventId }, 'read_event', context, parseEvent)
  if (event.kind !== 'OK' || event.value.id === null || event.value.id === eventId) return event
  return { kind: 'GONE', message: `Luma returned another event than ${eventId}` }
}

/** OK only if Luma still shows the event as live: its guest list is not conclusive otherwise. 1 call. */
export async function checkEvent(client: LumaClient, eventId: string, context: CallContext): Promise<Outcome<null>> {
  const event = await readEvent(client, eventId, context)
  if (event.kind !== 'OK') return event
  if (event.value.id === null) return { kind: 'UNAVAILABLE', reason: 'Luma returned a guest list without its event' }
  if (event.value.state === 'CANCELLED') return { kind: 'GONE', message: `event ${eventId} is cancelled` }
  return ok(null)
}

function parseEvent(json: unknown): LumaEvent {
  const body = requireObject(json, 'event')
  // Older routes wrap the event.
  const event = isObject(body['event']) ? body['event'] : body
  const waitlist = optionalText(event, 'waitlist_status')
  return {
    id: optionalText(event, 'id', 'api_id'),
    waitlist: waitlist === 'enabled' || waitlist === 'disabled' ? waitlist : null,
    state: isCancelled(event) ? 'CANCELLED' : 'LIVE',
  }
}

/** Luma is documented to delete cancelled events; an event that is still returned may be marked as cancelled instead. */
function isCancelled(event: JsonObject): boolean {
  const cancelledAt = optionalText(event, 'canceled_at', 'cancelled_at', 'deleted_at')
  return cancelledAt !== null || /^cancell?ed$/i.test(optionalText(event, 'status', 'event_status') ?? '')
}
