import type { Outcome } from '../../port.js'
import { collectListings, nameMatches, type PlatformPage, type Rows } from '../../kit/listing-pages.js'
import { decode, ok } from '../../kit/outcomes.js'
import { isObject, requireArray, requireId, requireObject, storableText } from '../../kit/response-shape.js'
import type { OperationContext } from '../../operation.js'
import { readLimit } from '../caps/event-state.js'
import { countOrNull, requireInstant, requireText } from '../client/contract.js'
import type { MeetupClient } from '../client/client.js'
import { LIVE_STATUSES, weightOfPage, type Operation } from '../client/operations.js'
import { nextOf, readMember, type LedGroup } from './account.js'
import type { ListingPage, ListingQuery, UpcomingListing } from '../../upcoming-listing.js'

const PAGE_SIZE = 20

const GROUP_EVENTS: Operation = {
  name: 'list_events',
  kind: 'read',
  // Each event has the counts of its RSVPs.
  weight: weightOfPage(2 * PAGE_SIZE),
  field: 'groupByUrlname',
  query: `query GroupEvents($urlname: String!, $after: String, $from: DateTime!) {
  groupByUrlname(urlname: $urlname) {
    events(first: ${PAGE_SIZE}, after: $after, filter: { status: [ACTIVE], afterDateTime: $from }, sort: ASC) {
      pageInfo { hasNextPage endCursor }
      edges {
        node {
          id title eventUrl dateTime maxTickets
          rsvps(first: 1, filter: { rsvpStatus: [${LIVE_STATUSES.join(', ')}] }) { totalCount yesCount }
        }
      }
    }
  }
}`,
}

/** What the groups that the member leads have ahead of them, one after the other. 1 call, and 1 for 20 events. */
export async function listUpcoming(
  client: MeetupClient,
  query: ListingQuery,
  context: OperationContext,
  now: Date,
): Promise<Outcome<ListingPage>> {
  const member = await readMember(client, context)
  if (member.kind !== 'OK') return member
  const { groups } = member.value
  const [first] = groups
  if (first === undefined) return ok({ listings: [], nextCursor: null })
  return collectListings<UpcomingListing>(
    {
      read: (page) => readEvents(client, groups, page ?? { urlname: first.urlname, after: null }, context, now),
      matches: ({ name }) => nameMatches(name, query.q),
      complete: (listing) => Promise.resolve(ok(listing)),
    },
    query,
  )
}

async function readEvents(
  client: MeetupClient,
  groups: readonly LedGroup[],
  page: PlatformPage,
  context: OperationContext,
  now: Date,
): Promise<Outcome<Rows<UpcomingListing>>> {
  const index = groups.findIndex(({ urlname }) => urlname === page['urlname'])
  const group = groups[index]
  // The member has left the group since the last page.
  if (group === undefined) return ok({ rows: [], next: null })
  const { urlname } = group
  // All pages of a list have the same beginning.
  const from = page['from'] ?? now.toISOString()
  const response = await client.execute(GROUP_EVENTS, { urlname, after: page['after'] ?? null, from }, context)
  if (response.kind !== 'OK') return response
  const events = decode(() => readGroup(response.value, group))
  if (events.kind !== 'OK') return events
  const { rows, after } = events.value
  const following = groups[index + 1]
  const nextGroup = following === undefined ? null : { urlname: following.urlname, after: null, from }
  return ok({ rows, next: after === null ? nextGroup : { urlname, after, from } })
}

function readGroup(value: Record<string, unknown>, group: LedGroup): { rows: UpcomingListing[]; after: string | null } {
  const events = requireObject(value['events'], 'group.events')
  const nodes = requireArray(events['edges'], 'group.events.edges').filter(isObject)
  const rows = nodes.map(({ node }) => readEvent(requireObject(node, 'group.events.edges.node'), group))
  return { rows, after: nextOf(events['pageInfo']) }
}

function readEvent(event: Record<string, unknown>, { timezone }: LedGroup): UpcomingListing {
  const capacity = readLimit(event['maxTickets'], 'event.maxTickets')
  const { eventUrl, rsvps } = event
  const counts = isObject(rsvps) ? [countOrNull(rsvps['totalCount']), countOrNull(rsvps['yesCount'])] : []
  const known = counts.filter((count) => count !== null)
  return {
    externalEventId: requireId(event['id'], 'event.id'),
    name: storableText(requireText(event['title'], 'event.title')),
    startsAt: new Date(requireInstant(event['dateTime'], 'event.dateTime')),
    timezone,
    url: typeof eventUrl === 'string' ? eventUrl : null,
    capacity: capacity === 'UNLIMITED' ? null : capacity,
    // Of members: their guests are counted once the listing is read.
    sold: known.length > 0 ? Math.max(...known) : null,
    ticketTypes: [],
  }
}
