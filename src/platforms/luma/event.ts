import type { CallContext, ListingState, Outcome } from '../port.js'
import { isJson, object, ok, textOf, type Json } from './answers.js'
import type { LumaClient } from './client.js'

export interface LumaEvent {
  /** Null: the answer does not say whose it is. */
  id: string | null
  waitlist: 'enabled' | 'disabled' | null
  state: ListingState
}

/** One event as Luma shows it; GONE where it shows none, or another one. 1 call. */
export async function readEvent(
  client: LumaClient,
  eventId: string,
  context: CallContext,
): Promise<Outcome<LumaEvent>> {
  const event = await client.get('/v1/events/get', { event_id: eventId }, 'read_event', context, parseEvent)
  if (event.kind !== 'OK' || event.value.id === null || event.value.id === eventId) return event
  return { kind: 'GONE', message: `asked for event ${eventId}, Luma shows another one` }
}

/**
 * OK only where Luma still shows the event as one that takes place: a list of its guests proves nothing without. 1 call.
 */
export async function checkEvent(client: LumaClient, eventId: string, context: CallContext): Promise<Outcome<null>> {
  const event = await readEvent(client, eventId, context)
  if (event.kind !== 'OK') return event
  if (event.value.id === null) return { kind: 'UNAVAILABLE', reason: 'Luma shows no event with the guest list' }
  if (event.value.state === 'CANCELLED') return { kind: 'GONE', message: `event ${eventId} is cancelled` }
  return ok(null)
}

function parseEvent(json: unknown): LumaEvent {
  const answer = object(json, 'event')
  // The old routes wrap it.
  const event = isJson(answer['event']) ? answer['event'] : answer
  const waitlist = textOf(event, 'waitlist_status')
  return {
    id: textOf(event, 'id', 'api_id'),
    waitlist: waitlist === 'enabled' || waitlist === 'disabled' ? waitlist : null,
    state: isCancelled(event) ? 'CANCELLED' : 'LIVE',
  }
}

/** Luma deletes what is cancelled, as far as is documented; an event that is still shown may say so instead. */
function isCancelled(event: Json): boolean {
  const at = textOf(event, 'canceled_at', 'cancelled_at', 'deleted_at')
  return at !== null || /^cancell?ed$/i.test(textOf(event, 'status', 'event_status') ?? '')
}
