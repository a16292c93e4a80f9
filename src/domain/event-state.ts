export const EVENT_STATES = ['ON_SALE', 'RED_ALARM', 'PAUSED', 'CLOSED'] as const
export type EventState = (typeof EVENT_STATES)[number]

export interface EventFlags {
  closedSince: Date | null
  redAlarmSince: Date | null
  pausedSince: Date | null
}

/**
 * For so long after it was closed an event is looked after like the others, ms: what was sold before the platforms had
 * closed too is a fact, cancellations follow, and holds run out.
 */
export const CLOSING_MS = 2 * 86_400_000

/** Closing is for good, the red alarm latches, a pause is lifted by hand: the gravest one shows. */
export function eventState(flags: EventFlags): EventState {
  if (flags.closedSince) return 'CLOSED'
  if (flags.redAlarmSince) return 'RED_ALARM'
  return flags.pausedSince ? 'PAUSED' : 'ON_SALE'
}
