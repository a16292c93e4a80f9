import type { Platform } from '../domain/channel.js'
import type { Delivery } from '../platforms/port.js'

/** An authentic delivery on its way through queue or inbox; JSON. */
export interface AcceptedDelivery {
  platform: Platform
  /** The sender's id of the delivery where it has one, else ours. Never a guard: some senders repeat it, some change it. */
  deliveryId: string
  headers: Record<string, string>
  /** Base64 of the raw bytes, secrets taken out. */
  body: string
  /** When it first came in: what it says is true as of then. */
  receivedAt: string
  /** When it was sent through again; reads for it must begin after that. */
  replayedAt?: string
  correlationId: string
}

const KEPT_HEADERS = [
  'content-type',
  'user-agent',
  'webhook-id',
  'webhook-timestamp',
  'x-eventbrite-event',
  'x-eventbrite-delivery',
]
const MAX_HEADER = 500

/** What of a delivery is kept: no signature, no secret (Eventbrite's bodies repeat the address with its token). */
export function accepted(
  platform: Platform,
  { headers, body, pathToken }: Delivery,
  ids: { deliveryId: string; correlationId: string },
  receivedAt: Date,
): AcceptedDelivery {
  const kept = KEPT_HEADERS.flatMap((name) => {
    const value = headers[name]
    return value === undefined ? [] : [[name, value.slice(0, MAX_HEADER)]]
  })
  const text = pathToken ? body.toString('utf8').replaceAll(pathToken, '[token]') : null
  return {
    platform,
    ...ids,
    headers: Object.fromEntries(kept) as Record<string, string>,
    body: (text === null ? body : Buffer.from(text)).toString('base64'),
    receivedAt: receivedAt.toISOString(),
  }
}
