import type { OrderSnapshot } from '../../domain/order-snapshot.js'
import { asInstantOrNull, asList, asObject, ContractError, countOrNull, isObject, type JsonObject } from './contract.js'
import type { Progress } from './listing-cursor.js'
import { toSnapshot, UNTOLD } from './rsvp-mapping.js'

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
  const times = snapshots.map(({ version }) => Date.parse(version)).filter((time) => time !== UNTOLD)
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
  const newest = first ? [first['id'], asInstantOrNull(first['updated'], 'rsvp.updated')] : ['none']
  const counts = [rsvps['totalCount'], rsvps['yesCount'], rsvps['waitlistCount'], event['maxTickets']]
  return [...newest, ...counts].map(String).join('|')
}

/**
 * Whether a page is empty though the list says that it is not, after so much of it had been read: seen when Meetup
 * throttled without saying so. `AMISS`: there should be rows. `HIDDEN`: there are some, and none is shown to us. A list
 * may also end with an empty page once all of it was read.
 */
export function emptiness(event: JsonObject, read: Pick<Progress, 'rows' | 'total'>): 'NONE' | 'HIDDEN' | 'AMISS' {
  const rsvps = asObject(event['rsvps'], 'event.rsvps')
  const info = isObject(rsvps['pageInfo']) ? rsvps['pageInfo'] : {}
  if (nodesOf(rsvps).length > 0) return 'NONE'
  if (info['hasNextPage'] === true) return 'AMISS'
  const total = countOrNull(rsvps['totalCount']) ?? 0
  return total === 0 || (total === read.total && read.rows >= total) ? 'NONE' : 'HIDDEN'
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
