import { parseJson } from '../../../infrastructure/text/parse-json.js'
import type { Hint } from '../../port.js'
import { isId, isObject, type JsonObject } from '../../kit/response-shape.js'
import { optionalText } from '../client/contract.js'

/** Check-ins do not change stock and arrive in bursts. */
const CHECK_IN = /^(?:attendee\.checked_(?:in|out)|barcode\.\w+)$/

/** Changes of the listing itself: its state, its classes and their limits. */
const LISTING = /^(?:event|ticket_class)\./

const ORDER = /\/orders\/([^/]+)(?:\/attendees\/[^/]+)?\/?$/
const EVENT = /\/events\/([^/]+)(?:\/(?:attendees|ticket_classes)\/[^/]+)?\/?$/

/**
 * Parses `{"config":{"action":…},"api_url":"https://www.eventbriteapi.com/v3/orders/1/"}`. Only ids are taken from
 * `api_url`; the resource is read from the configured API, so the host of the URL does not matter. Null: not an
 * Eventbrite delivery.
 */
export function parseDelivery(body: Buffer, apiUrl: string): Hint[] | null {
  const delivery = parseJson(body)
  if (!isObject(delivery) || !isObject(delivery.config)) return null
  const action = optionalText(delivery.config, 'action')
  if (action === 'test') return [{ kind: 'NONE', reason: 'a test delivery' }]
  const path = pathOf(optionalText(delivery, 'api_url'), apiUrl)
  if (action === null || path === null) return null
  if (CHECK_IN.test(action)) return [{ kind: 'NONE', reason: 'a check-in does not change stock' }]
  const orderId = idIn(ORDER, path)
  if (orderId !== null)
    return [{ kind: 'ORDER', orderId, externalEventId: null, snapshot: null, ...subscriptionOf(delivery.config) }]
  const externalEventId = idIn(EVENT, path)
  if (externalEventId !== null) {
    return [{ kind: 'EVENT', externalEventId, ...(LISTING.test(action) && { about: 'LISTING' }) }]
  }
  return [{ kind: 'NONE', reason: `no order, attendee, event or ticket class in a delivery of ${action.slice(0, 60)}` }]
}

/** Ids are opaque. Null: no valid id. */
function idIn(pattern: RegExp, path: string): string | null {
  const segment = pattern.exec(path)?.[1]
  if (segment === undefined) return null
  try {
    const id = decodeURIComponent(segment)
    return isId(id) ? id : null
  } catch {
    return null // Invalid encoding, so not an id: the caller reports it.
  }
}

/** The subscription's id, which is also in a header of the delivery. */
function subscriptionOf(config: JsonObject): { subscriptionId?: string } {
  const { webhook_id: id } = config
  const isText = typeof id === 'string' && isId(id)
  return isText || typeof id === 'number' ? { subscriptionId: String(id) } : {}
}

/** The path of a URL, absolute or without a host. */
function pathOf(url: string | null, apiUrl: string): string | null {
  if (url === null || !/^(?:https?:\/)?\//i.test(url)) return null
  try {
    return new URL(url, apiUrl).pathname
  } catch {
    return null // Not a URL: the caller reports it.
  }
}

/** Removes the secret for storage: the body repeats our URL, whose last segment is the secret. Parses the same. */
export function withoutSecret(body: Buffer, webhookToken: string | null): Buffer {
  if (!webhookToken) return body
  return Buffer.from(body.toString('utf8').replaceAll(webhookToken, '[secret]'), 'utf8')
}
