export const ALERT_KINDS = [
  'RED_ALARM',
  'OVERSOLD',
  'DRIFT',
  'FAIL_SAFE',
  'PLATFORM_UNREACHABLE',
  'SYNC_STALE',
  'DEAD_LETTER',
  'NOT_CLOSED',
] as const
export type AlertKind = (typeof ALERT_KINDS)[number]

/** `open`: not resolved or not acknowledged yet. */
export const ALERT_STATES = ['open', 'resolved', 'all'] as const
export type AlertState = (typeof ALERT_STATES)[number]
