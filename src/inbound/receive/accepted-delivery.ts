import type { Platform } from '../../domain/channel.js'
import { environmentConnectionId } from '../../domain/connection-record.js'
import type { PlatformConnection } from '../../platforms/platforms.js'
import type { Delivery } from '../../platforms/port.js'

/** An authenticated webhook delivery, as stored in the queue or the inbox; JSON. */
export interface AcceptedDelivery {
  platform: Platform
  /** The connection whose secret it was sent with. Absent: queued by an earlier version, for the one of the environment. */
  connectionId?: string
  /** The sender's delivery id where it has one, else ours. Not an idempotency key: some senders repeat it, some change it. */
  deliveryId: string
  headers: Record<string, string>
  /** Base64 of the raw bytes, secrets redacted. */
  body: string
  /** When it was first received. Its content may be older: senders repeat for hours what was not accepted. */
  receivedAt: string
  /** When it was replayed; reads for it must start after that. */
  replayedAt?: string
  correlationId: string
}

/** The id of the connection whose channels a delivery is about. */
export function connectionOf({ connectionId, platform }: Pick<AcceptedDelivery, 'connectionId' | 'platform'>): string {
  return connectionId ?? environmentConnectionId(platform)
}

const STORED_HEADERS = [
  'content-type',
  'user-agent',
  'webhook-id',
  'webhook-timestamp',
  'x-eventbrite-event',
  'x-eventbrite-delivery',
]
const MAX_HEADER_LENGTH = 500

/** The part of a delivery that is stored: no signature, no secret (Eventbrite's bodies repeat the address with its token). */
export function toAcceptedDelivery(
  { id: connectionId, platform }: Pick<PlatformConnection, 'id' | 'platform'>,
  { headers, body, pathToken }: Delivery,
  ids: { deliveryId: string; correlationId: string },
  receivedAt: Date,
): AcceptedDelivery {
  const stored: Record<string, string> = {}
  for (const name of STORED_HEADERS) {
    const value = headers[name]
    if (value !== undefined) stored[name] = value.slice(0, MAX_HEADER_LENGTH)
  }
  const hasSecret = pathToken !== null && pathToken !== '' && body.includes(pathToken)
  const redacted = hasSecret ? Buffer.from(body.toString('utf8').replaceAll(pathToken, '[token]')) : body
  return {
    platform,
    connectionId,
    ...ids,
    headers: stored,
    body: redacted.toString('base64'),
    receivedAt: receivedAt.toISOString(),
  }
}
