import { createHash, timingSafeEqual } from 'node:crypto'
import type { Authenticity, Delivery, Hint } from '../port.js'
import { isId, isObject, optionalText, type JsonObject } from './fields.js'

/** Eventbrite signs nothing: the secret segment of the path is all there is to check. */
export function authenticate(delivery: Delivery, webhookToken: string | null): Authenticity {
  if (!webhookToken || delivery.pathToken === null) return 'FORGED'
  return timingSafeEqual(digest(delivery.pathToken), digest(webhookToken)) ? 'AUTHENTIC' : 'FORGED'
}

// Digests have one length, so that the comparison tells nothing of the secret's.
function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest()
}

/** They move no stock and come in bursts. */
const CHECK_IN = /^(?:attendee\.checked_(?:in|out)|barcode\.\w+)$/

/** They tell of the listing itself: its state, its classes and their limits. */
const LISTING = /^(?:event|ticket_class)\./

const ORDER = /\/orders\/([^/]+)(?:\/attendees\/[^/]+)?\/?$/
const EVENT = /\/events\/([^/]+)(?:\/(?:attendees|ticket_classes)\/[^/]+)?\/?$/

/**
 * Reads `{"config":{"action":…},"api_url":"https://www.eventbriteapi.com/v3/orders/1/"}`. Only ids are taken from
 * `api_url`; what they name is asked of the configured API, so that it does not matter which host the address names.
 * Null: not a delivery of Eventbrite.
 */
export function parseDelivery(body: Buffer, apiUrl: string): Hint[] | null {
  const delivery = parseJson(body)
  if (!isObject(delivery) || !isObject(delivery.config)) return null
  const action = optionalText(delivery.config, 'action')
  if (action === 'test') return [{ kind: 'NONE', why: 'a test delivery' }]
  const path = pathOf(optionalText(delivery, 'api_url'), apiUrl)
  if (action === null || path === null) return null
  if (CHECK_IN.test(action)) return [{ kind: 'NONE', why: 'a check-in moves no stock' }]
  const orderId = idIn(ORDER, path)
  if (orderId !== null)
    return [{ kind: 'ORDER', orderId, externalEventId: null, snapshot: null, ...namedBy(delivery.config) }]
  const externalEventId = idIn(EVENT, path)
  if (externalEventId !== null) {
    return [{ kind: 'EVENT', externalEventId, ...(LISTING.test(action) && { about: 'LISTING' }) }]
  }
  return [{ kind: 'NONE', why: `no order, attendee, event or ticket class in a delivery of ${action.slice(0, 60)}` }]
}

/** Ids are opaque; what is no id names nothing. */
function idIn(pattern: RegExp, path: string): string | null {
  const segment = pattern.exec(path)?.[1]
  if (segment === undefined) return null
  try {
    const id = decodeURIComponent(segment)
    return isId(id) ? id : null
  } catch {
    return null // Not encoded text, so not an id: the caller's answer says so.
  }
}

/** The subscription's id; the delivery header of the same value names it too. */
function namedBy(config: JsonObject): { subscriptionId?: string } {
  const { webhook_id: id } = config
  const isText = typeof id === 'string' && isId(id)
  return isText || typeof id === 'number' ? { subscriptionId: String(id) } : {}
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown
  } catch {
    return null // Not JSON, so not a delivery: the caller's answer says so.
  }
}

/** The path of a web address, whole or without its host. */
function pathOf(address: string | null, apiUrl: string): string | null {
  if (address === null || !/^(?:https?:\/)?\//i.test(address) || !URL.canParse(address, apiUrl)) return null
  return new URL(address, apiUrl).pathname
}

/** A delivery as it may be stored: it echoes our address, whose last segment is the secret. Parses as before. */
export function withoutSecret(body: Buffer, webhookToken: string | null): Buffer {
  if (!webhookToken) return body
  return Buffer.from(body.toString('utf8').replaceAll(webhookToken, '[secret]'), 'utf8')
}
