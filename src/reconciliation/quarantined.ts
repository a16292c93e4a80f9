import type { Platform } from '../domain/channel.js'
import type { Channel } from '../generated/prisma/client.js'
import { wellFormed } from '../infrastructure/text/well-formed.js'
import type { Unstored } from '../inventory/quarantine.js'
import type { Drift } from './drift.js'

/** One order, or row, that the run could not compare. */
export function quarantined(channel: Channel, { orderId, reason }: Unstored): Drift {
  const what = orderId === null ? 'A row that names no order' : 'The order'
  const drift = unreadable(channel, `${what} is in quarantine: ${reason}.`)
  return { ...drift, externalOrderId: orderId && wellFormed(orderId) }
}

/** A channel that could not be compared. */
export function unreadable({ eventId, platform }: Channel, detail: string): Drift {
  const channel = platform as Platform
  const nothing = { externalOrderId: null, ledger: null, platform: null, corrected: false }
  return { eventId, channel, kind: 'UNREADABLE', ...nothing, detail }
}
