import { decodeOrNull } from '../../kit/outcomes.js'
import type { Buyer, OrderSnapshot } from '../../../domain/orders/order-snapshot.js'
import { ContractError, isObject, type JsonObject, requireId } from '../../kit/response-shape.js'
import { requireCount, requireInstantOrNull, requireText } from '../client/contract.js'
import { IDLE_STATUSES, LIVE_STATUSES } from '../client/operations.js'

const LIVE: ReadonlySet<string> = new Set(LIVE_STATUSES)
const IDLE: ReadonlySet<string> = new Set(IDLE_STATUSES)
/** An RSVP without a time of change is older than any other version. */
export const UNKNOWN_CHANGE_TIME = 0
/** More guests are a contract error. */
const MAX_GUESTS = 1_000

/** One RSVP is one order; the member and each guest have a ticket: `<rsvp id>#0`, `#1`, … */
export function ticketIdOf(rsvpId: string, place: number): string {
  return `${rsvpId}#${place}`
}

/**
 * Maps an RSVP to an order. Its version is the RSVP's `updated`, which has whole seconds and may be null.
 * @throws ContractError
 */
export function toOrderSnapshot(rsvp: JsonObject, externalEventId: string): OrderSnapshot {
  const orderId = requireId(rsvp['id'], 'rsvp.id')
  const status = requireText(rsvp['status'], 'rsvp.status')
  const live = isLive(status)
  const guests = requireCount(rsvp['guestsCount'], 'rsvp.guestsCount')
  if (guests > MAX_GUESTS) throw new ContractError('rsvp.guestsCount', `at most ${MAX_GUESTS}`)
  const updated = requireInstantOrNull(rsvp['updated'], 'rsvp.updated')
  const holder = buyerOf(rsvp['member'])
  // Of the whole party: Meetup knows no more. The mark is its last change.
  const checkedInAt = status === 'ATTENDED' && updated !== null ? new Date(updated) : null
  return {
    orderId,
    externalEventId,
    version: new Date(updated ?? UNKNOWN_CHANGE_TIME).toISOString(),
    tickets: Array.from({ length: guests + 1 }, (_, place) => ({
      ticketId: ticketIdOf(orderId, place),
      live,
      ticketClassId: null,
      details: { holder, ticketType: null, code: null, checkedInAt },
    })),
    complete: true,
    buyer: holder,
    placedAt: null,
  }
}

/** The row's id; null: invalid or missing. */
export function idOrNull(value: unknown): string | null {
  return decodeOrNull(() => requireId(value, 'rsvp.id'))
}

function isLive(status: string): boolean {
  if (LIVE.has(status)) return true
  if (IDLE.has(status)) return false
  throw new ContractError('rsvp.status', 'a known RSVP status')
}

/** Null for former members. */
function buyerOf(member: unknown): Buyer | null {
  return isObject(member) && typeof member['name'] === 'string' ? { name: member['name'], email: null } : null
}
