import { escapeMarkup } from '../../../infrastructure/text/escape-markup.js'
import type { ContentsChange, ListingContents } from '../../listing-contents.js'
import type { CallContext, Outcome } from '../../port.js'
import { ok } from '../../kit/outcomes.js'
import { isObject, type JsonObject } from '../../kit/response-shape.js'
import { decodeResponse, type EventbriteClient } from '../client/client.js'
import { optionalInstant, optionalText } from '../client/contract.js'

/** 1 call. */
export async function readContents(
  client: EventbriteClient,
  eventId: string,
  context: CallContext,
): Promise<Outcome<ListingContents>> {
  const call = { path: ['events', eventId], operation: 'read_contents', query: { expand: 'venue' } }
  const read = decodeResponse(await client.get(call, context), contentsOf)
  return read.kind === 'OK' ? ok(read.value.value) : read
}

/** Start and end must have the same time zone. 1 call. */
export async function writeContents(
  client: EventbriteClient,
  eventId: string,
  { title, startsAt, endsAt }: ContentsChange,
  timezone: string,
  context: CallContext,
): Promise<Outcome<null>> {
  const event = {
    ...(title === undefined ? {} : { name: { html: escapeMarkup(title) } }),
    ...(startsAt === undefined ? {} : { start: { timezone, utc: secondsOf(startsAt) } }),
    ...(endsAt === undefined ? {} : { end: { timezone, utc: secondsOf(endsAt) } }),
  }
  const written = await client.post({ path: ['events', eventId], operation: 'write_contents' }, { event }, context)
  return written.kind === 'OK' ? ok(null) : written
}

/** 1 call. */
export async function cancelListing(
  client: EventbriteClient,
  eventId: string,
  context: CallContext,
): Promise<Outcome<null>> {
  const call = { path: ['events', eventId, 'cancel'], operation: 'cancel_listing' }
  const cancelled = await client.post(call, {}, context)
  const already = cancelled.kind === 'REJECTED' && cancelled.code === 'ALREADY_CANCELED'
  return cancelled.kind === 'OK' || already ? ok(null) : cancelled
}

function contentsOf(event: JsonObject): ListingContents {
  const [name, start, end, venue] = [event.name, event.start, event.end, event.venue].map((value) =>
    isObject(value) ? value : {},
  ) as [JsonObject, JsonObject, JsonObject, JsonObject]
  return {
    title: optionalText(name, 'text'),
    startsAt: optionalInstant(start, 'utc'),
    endsAt: optionalInstant(end, 'utc'),
    timezone: optionalText(start, 'timezone'),
    venue: optionalText(venue, 'name'),
  }
}

function secondsOf(instant: Date): string {
  return `${instant.toISOString().slice(0, 19)}Z`
}
