export const EVENT_STATES = ['ON_SALE', 'RED_ALARM', 'PAUSED', 'CLOSED'] as const
export type EventState = (typeof EVENT_STATES)[number]

export interface EventFlags {
  closedSince: Date | null
  redAlarmSince: Date | null
  pausedSince: Date | null
}

/** Closing is for good, the red alarm latches, a pause is lifted by hand: the gravest one shows. */
export function eventState(flags: EventFlags): EventState {
  if (flags.closedSince) return 'CLOSED'
  if (flags.redAlarmSince) return 'RED_ALARM'
  return flags.pausedSince ? 'PAUSED' : 'ON_SALE'
}
