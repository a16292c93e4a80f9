import type { Channel } from '../domain/channel-record.js'
import type { ChannelChange } from './channel-store.js'

/** Attached channels of one event, over all platforms. */
export const MAX_CHANNELS = 20

/**
 * - `ATTACHED`: read and written.
 * - `DETACHING`: an operator requested to detach it; it is being closed, and its last sales are being read.
 * - `DETACHED`: neither read nor written; its sold tickets stay counted.
 */
export const ATTACHMENTS = ['ATTACHED', 'DETACHING', 'DETACHED'] as const
export type Attachment = (typeof ATTACHMENTS)[number]

export function attachmentOf({
  detachedAt,
  detachRequestedAt,
}: Pick<Channel, 'detachedAt' | 'detachRequestedAt'>): Attachment {
  if (detachedAt !== null) return 'DETACHED'
  return detachRequestedAt === null ? 'ATTACHED' : 'DETACHING'
}

/** No write, task, cart or count of the listing is open. */
const NOTHING_OPEN = {
  platformSold: null,
  pendingTickets: 0,
  unconfirmedCap: null,
  unconfirmedSince: null,
  unconfirmedMode: null,
  taskCap: null,
  taskSince: null,
  uncountedSince: null,
  uncountedCap: null,
  recountAt: null,
  recounts: 0,
} as const satisfies ChannelChange

/** A detached channel has no desired state and nothing unconfirmed: what is sold there is all it exposes. */
export function detachedState(now: Date): ChannelChange {
  return {
    detachedAt: now,
    importedAt: now,
    desiredMode: 'WAITLIST_ONLY',
    desiredCap: 0,
    confirmedMode: 'WAITLIST_ONLY',
    confirmedCap: 0,
    ...NOTHING_OPEN,
    needsSweepSince: null,
    syncError: null,
  }
}

/** A channel whose listing has to be imported, as a new one. The organizer's own limits per ticket type stay known. */
export const NOT_IMPORTED = {
  importedAt: null,
  desiredCap: null,
  confirmedCap: null,
  capUnlimited: false,
  confirmedMode: 'UNKNOWN',
  confirmedVersion: 0,
  ...NOTHING_OPEN,
  listingState: 'UNKNOWN',
  listingCursor: null,
  waitlistAvailable: null,
  syncError: null,
} as const satisfies ChannelChange
