export const ALERT_KINDS = [
  'RED_ALARM',
  'OVERSOLD',
  'DRIFT',
  'FAIL_SAFE',
  'PLATFORM_UNREACHABLE',
  'SYNC_STALE',
  'DEAD_LETTER',
] as const
export type AlertKind = (typeof ALERT_KINDS)[number]
