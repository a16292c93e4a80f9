import type { CallContext, Outcome } from '../port.js'
import { decodeResponse, type EventbriteClient } from './client.js'
import { EVENT_STATUS_EXPANSIONS, readEventStatus } from './event-status.js'
import { ok } from '../kit/outcomes.js'

/**
 * The end of sales to restore where the organizer's own is unknown: the start of the event, its end once it has
 * started, null when it is over. 1 call.
 */
export async function reopeningTime(
  client: EventbriteClient,
  eventId: string,
  now: Date,
  context: CallContext,
): Promise<Outcome<Date | null>> {
  const query = { expand: EVENT_STATUS_EXPANSIONS }
  const response = await client.get({ path: ['events', eventId], operation: 'read_event', query }, context)
  const status = decodeResponse(response, readEventStatus)
  if (status.kind !== 'OK') return status
  const { start, end } = status.value.value
  return ok([start, end].find((time) => time !== null && time > now) ?? null)
}
