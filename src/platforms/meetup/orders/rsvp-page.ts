import { decode } from '../../kit/outcomes.js'
import type { OrderSnapshot } from '../../../domain/orders/order-snapshot.js'
import type { UnreadableRow } from '../../port.js'
import { ContractError, isObject, type JsonObject, requireArray, requireObject } from '../../kit/response-shape.js'
import { requireInstantOrNull, countOrNull } from '../client/contract.js'
import type { AttendeeCount } from '../caps/attendee-count.js'
import type { Progress } from './cursor.js'
import { idOrNull, toOrderSnapshot, UNKNOWN_CHANGE_TIME } from './order-mapping.js'

/** One page of RSVPs, newest change first. */
export interface RsvpPage {
  snapshots: OrderSnapshot[]
  unreadable: UnreadableRow[]
  /** Null on the last page. */
  next: string | null
  /** RSVPs in all requested states, including hidden members. */
  total: number | null
  /** Newest and oldest change on the page, ms since the epoch; null on an empty page. */
  newest: number | null
  oldest: number | null
  /** Differs after any change of the list; see `listFingerprint`. */
  fingerprint: string
}

/** Invalid rows are returned as unreadable. @throws ContractError for an invalid list */
export function readRsvpPage(event: JsonObject, eventId: string): RsvpPage {
  const rsvps = requireObject(event['rsvps'], 'event.rsvps')
  const snapshots: OrderSnapshot[] = []
  const unreadable: UnreadableRow[] = []
  for (const node of nodesOf(rsvps)) {
    const snapshot = decode(() => toOrderSnapshot(requireObject(node, 'rsvp'), eventId))
    if (snapshot.kind === 'OK') snapshots.push(snapshot.value)
    else unreadable.push({ orderId: isObject(node) ? idOrNull(node['id']) : null, reason: snapshot.message })
  }
  const times = snapshots.map(({ version }) => Date.parse(version)).filter((time) => time !== UNKNOWN_CHANGE_TIME)
  return {
    snapshots,
    unreadable,
    next: nextOf(requireObject(rsvps['pageInfo'], 'event.rsvps.pageInfo')),
    total: countOrNull(rsvps['totalCount']),
    newest: times.length > 0 ? Math.max(...times) : null,
    oldest: times.length > 0 ? Math.min(...times) : null,
    fingerprint: listFingerprint(event),
  }
}

/**
 * The attendees if the page shows every row of the list; null otherwise: more pages follow, members are hidden, or a row
 * cannot be read.
 * @throws ContractError
 */
export function countAttendeesOnPage(event: JsonObject): AttendeeCount | null {
  const rsvps = requireObject(event['rsvps'], 'event.rsvps')
  const { snapshots, unreadable, next, total } = readRsvpPage(event, '')
  if (next !== null || unreadable.length > 0 || total !== snapshots.length) return null
  const shown = snapshots.reduce((sum, { tickets }) => sum + tickets.filter(({ live }) => live).length, 0)
  return { atLeast: Math.max(shown, countOrNull(rsvps['yesCount']) ?? 0), known: true }
}

/**
 * The newest change, the counts and the limit as one text: equal fingerprints mean no change, except for another change
 * within the second of the newest one.
 * @throws ContractError
 */
export function listFingerprint(event: JsonObject): string {
  const rsvps = requireObject(event['rsvps'], 'event.rsvps')
  const [first] = nodesOf(rsvps)
  const newest = isObject(first) ? [first['id'], instantText(first['updated'])] : ['none']
  const counts = [rsvps['totalCount'], rsvps['yesCount'], rsvps['waitlistCount'], event['maxTickets']]
  return [...newest, ...counts].map(String).join('|')
}

/**
 * Whether a page is empty although the list has more rows than the `read` ones: observed when Meetup throttles without an
 * error. `AMISS`: a next page is announced. `HIDDEN`: the list has rows, and none is shown. `NONE`: the page has rows, or
 * all rows were read before.
 */
export function emptiness(
  event: JsonObject,
  read: Pick<Progress, 'rows' | 'total' | 'unreadable'>,
): 'NONE' | 'HIDDEN' | 'AMISS' {
  const rsvps = requireObject(event['rsvps'], 'event.rsvps')
  const info = isObject(rsvps['pageInfo']) ? rsvps['pageInfo'] : {}
  if (nodesOf(rsvps).length > 0) return 'NONE'
  if (info['hasNextPage'] === true) return 'AMISS'
  const total = countOrNull(rsvps['totalCount']) ?? 0
  return total === 0 || (total === read.total && read.rows + read.unreadable >= total) ? 'NONE' : 'HIDDEN'
}

function nodesOf(rsvps: JsonObject): unknown[] {
  return requireArray(rsvps['edges'], 'event.rsvps.edges').map((edge) => (isObject(edge) ? edge['node'] : edge))
}

/** Zones differ between responses; values that are not times are compared verbatim. */
function instantText(value: unknown): unknown {
  const instant = decode(() => requireInstantOrNull(value, 'rsvp.updated'))
  return instant.kind === 'OK' ? instant.value : value
}

function nextOf(info: JsonObject): string | null {
  if (typeof info['hasNextPage'] !== 'boolean')
    throw new ContractError('event.rsvps.pageInfo.hasNextPage', 'true or false')
  if (!info['hasNextPage']) return null
  if (typeof info['endCursor'] === 'string' && info['endCursor'] !== '') return info['endCursor']
  throw new ContractError('event.rsvps.pageInfo.endCursor', 'a cursor')
}
