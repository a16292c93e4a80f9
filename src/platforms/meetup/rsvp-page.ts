import type { OrderSnapshot } from '../../domain/order-snapshot.js'
import { asInstant, asList, asObject, ContractError, countOrNull, isObject, type JsonObject } from './contract.js'
import { toSnapshot } from './rsvp-mapping.js'

/** One page of RSVPs, newest change first. */
export interface RsvpPage {
  snapshots: OrderSnapshot[]
  /** Null on the last page. */
  next: string | null
  /** RSVPs in all the states asked for, hidden members among them. */
  total: number | null
  /** Newest and oldest change on the page, ms since the epoch; null on an empty one. */
  newest: number | null
  oldest: number | null
  /** Changes whenever anything in the list does; see `fingerprint`. */
  print: string
}

/** @throws ContractError */
export function readRsvpPage(event: JsonObject, eventId: string): RsvpPage {
  const rsvps = asObject(event['rsvps'], 'event.rsvps')
  const snapshots = nodesOf(rsvps).map((node) => toSnapshot(node, eventId))
  const times = snapshots.map(({ version }) => Date.parse(version))
  return {
    snapshots,
    next: nextOf(asObject(rsvps['pageInfo'], 'event.rsvps.pageInfo')),
    total: countOrNull(rsvps['totalCount']),
    newest: times.length > 0 ? Math.max(...times) : null,
    oldest: times.length > 0 ? Math.min(...times) : null,
    print: fingerprint(event),
  }
}

/**
 * The newest change, the counts and the limit in one text: equal texts mean that nothing happened, save for a second
 * change within the second of the newest one.
 * @throws ContractError
 */
export function fingerprint(event: JsonObject): string {
  const rsvps = asObject(event['rsvps'], 'event.rsvps')
  const [first] = nodesOf(rsvps)
  const newest = first ? [first['id'], asInstant(first['updated'], 'rsvp.updated')] : ['none']
  const counts = [rsvps['totalCount'], rsvps['yesCount'], rsvps['waitlistCount'], event['maxTickets']]
  return [...newest, ...counts].map(String).join('|')
}

/** An empty page of a list that says it is not empty: seen when Meetup throttled without saying so. */
export function isSuspect(event: JsonObject): boolean {
  const rsvps = asObject(event['rsvps'], 'event.rsvps')
  const info = isObject(rsvps['pageInfo']) ? rsvps['pageInfo'] : {}
  return nodesOf(rsvps).length === 0 && (info['hasNextPage'] === true || (countOrNull(rsvps['totalCount']) ?? 0) > 0)
}

function nodesOf(rsvps: JsonObject): JsonObject[] {
  return asList(rsvps['edges'], 'event.rsvps.edges').map((edge) =>
    asObject(asObject(edge, 'event.rsvps.edges')['node'], 'event.rsvps.edges.node'),
  )
}

function nextOf(info: JsonObject): string | null {
  if (typeof info['hasNextPage'] !== 'boolean')
    throw new ContractError('event.rsvps.pageInfo.hasNextPage', 'true or false')
  if (!info['hasNextPage']) return null
  if (typeof info['endCursor'] === 'string' && info['endCursor'] !== '') return info['endCursor']
  throw new ContractError('event.rsvps.pageInfo.endCursor', 'a cursor')
}
