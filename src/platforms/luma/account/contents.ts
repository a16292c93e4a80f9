import type { ContentsChange, ListingContents } from '../../listing-contents.js'
import type { Outcome } from '../../port.js'
import { ok } from '../../kit/outcomes.js'
import { isObject, requireObject, type JsonObject } from '../../kit/response-shape.js'
import { ignoreResponse, type LumaClient, type LumaContext } from '../client/client.js'
import { optionalFreeText, optionalInstant, optionalText, requireText } from '../client/contract.js'

/** 1 call. */
export function readContents(
  client: LumaClient,
  eventId: string,
  context: LumaContext,
): Promise<Outcome<ListingContents>> {
  return client.get('/v1/events/get', { event_id: eventId }, 'read_contents', context, parseContents)
}

/** The platform notifies its guests of a new name or time. 1 call. */
export function writeContents(
  client: LumaClient,
  eventId: string,
  { title, startsAt, endsAt }: ContentsChange,
  context: LumaContext,
): Promise<Outcome<null>> {
  const body = {
    event_id: eventId,
    ...(title === undefined ? {} : { name: title }),
    ...(startsAt === undefined ? {} : { start_at: startsAt.toISOString() }),
    ...(endsAt === undefined ? {} : { end_at: endsAt.toISOString() }),
  }
  return client.post('/v1/events/update', body, 'write_contents', context, ignoreResponse)
}

/** Deletes the event and refunds its guests. 2 calls. */
export async function cancelListing(client: LumaClient, eventId: string, context: LumaContext): Promise<Outcome<null>> {
  const request = { event_id: eventId }
  const token = await client.post('/v1/events/cancel/request', request, 'request_cancellation', context, (json) =>
    requireText(requireObject(json, 'cancellation'), 'cancellation_token', 'cancellation_token'),
  )
  if (token.kind === 'GONE') return ok(null)
  if (token.kind !== 'OK') return token
  const body = { event_id: eventId, cancellation_token: token.value, should_refund: true }
  return client.post('/v1/events/cancel', body, 'cancel_listing', context, ignoreResponse)
}

function parseContents(json: unknown): ListingContents {
  const body = requireObject(json, 'event')
  // Older routes wrap the event.
  const event = isObject(body['event']) ? body['event'] : body
  return {
    title: optionalFreeText(event, 'name'),
    startsAt: optionalInstant(event, 'start_at'),
    endsAt: optionalInstant(event, 'end_at'),
    timezone: optionalText(event, 'timezone'),
    venue: placeOf(event),
  }
}

/** The form of the address is not documented. */
function placeOf(event: JsonObject): string | null {
  const address = event['geo_address_json']
  return isObject(address) ? optionalFreeText(address, 'description', 'full_address', 'address') : null
}
