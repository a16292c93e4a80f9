import type { NewChannel } from '../../../channels/channel-store.js'
import type { Channel } from '../../../domain/channel-record.js'
import { definedValues } from '../defined-values.js'

/** The row that PostgreSQL creates, with the defaults of its columns. */
export function newChannelRow(eventId: string, channel: NewChannel, now: Date): Channel {
  return {
    eventId,
    externalTicketClassId: null,
    weight: 1,
    maxUnits: null,
    desiredCap: null,
    desiredMode: 'OPEN',
    desiredVersion: 0,
    desiredAt: null,
    pausedSince: null,
    confirmedCap: null,
    capUnlimited: false,
    confirmedMode: 'UNKNOWN',
    confirmedVersion: 0,
    confirmedAt: null,
    pendingTickets: 0,
    platformSold: null,
    unconfirmedCap: null,
    unconfirmedSince: null,
    unconfirmedMode: null,
    writeSeq: 0,
    raisedAt: null,
    uncountedSince: null,
    uncountedCap: null,
    recountAt: null,
    recounts: 0,
    listingState: 'UNKNOWN',
    typeLimits: null,
    lastWebhookAt: null,
    lastPullAt: null,
    waitlistAvailable: null,
    syncError: null,
    listingCursor: null,
    needsSweepSince: null,
    importedAt: null,
    detachedAt: null,
    lastFailure: null,
    lastFailureAt: null,
    createdAt: now,
    ...definedValues(channel),
  }
}
