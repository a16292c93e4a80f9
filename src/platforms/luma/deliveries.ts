import type { OrderSnapshot } from '../../domain/order-snapshot.js'
import type { Hint } from '../port.js'
import { ContractError, isJson, textOf, type Json } from './answers.js'
import { parseGuest, toSnapshot } from './guest.js'

/** A body has no time of its own. As of the epoch it stands behind everything that was ever read. */
export const BODY_READ_AT = new Date(0)

/** Guests without a ticket so far. A closed listing goes on taking them, as many as would have bought. */
const WAITING = new Set(['waitlist', 'pending_approval'])

/**
 * Where a delivery tells to look; null where it is none of Luma's. Names are taken leniently: ids have been called
 * `id`, `api_id` and `event_api_id`, the type `hook_type`, and the guest has been wrapped in `data.guest`. What it says
 * of an event is not believed: an `event.updated` that comes after `event.canceled` must not bring it back.
 */
export function parseDelivery(body: Buffer): Hint[] | null {
  const json = parseJson(body)
  const type = isJson(json) ? textOf(json, 'type', 'hook_type') : null
  const data = isJson(json) ? json['data'] : null
  if (type === null) return null
  if (type.startsWith('guest.') || type === 'ticket.registered') return isJson(data) ? guestHint(data) : null
  if (type.startsWith('event.')) {
    if (!isJson(data)) return null
    const externalEventId = textOf(data, 'id', 'api_id', 'event_id', 'event_api_id') ?? eventIdIn(data)
    if (externalEventId === null) return null
    return [{ kind: 'EVENT', externalEventId, about: 'LISTING' }]
  }
  return [{ kind: 'NONE', why: `nothing to do for ${type}` }]
}

/**
 * Luma may try an address before the webhook is made, signed with a secret that it tells only afterwards, and makes none
 * where that is refused.
 */
export function isPing(body: Buffer): boolean {
  const json = parseJson(body)
  return isJson(json) && /^(webhook\.)?(ping|test|verification)$/.test(textOf(json, 'type', 'hook_type') ?? '')
}

function guestHint(data: Json): Hint[] | null {
  const guest = isJson(data['guest']) ? data['guest'] : data
  const orderId = textOf(guest, 'id', 'api_id', 'guest_id')
  if (orderId === null) return null
  const externalEventId = eventIdIn(data) ?? eventIdIn(guest)
  const waits = WAITING.has(textOf(guest, 'approval_status') ?? '') ? { waits: true } : {}
  return [{ kind: 'ORDER', orderId, externalEventId, snapshot: snapshotOf(guest, externalEventId), ...waits }]
}

function eventIdIn(data: Json): string | null {
  const event = isJson(data['event']) ? textOf(data['event'], 'id', 'api_id') : null
  return event ?? textOf(data, 'event_id', 'event_api_id')
}

/** Null where the body leaves open what the guest holds: only a read can tell then. */
function snapshotOf(guest: Json, externalEventId: string | null): OrderSnapshot | null {
  if (externalEventId === null) return null
  try {
    return toSnapshot(parseGuest(guest), { externalEventId, externalTicketClassId: null }, BODY_READ_AT)
  } catch (error) {
    if (error instanceof ContractError) return null
    throw error
  }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return null
  }
}
