import type { ChannelMode } from '../channel.js'
import { LATEST_INSTANT } from '../instant.js'

export const EVENT_STATES = ['ON_SALE', 'RED_ALARM', 'PAUSED', 'CLOSED', 'ENDED'] as const
export type EventState = (typeof EVENT_STATES)[number]

export interface EventTimes {
  startsAt: Date
  /** Null: defaults to `DEFAULT_DURATION_MS` after the start. */
  endsAt: Date | null
  /** Null: defaults to the start. */
  salesEndAt: Date | null
}

export interface EventFlags extends Pick<EventTimes, 'startsAt' | 'endsAt'> {
  closedSince: Date | null
  redAlarmSince: Date | null
  pausedSince: Date | null
}

/** Duration of an event without an end, ms. */
export const DEFAULT_DURATION_MS = 6 * 3_600_000

/**
 * How long a closed event is still processed like a live one, ms: platforms may sell until they are closed too,
 * cancellations follow, and holds expire.
 */
export const LIVE_AFTER_CLOSE_MS = 2 * 86_400_000

/** How long an event is still processed after its end, ms: late sales, cancellations and refunds arrive. */
export const LIVE_AFTER_END_MS = 2 * 86_400_000

export function endOf({ startsAt, endsAt }: Pick<EventTimes, 'startsAt' | 'endsAt'>): Date {
  return endsAt ?? new Date(Math.min(LATEST_INSTANT, startsAt.getTime() + DEFAULT_DURATION_MS))
}

/** When direct sales to customers end. */
export function salesEndOf({ startsAt, salesEndAt }: Pick<EventTimes, 'startsAt' | 'salesEndAt'>): Date {
  return salesEndAt ?? startsAt
}

/** True once an event is no longer processed. */
export function hasEnded(times: Pick<EventTimes, 'startsAt' | 'endsAt'>, now: Date): boolean {
  return endOf(times).getTime() + LIVE_AFTER_END_MS <= now.getTime()
}

/** In order of precedence: closing is permanent, an event ends automatically, a red alarm latches, a pause is lifted manually. */
export function eventState(flags: EventFlags, now: Date): EventState {
  if (flags.closedSince) return 'CLOSED'
  if (hasEnded(flags, now)) return 'ENDED'
  if (flags.redAlarmSince) return 'RED_ALARM'
  return flags.pausedSince ? 'PAUSED' : 'ON_SALE'
}

/** Whether an event is still processed: not ended, and not closed or only recently closed. */
export function isLive(event: Pick<EventFlags, 'startsAt' | 'endsAt' | 'closedSince'>, now: Date): boolean {
  const { closedSince } = event
  return !hasEnded(event, now) && (closedSince === null || closedSince.getTime() + LIVE_AFTER_CLOSE_MS > now.getTime())
}

/** Whether tickets may still be sold: live, and not closed. */
export function isOpen(event: Pick<EventFlags, 'startsAt' | 'endsAt' | 'closedSince'>, now: Date): boolean {
  return event.closedSince === null && !hasEnded(event, now)
}

interface ListingClosing {
  importedAt: Date | null
  confirmedMode: ChannelMode
  unconfirmedCap: number | null
}

/** Whether an event that has not ended has a listing that is not confirmed as closed: closings are retried until it has. */
export function isClosing(
  event: Pick<EventTimes, 'startsAt' | 'endsAt'>,
  channels: readonly ListingClosing[],
  now: Date,
): boolean {
  const isOpenListing = ({ importedAt, confirmedMode, unconfirmedCap }: ListingClosing) =>
    importedAt !== null && (confirmedMode !== 'WAITLIST_ONLY' || unconfirmedCap !== null)
  return !hasEnded(event, now) && channels.some(isOpenListing)
}
