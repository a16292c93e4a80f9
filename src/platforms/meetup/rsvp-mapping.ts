import type { Buyer, OrderSnapshot } from '../../domain/order-snapshot.js'
import { asCount, asId, asInstantOrNull, asText, ContractError, isObject, type JsonObject } from './contract.js'
import { IDLE_STATUSES, LIVE_STATUSES } from './operations.js'

const LIVE: ReadonlySet<string> = new Set(LIVE_STATUSES)
const IDLE: ReadonlySet<string> = new Set(IDLE_STATUSES)
/** An RSVP that tells no time of change stands behind everything that ever did. */
export const UNTOLD = 0
/** More guests than that are taken for a broken answer. */
const MAX_GUESTS = 1_000

/** One RSVP is one order; the member and each guest are a ticket: `<rsvp id>#0`, `#1`, … */
export function ticketIdOf(rsvpId: string, place: number): string {
  return `${rsvpId}#${place}`
}

/**
 * The order that an RSVP is. Its version is the RSVP's `updated`, which Meetup tells to the second, if at all.
 * @throws ContractError
 */
export function toSnapshot(rsvp: JsonObject, externalEventId: string): OrderSnapshot {
  const orderId = asId(rsvp['id'], 'rsvp.id')
  const live = isLive(asText(rsvp['status'], 'rsvp.status'))
  const guests = asCount(rsvp['guestsCount'], 'rsvp.guestsCount')
  if (guests > MAX_GUESTS) throw new ContractError('rsvp.guestsCount', `at most ${MAX_GUESTS}`)
  return {
    orderId,
    externalEventId,
    version: new Date(asInstantOrNull(rsvp['updated'], 'rsvp.updated') ?? UNTOLD).toISOString(),
    tickets: Array.from({ length: guests + 1 }, (_, place) => ({
      ticketId: ticketIdOf(orderId, place),
      live,
      ticketClassId: null,
    })),
    complete: true,
    buyer: buyerOf(rsvp['member']),
    placedAt: null,
  }
}

/** The row's id, where it has one. */
export function idOrNull(value: unknown): string | null {
  try {
    return asId(value, 'rsvp.id')
  } catch (error) {
    if (error instanceof ContractError) return null
    throw error
  }
}

function isLive(status: string): boolean {
  if (LIVE.has(status)) return true
  if (IDLE.has(status)) return false
  throw new ContractError('rsvp.status', 'a known RSVP status')
}

/** Former members have none. */
function buyerOf(member: unknown): Buyer | null {
  return isObject(member) && typeof member['name'] === 'string' ? { name: member['name'], email: null } : null
}
