import { decodeOrNull } from '../../kit/outcomes.js'
import { NEVER_READ, type OrderSnapshot } from '../../../domain/orders/order-snapshot.js'
import { parseJson } from '../../../infrastructure/text/parse-json.js'
import type { Hint } from '../../port.js'
import { isId, isObject, type JsonObject } from '../../kit/response-shape.js'
import { optionalText } from '../client/contract.js'
import { parseGuest } from '../orders/guest.js'
import { toOrderSnapshot } from '../orders/order-mapping.js'

/** Anyone can send a ping, as it has no signature: a larger body is not parsed for one. */
const MAX_PING_BYTES = 4_096

/** A body carries no timestamp, and never overrides a snapshot that was read. */
const BODY_READ_AT = new Date(NEVER_READ)

/** Guests without a ticket yet. A closed listing keeps registering them, as many as would have bought. */
const WAITING_STATUSES = new Set(['waitlist', 'pending_approval'])

/**
 * The hints in a delivery; null if it is not a Luma delivery. Accepts all known field names: ids have been called `id`,
 * `api_id` and `event_api_id`, the type `hook_type`, and the guest has been wrapped in `data.guest`. Event data is not
 * trusted: an `event.updated` that arrives after `event.canceled` must not restore the event.
 */
export function parseDelivery(body: Buffer): Hint[] | null {
  const json = parseJson(body)
  const type = isObject(json) ? optionalText(json, 'type', 'hook_type') : null
  const data = isObject(json) ? json['data'] : null
  if (type === null) return null
  if (type.startsWith('guest.') || type === 'ticket.registered') return isObject(data) ? guestHint(data) : null
  if (type.startsWith('event.')) {
    if (!isObject(data)) return null
    const externalEventId = optionalId(data, 'id', 'api_id', 'event_id', 'event_api_id') ?? eventIdOf(data)
    if (externalEventId === null) return null
    return [{ kind: 'EVENT', externalEventId, about: 'LISTING' }]
  }
  return [{ kind: 'NONE', reason: `event type ${type} requires no action` }]
}

/**
 * Luma may test an address before it creates the webhook, signed with a secret that it returns only afterwards. It
 * creates none if the test is refused.
 */
export function isPing(body: Buffer): boolean {
  if (body.length > MAX_PING_BYTES) return false
  const json = parseJson(body)
  return isObject(json) && /^(webhook\.)?(ping|test|verification)$/.test(optionalText(json, 'type', 'hook_type') ?? '')
}

function guestHint(data: JsonObject): Hint[] | null {
  const guest = isObject(data['guest']) ? data['guest'] : data
  const orderId = optionalId(guest, 'id', 'api_id', 'guest_id')
  if (orderId === null) return null
  const externalEventId = eventIdOf(data) ?? eventIdOf(guest)
  const waits = WAITING_STATUSES.has(optionalText(guest, 'approval_status') ?? '') ? { waits: true } : {}
  return [{ kind: 'ORDER', orderId, externalEventId, snapshot: snapshotOf(guest, externalEventId), ...waits }]
}

function eventIdOf(data: JsonObject): string | null {
  const event = isObject(data['event']) ? optionalId(data['event'], 'id', 'api_id') : null
  return event ?? optionalId(data, 'event_id', 'event_api_id')
}

/** Null also for text that is no id: it may not even be storable. */
function optionalId(json: JsonObject, ...names: string[]): string | null {
  const id = optionalText(json, ...names)
  return id !== null && isId(id) ? id : null
}

/** Null if the body does not show which tickets the guest holds: a read is needed then. */
function snapshotOf(guest: JsonObject, externalEventId: string | null): OrderSnapshot | null {
  if (externalEventId === null) return null
  const listing = { externalEventId, externalTicketClassId: null }
  return decodeOrNull(() => toOrderSnapshot(parseGuest(guest), listing, BODY_READ_AT))
}
