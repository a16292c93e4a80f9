import type { ChannelName } from '../domain/channel.js'
import type { AlertKind, AlertState } from './alert-kinds.js'

/** An alert as recorded. */
export interface Alert {
  id: string
  /** An `AlertKind`, or one of an earlier version. */
  kind: string
  eventId: string | null
  platform: ChannelName | null
  /** The operation or condition that raised it. */
  about: string | null
  detail: string
  /** The same for all alerts of a problem; at most one of them is unresolved. */
  dedupeKey: string
  createdAt: Date
  /** When the problem was last observed. */
  lastSeenAt: Date
  /** Null while the problem persists. */
  resolvedAt: Date | null
  acknowledgedAt: Date | null
  /** Email of the operator. */
  acknowledgedBy: string | null
}

export type AlertToRaise = Pick<Alert, 'id' | 'eventId' | 'platform' | 'about' | 'detail' | 'dedupeKey'> & {
  kind: AlertKind
}

/**
 * Which alerts; plain data. All conditions must be met; undefined: any. An empty list matches nothing, an empty list of
 * exceptions excludes nothing. An alert without a value meets no condition on it, exceptions included.
 */
export interface AlertCriteria {
  ids?: readonly string[]
  kinds?: readonly AlertKind[]
  keys?: readonly string[]
  exceptKeys?: readonly string[]
  abouts?: readonly string[]
  /** How `about` starts, and how it does not. */
  aboutPrefix?: string
  exceptAboutPrefix?: string
  eventIds?: readonly string[]
  platforms?: readonly ChannelName[]
  exceptPlatforms?: readonly ChannelName[]
  /** Channels by event and platform. */
  exceptChannels?: readonly { eventId: string; platform: ChannelName }[]
  /** What must be true of the event now; `NO_RED_ALARM` also of a closed one. */
  event?: 'NO_RED_ALARM' | 'NOT_OVERSOLD'
  lastSeenBefore?: Date
}

export interface AlertFilter {
  state: AlertState
  kind?: AlertKind | undefined
  acknowledged?: boolean | undefined
  /** Only alerts with a smaller id; undefined: any. */
  before?: string | undefined
}

/** Rows of alerts. An alert is unresolved until its problem is over. */
export abstract class AlertStore {
  /**
   * Adds the alert, or updates `detail` and `lastSeenAt` of the unresolved one with the same key, at most once per
   * `updateIntervalMs`. False: there was one already.
   */
  abstract raise(alert: AlertToRaise, updateIntervalMs: number): Promise<boolean>

  /** Resolves the unresolved alerts that match; returns them, in no particular order. */
  abstract resolve(criteria: AlertCriteria, at: Date): Promise<Alert[]>

  /** The unresolved alerts that match, by ascending id. */
  abstract unresolved(criteria: AlertCriteria): Promise<Alert[]>

  /** Kinds with an unresolved alert, each once, in no particular order. */
  abstract unresolvedKinds(): Promise<string[]>

  /** Ids of events with an unresolved alert, each once, in no particular order. */
  abstract eventsWithUnresolved(): Promise<string[]>

  /** Whether such an alert was created at `since` or later, whatever its state. */
  abstract wasRaisedSince(
    alert: { kind: AlertKind; eventId: string; platform: ChannelName },
    since: Date,
  ): Promise<boolean>

  /** Up to `limit` matching alerts, by descending id: newest first. */
  abstract newest(filter: AlertFilter, limit: number): Promise<Alert[]>

  /**
   * Acknowledges the alert unless it is already. Returns it, and whether it was changed; null: unknown.
   */
  abstract acknowledge(id: string, by: string, at: Date): Promise<{ alert: Alert; changed: boolean } | null>
}
