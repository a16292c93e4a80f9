import { MAX_CAP, type CallContext } from '../../port.js'
import type { Outcome } from '../../port.js'
import { collectListings, nameMatches, type PlatformPage, type Rows } from '../../kit/listing-pages.js'
import { ok } from '../../kit/outcomes.js'
import { isObject, isWholeNumber, requireId, requireObject, type JsonObject } from '../../kit/response-shape.js'
import type { EventbriteClient } from '../client/client.js'
import { optionalInstant, optionalText } from '../client/contract.js'
import { readPage } from '../client/pages.js'
import { listOrganizations } from './account.js'
import type { ListedTicketType, ListingPage, ListingQuery, UpcomingListing } from '../../upcoming-listing.js'

interface Row {
  listing: UpcomingListing
  endsAt: Date | null
}

/** What the organizations of the account have ahead of them, one after the other. 1 call, and 1 for 50 events. */
export async function listUpcoming(
  client: EventbriteClient,
  query: ListingQuery,
  context: CallContext,
  now: Date,
): Promise<Outcome<ListingPage>> {
  const organizations = await listOrganizations(client, context)
  if (organizations.kind !== 'OK') return organizations
  const read = (page: PlatformPage | null) => readEvents(client, organizations.value, query.q, page, context)
  // The platform filters too; a parameter that it ignores must not show past events.
  const matches = ({ listing, endsAt }: Row) =>
    nameMatches(listing.name, query.q) && (endsAt === null || endsAt.getTime() > now.getTime())
  return collectListings<Row>({ read, matches, complete: ({ listing }) => Promise.resolve(ok(listing)) }, query)
}

async function readEvents(
  client: EventbriteClient,
  organizations: readonly string[],
  q: string | null,
  page: PlatformPage | null,
  context: CallContext,
): Promise<Outcome<Rows<Row>>> {
  const organization = page?.['organization'] ?? organizations[0] ?? ''
  const continuation = page?.['continuation'] ?? null
  const filter = { status: 'live,started', time_filter: 'current_future', order_by: 'start_asc' }
  const query: Record<string, string> = { ...filter, expand: 'ticket_classes' }
  if (q !== null) query.name_filter = q
  if (continuation !== null) query.continuation = continuation
  const call = { path: ['organizations', organization, 'events'], operation: 'list_events', query }
  const events = readPage(await client.get(call, context), 'events', readEvent)
  if (events.kind !== 'OK') return events
  const { items, more, continuation: following } = events.value
  const other = organizations[organizations.indexOf(organization) + 1]
  if (more && following !== null) return ok({ rows: items, next: { organization, continuation: following } })
  return ok({ rows: items, next: other === undefined ? null : { organization: other, continuation: null } })
}

function readEvent(item: unknown): Row {
  const event = requireObject(item, 'events')
  const [start, end, name] = [event.start, event.end, event.name].map((value) => (isObject(value) ? value : {}))
  const classes = Array.isArray(event.ticket_classes) ? event.ticket_classes.map(readTicketType) : []
  const isCounted = classes.length > 0 && classes.every(({ sold }) => sold !== null)
  const listing = {
    externalEventId: requireId(event.id, 'events.id'),
    name: optionalText(name ?? {}, 'text') ?? '',
    startsAt: optionalInstant(start ?? {}, 'utc'),
    timezone: optionalText(start ?? {}, 'timezone'),
    url: optionalText(event, 'url'),
    capacity: limitOf(event, 'capacity'),
    sold: isCounted ? classes.reduce((sum, { sold }) => sum + (sold ?? 0), 0) : null,
    ticketTypes: classes,
  }
  return { listing, endsAt: optionalInstant(end ?? {}, 'utc') }
}

function readTicketType(item: unknown): ListedTicketType {
  const type = requireObject(item, 'ticket_classes')
  const cost = isObject(type.cost) ? type.cost : null
  const price = cost?.value
  return {
    externalTicketClassId: requireId(type.id, 'ticket_classes.id'),
    name: optionalText(type, 'name') ?? '',
    capacity: limitOf(type, 'capacity') ?? limitOf(type, 'quantity_total'),
    sold: isWholeNumber(type.quantity_sold) ? type.quantity_sold : null,
    priceCents: type.free === true ? 0 : isWholeNumber(price) ? price : null,
    currency: cost && optionalText(cost, 'currency'),
    hidden: type.hidden === true,
  }
}

/** 0: no limit. */
function limitOf(source: JsonObject, key: string): number | null {
  const value = source[key]
  return isWholeNumber(value) && value > 0 && value <= MAX_CAP ? value : null
}
