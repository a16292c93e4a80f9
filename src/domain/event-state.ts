import { LATEST_INSTANT } from './instant.js'

export const EVENT_STATES = ['ON_SALE', 'RED_ALARM', 'PAUSED', 'CLOSED', 'ENDED'] as const
export type EventState = (typeof EVENT_STATES)[number]

export interface EventTimes {
  startsAt: Date
  /** Null: the default, `DEFAULT_LENGTH_MS` after the start. */
  endsAt: Date | null
  /** Null: the default, the start. */
  salesEndAt: Date | null
}

export interface EventFlags extends Pick<EventTimes, 'startsAt' | 'endsAt'> {
  closedSince: Date | null
  redAlarmSince: Date | null
  pausedSince: Date | null
}

/** How long an event lasts that does not say so, ms. */
export const DEFAULT_LENGTH_MS = 6 * 3_600_000

/**
 * For so long after it was closed an event is looked after like the others, ms: what was sold before the platforms had
 * closed too is a fact, cancellations follow, and holds run out.
 */
export const CLOSING_MS = 2 * 86_400_000

/** For so long after its end it is still looked after, ms: late sales, cancellations and refunds come in. */
export const AFTER_END_MS = 2 * 86_400_000

export function endOf({ startsAt, endsAt }: Pick<EventTimes, 'startsAt' | 'endsAt'>): Date {
  return endsAt ?? new Date(Math.min(LATEST_INSTANT, startsAt.getTime() + DEFAULT_LENGTH_MS))
}

/** Until when customers may buy directly. */
export function salesEndOf({ startsAt, salesEndAt }: Pick<EventTimes, 'startsAt' | 'salesEndAt'>): Date {
  return salesEndAt ?? startsAt
}

/** Over for so long that nothing looks at it any more. */
export function hasEnded(times: Pick<EventTimes, 'startsAt' | 'endsAt'>, now: Date): boolean {
  return endOf(times).getTime() + AFTER_END_MS <= now.getTime()
}

/** Closing is for good, an event ends by itself, the red alarm latches, a pause is lifted by hand: the first one shows. */
export function eventState(flags: EventFlags, now: Date = new Date()): EventState {
  if (flags.closedSince) return 'CLOSED'
  if (hasEnded(flags, now)) return 'ENDED'
  if (flags.redAlarmSince) return 'RED_ALARM'
  return flags.pausedSince ? 'PAUSED' : 'ON_SALE'
}
