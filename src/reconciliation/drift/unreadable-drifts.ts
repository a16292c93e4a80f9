import type { Channel } from '../../domain/channel-record.js'
import { wellFormed } from '../../infrastructure/text/well-formed.js'
import type { RejectedRecord } from '../../orders/quarantine.js'
import type { Drift } from './drift.js'

/** Drift item of an order, or a row, that the run could not compare. */
export function quarantinedDrift(channel: Channel, { orderId, reason }: RejectedRecord): Drift {
  const subject = orderId === null ? 'A row without an order id' : 'The order'
  const drift = unreadableDrift(channel, `${subject} is in quarantine: ${reason}.`)
  return { ...drift, externalOrderId: orderId && wellFormed(orderId) }
}

/** Drift item of a channel that could not be compared. */
export function unreadableDrift({ eventId, platform: channel }: Channel, detail: string): Drift {
  const noValues = { externalOrderId: null, ledger: null, platform: null, corrected: false }
  return { eventId, channel, kind: 'UNREADABLE', ...noValues, detail }
}
