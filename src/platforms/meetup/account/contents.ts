import type { ContentsChange, ListingContents } from '../../listing-contents.js'
import type { Outcome } from '../../port.js'
import { decode, ok } from '../../kit/outcomes.js'
import { instantOf, isObject, storableText, type JsonObject } from '../../kit/response-shape.js'
import type { OperationContext } from '../../operation.js'
import { readPayload } from '../caps/mutations.js'
import { requireText } from '../client/contract.js'
import type { MeetupClient } from '../client/client.js'
import { MEETUP_WEIGHTS, type Operation } from '../client/operations.js'

const EVENT_CONTENTS: Operation = {
  name: 'read_contents',
  kind: 'read',
  weight: MEETUP_WEIGHTS.counts,
  field: 'event',
  query: `query EventContents($id: ID!) {
  event(id: $id) { id title dateTime endTime venues { name } group { timezone } }
}`,
}

/** Never of a whole series. RSVP settings that are left out keep their values. */
const SET_TITLE: Operation = {
  name: 'write_contents',
  kind: 'write',
  weight: MEETUP_WEIGHTS.mutation,
  field: 'editEvent',
  query: `mutation SetTitle($input: EditEventInput!) {
  editEvent(input: $input) { event { id title } errors { code field message } }
}`,
}

const CANCEL_EVENT: Operation = {
  name: 'cancel_listing',
  kind: 'write',
  weight: MEETUP_WEIGHTS.mutation,
  field: 'deleteEvent',
  query: `mutation Cancel($input: DeleteEventInput!) {
  deleteEvent(input: $input) { success errors { code field message } }
}`,
}

/** 1 call. */
export async function readContents(
  client: MeetupClient,
  eventId: string,
  context: OperationContext,
): Promise<Outcome<ListingContents>> {
  const event = await client.execute(EVENT_CONTENTS, { id: eventId }, context)
  return event.kind === 'OK' ? decode(() => contentsOf(event.value)) : event
}

/** 1 call. */
export async function writeContents(
  client: MeetupClient,
  eventId: string,
  { title }: ContentsChange,
  context: OperationContext,
): Promise<Outcome<null>> {
  const payload = await client.execute(SET_TITLE, { input: { eventId, title } }, context)
  if (payload.kind !== 'OK') return payload
  const written = readPayload(payload.value)
  return written.kind === 'OK' ? ok(null) : written
}

/** The event stays visible as cancelled. 1 call. */
export async function cancelListing(
  client: MeetupClient,
  eventId: string,
  context: OperationContext,
): Promise<Outcome<null>> {
  const payload = await client.execute(CANCEL_EVENT, { input: { eventId, removeFromCalendar: false } }, context)
  if (payload.kind !== 'OK') return payload
  if (payload.value['success'] === true) return ok(null)
  const refused = readPayload(payload.value)
  return refused.kind === 'OK'
    ? { kind: 'UNKNOWN', reason: 'Meetup does not show that it cancelled the event' }
    : refused
}

function contentsOf(event: JsonObject): ListingContents {
  const { venues, group, dateTime, endTime } = event
  const [venue] = Array.isArray(venues) ? venues.filter(isObject) : []
  const timezone = isObject(group) ? group['timezone'] : null
  const name = venue?.['name']
  return {
    title: storableText(requireText(event['title'], 'event.title')),
    startsAt: instantOf(textOrNull(dateTime)),
    endsAt: instantOf(textOrNull(endTime)),
    timezone: textOrNull(timezone),
    venue: typeof name === 'string' && name !== '' ? storableText(name) : null,
  }
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
