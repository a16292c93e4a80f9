import type { Outcome } from '../../port.js'
import { collectListings, nameMatches, type PlatformPage, type Rows } from '../../kit/listing-pages.js'
import { ok } from '../../kit/outcomes.js'
import { isObject, isWholeNumber, requireId, requireObject } from '../../kit/response-shape.js'
import { parseTicketType } from '../caps/ticket-types.js'
import type { LumaClient, LumaContext } from '../client/client.js'
import { optionalFreeText, optionalInstant, optionalText } from '../client/contract.js'
import { parsePage, readAllPages } from '../client/pages.js'
import { PAGE_SIZE } from '../config.js'
import type { ListedTicketType, ListingPage, ListingQuery, UpcomingListing } from '../../upcoming-listing.js'

/**
 * What the calendar has ahead of it. 1 call for each page of events, and 1 for the ticket types of each listing. Luma shows
 * neither the capacity of an event nor how many tickets are sold; a sold count would take a read of all guests.
 */
export function listUpcoming(
  client: LumaClient,
  query: ListingQuery,
  context: LumaContext,
  now: Date,
): Promise<Outcome<ListingPage>> {
  return collectListings<UpcomingListing>(
    {
      read: (page) => readEvents(client, page, context, now),
      matches: ({ name }) => nameMatches(name, query.q),
      complete: async (listing) => {
        const ticketTypes = await listTypes(client, listing.externalEventId, context)
        return ticketTypes.kind === 'OK' ? ok({ ...listing, ticketTypes: ticketTypes.value }) : ticketTypes
      },
    },
    query,
  )
}

async function readEvents(
  client: LumaClient,
  page: PlatformPage | null,
  context: LumaContext,
  now: Date,
): Promise<Outcome<Rows<UpcomingListing>>> {
  // All pages of a list have the same beginning.
  const after = page?.['after'] ?? now.toISOString()
  const position = { pagination_cursor: page?.['cursor'] ?? null, pagination_limit: PAGE_SIZE }
  const query = { after, ...position, sort_column: 'start_at', sort_direction: 'asc' }
  const events = await client.get('/v1/calendars/events/list', query, 'list_events', context, parsePage(parseEvent))
  if (events.kind !== 'OK') return events
  const { entries, nextCursor } = events.value
  return ok({ rows: entries, next: nextCursor === null ? null : { after, cursor: nextCursor } })
}

function parseEvent(value: unknown): UpcomingListing {
  const entry = requireObject(value, 'event')
  // Older routes wrap the event.
  const event = isObject(entry['event']) ? entry['event'] : entry
  return {
    externalEventId: requireId(optionalText(event, 'id', 'api_id'), 'event id'),
    name: optionalFreeText(event, 'name') ?? '',
    startsAt: optionalInstant(event, 'start_at'),
    timezone: optionalText(event, 'timezone'),
    url: optionalText(event, 'url'),
    capacity: null,
    sold: null,
    ticketTypes: [],
  }
}

function listTypes(client: LumaClient, eventId: string, context: LumaContext): Promise<Outcome<ListedTicketType[]>> {
  const parse = parsePage(parseType)
  return readAllPages((cursor) => {
    const query = { event_id: eventId, include_hidden: true, pagination_cursor: cursor }
    return client.get('/v1/events/ticket-types/list', query, 'read_ticket_types', context, (json, readAt) =>
      parse({ has_more: false, ...requireObject(json, 'response') }, readAt),
    )
  })
}

function parseType(value: unknown): ListedTicketType {
  const { id, cap, hidden } = parseTicketType(value)
  const json = requireObject(value, 'ticket type')
  const { cents } = json
  return {
    externalTicketClassId: id,
    name: optionalFreeText(json, 'name') ?? '',
    capacity: typeof cap === 'number' ? cap : null,
    sold: null,
    priceCents: json['type'] === 'free' ? 0 : isWholeNumber(cents) ? cents : null,
    currency: optionalText(json, 'currency')?.toUpperCase() ?? null,
    hidden,
  }
}
