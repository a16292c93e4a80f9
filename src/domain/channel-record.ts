import type { ChannelMode, Platform } from './channel.js'

export type JsonValue = string | number | boolean | { [key: string]: JsonValue | undefined } | JsonValue[] | null

/** Whether the platform still sells the listing at all. */
export type ListingState = 'LIVE' | 'CANCELLED' | 'POSTPONED' | 'ENDED' | 'UNKNOWN'

/** One event on one platform, as recorded: its desired state and the state known to be in force there. */
export interface Channel {
  id: string
  eventId: string
  platform: Platform
  /** The account that drives the listing. */
  connectionId: string
  externalEventId: string
  externalTicketClassId: string | null
  weight: number
  /** The organizer's limit for the cap; null: none. */
  maxUnits: number | null
  /** What staff call it; null: it has no name of its own. */
  label: string | null
  desiredCap: number | null
  desiredMode: ChannelMode
  desiredVersion: number
  /** When the desired state last changed. */
  desiredAt: Date | null
  /** Closed by an operator, whatever the desired mode is. */
  pausedSince: Date | null
  /** Null: nothing is known, or there is no limit; exposure is unbounded. */
  confirmedCap: number | null
  /** With no confirmed cap: the platform is known to have no limit. False: its cap is unknown. */
  capUnlimited: boolean
  confirmedMode: ChannelMode
  confirmedVersion: number
  confirmedAt: Date | null
  /** Tickets in open carts there, which a shrink does not evict. */
  pendingTickets: number
  /** Sold tickets in the platform's own count, taken with pendingTickets; only a newer count replaces it. Null: it reported none. */
  platformSold: number | null
  /** The largest cap in flight or of unknown outcome: it counts as exposure until no such write can still take effect. */
  unconfirmedCap: number | null
  /** When the last request of such a write was sent. */
  unconfirmedSince: Date | null
  /** The mode of the last write while it has no response; null: it was acknowledged, only earlier ones may still take effect. */
  unconfirmedMode: ChannelMode | null
  /** Number of writes started: each supersedes those before it. */
  writeSeq: number
  /** Without an API: the cap that a person is requested to set there and to confirm; null: none. */
  taskCap: number | null
  /** Since when that cap is requested. */
  taskSince: Date | null
  /** When the cap of a polled listing was last raised: only a later read shows the sales that caused. */
  raisedAt: Date | null
  /** Since when a smaller cap is in force that was confirmed without a count of the tickets sold. */
  uncountedSince: Date | null
  /** The exposure before it; null: unbounded. */
  uncountedCap: number | null
  /** When the platform's own count is due to be read again; null: it is not needed. */
  recountAt: Date | null
  /** Readings without a result so far: the pause between them grows with it. */
  recounts: number
  listingState: ListingState
  /** The organizer's own limits per ticket type (tickets by type id), as found when the listing was imported. */
  typeLimits: JsonValue | null
  lastWebhookAt: Date | null
  lastPullAt: Date | null
  /**
   * Where versions of orders are read times: the version that each order shown by the last full list has at least, so that
   * an unchanged order need not be written. Null: there was no such list.
   */
  listedVersion: string | null
  waitlistAvailable: boolean | null
  /** Why the channel cannot be synchronized at present; null when it can. */
  syncError: string | null
  listingCursor: JsonValue | null
  /** Since when sales may have been missed (fail-safe mode): the channel stays closed until they are read. */
  needsSweepSince: Date | null
  importedAt: Date | null
  /** When an operator requested to detach it: it is closed, and detached once nothing more can be sold there. Null: not requested. */
  detachRequestedAt: Date | null
  /**
   * Since when it is detached, by an operator or because another event has the listing: its sold tickets stay counted,
   * nothing is read or written any more.
   */
  detachedAt: Date | null
  /** The platform's response to the last write or import that failed, and when. */
  lastFailure: string | null
  lastFailureAt: Date | null
  createdAt: Date
}
