import type { OrderSnapshot } from '../../domain/order-snapshot.js'
import type { UnreadableRow } from '../port.js'
import { asInstantOrNull, asList, asObject, ContractError, countOrNull, isObject, type JsonObject } from './contract.js'
import type { Heads } from './heads.js'
import type { Progress } from './listing-cursor.js'
import { idOrNull, toSnapshot, UNTOLD } from './rsvp-mapping.js'

/** One page of RSVPs, newest change first. */
export interface RsvpPage {
  snapshots: OrderSnapshot[]
  unreadable: UnreadableRow[]
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

/** @throws ContractError when the list itself makes no sense; a row that makes none is set aside */
export function readRsvpPage(event: JsonObject, eventId: string): RsvpPage {
  const rsvps = asObject(event['rsvps'], 'event.rsvps')
  const snapshots: OrderSnapshot[] = []
  const unreadable: UnreadableRow[] = []
  for (const node of nodesOf(rsvps)) {
    try {
      snapshots.push(toSnapshot(asObject(node, 'rsvp'), eventId))
    } catch (error) {
      if (!(error instanceof ContractError)) throw error
      unreadable.push({ orderId: isObject(node) ? idOrNull(node['id']) : null, reason: error.message })
    }
  }
  const times = snapshots.map(({ version }) => Date.parse(version)).filter((time) => time !== UNTOLD)
  return {
    snapshots,
    unreadable,
    next: nextOf(asObject(rsvps['pageInfo'], 'event.rsvps.pageInfo')),
    total: countOrNull(rsvps['totalCount']),
    newest: times.length > 0 ? Math.max(...times) : null,
    oldest: times.length > 0 ? Math.min(...times) : null,
    print: fingerprint(event),
  }
}

/**
 * People in seats where the page shows every row of the list; null where it does not: more follow, members hide, or a
 * row cannot be read.
 * @throws ContractError
 */
export function headsOnPage(event: JsonObject): Heads | null {
  const rsvps = asObject(event['rsvps'], 'event.rsvps')
  const { snapshots, unreadable, next, total } = readRsvpPage(event, '')
  if (next !== null || unreadable.length > 0 || total !== snapshots.length) return null
  const shown = snapshots.reduce((sum, { tickets }) => sum + tickets.filter(({ live }) => live).length, 0)
  return { atLeast: Math.max(shown, countOrNull(rsvps['yesCount']) ?? 0), known: true }
}

/**
 * The newest change, the counts and the limit in one text: equal texts mean that nothing happened, save for a second
 * change within the second of the newest one.
 * @throws ContractError
 */
export function fingerprint(event: JsonObject): string {
  const rsvps = asObject(event['rsvps'], 'event.rsvps')
  const [first] = nodesOf(rsvps)
  const newest = isObject(first) ? [first['id'], instantText(first['updated'])] : ['none']
  const counts = [rsvps['totalCount'], rsvps['yesCount'], rsvps['waitlistCount'], event['maxTickets']]
  return [...newest, ...counts].map(String).join('|')
}

/**
 * Whether a page is empty though the list says that it is not, after so much of it had been read: seen when Meetup
 * throttled without saying so. `AMISS`: there should be rows. `HIDDEN`: there are some, and none is shown to us. A list
 * may also end with an empty page once all of it was read.
 */
export function emptiness(
  event: JsonObject,
  read: Pick<Progress, 'rows' | 'total' | 'unreadable'>,
): 'NONE' | 'HIDDEN' | 'AMISS' {
  const rsvps = asObject(event['rsvps'], 'event.rsvps')
  const info = isObject(rsvps['pageInfo']) ? rsvps['pageInfo'] : {}
  if (nodesOf(rsvps).length > 0) return 'NONE'
  if (info['hasNextPage'] === true) return 'AMISS'
  const total = countOrNull(rsvps['totalCount']) ?? 0
  return total === 0 || (total === read.total && read.rows + read.unreadable >= total) ? 'NONE' : 'HIDDEN'
}

function nodesOf(rsvps: JsonObject): unknown[] {
  return asList(rsvps['edges'], 'event.rsvps.edges').map((edge) => (isObject(edge) ? edge['node'] : edge))
}

/** Zones differ between answers; what is no time is compared as it stands. */
function instantText(value: unknown): unknown {
  try {
    return asInstantOrNull(value, 'rsvp.updated')
  } catch (error) {
    if (error instanceof ContractError) return value
    throw error
  }
}

function nextOf(info: JsonObject): string | null {
  if (typeof info['hasNextPage'] !== 'boolean')
    throw new ContractError('event.rsvps.pageInfo.hasNextPage', 'true or false')
  if (!info['hasNextPage']) return null
  if (typeof info['endCursor'] === 'string' && info['endCursor'] !== '') return info['endCursor']
  throw new ContractError('event.rsvps.pageInfo.endCursor', 'a cursor')
}
