import { cron, integer, ratio, timezone } from '../env-parsers.js'
import { variable } from '../variable.js'

/** Longest interval and hold, in seconds: a day. */
const DAY = 86_400
/** Longest fail-safe delay, in milliseconds. */
const TEN_MINUTES = 600_000

export const stock = {
  SOFT_CAP_RATIO: variable(ratio(0, 1, true), {
    default: '0.9',
    description:
      'Sold and held share of the capacity that closes all platforms, above 0 and at most 1; the default of new events.',
  }),
  SAFETY_STOCK_RATIO: variable(ratio(0, 0.9), {
    default: '0.1',
    description: 'Share of the capacity that only operators sell, 0 to 0.9; the default of new events.',
  }),
  HOLD_TTL_SECONDS: variable(integer(1, DAY), {
    default: '300',
    description: 'How long a hold lasts, in seconds; customers can choose a shorter time only.',
  }),
}

export const schedules = {
  SWEEP_INTERVAL_SECONDS: variable(integer(1, DAY), {
    default: '300',
    description: 'Time between two sweeps of a channel, reads that also find unreported changes, in seconds.',
  }),
  MEETUP_POLL_SECONDS: variable(integer(1, DAY), {
    default: '10',
    description: 'Time between two polls of a Meetup event, in seconds; less when it is nearly full.',
  }),
  REBALANCE_INTERVAL_SECONDS: variable(integer(1, DAY), {
    default: '15',
    description: 'Time between two distributions of unsold tickets over the channels, in seconds.',
  }),
  RECONCILE_CRON: variable(cron, {
    default: '0 3 * * *',
    description: 'When the nightly reconciliation runs, as a cron expression.',
  }),
  RECONCILE_TIMEZONE: variable(timezone, {
    default: 'UTC',
    example: 'Europe/Berlin',
    description: 'IANA time zone of `RECONCILE_CRON`.',
  }),
}

export const personalData = {
  RETENTION_DAYS: variable(integer(1, 36_500), {
    default: '90',
    description:
      'How long personal data is kept, in days: after the end of an event, and of webhook deliveries after their receipt; orders, tickets and payments keep their numbers.',
  }),
}

export const failSafe = {
  FAIL_SAFE_AFTER_MS: variable(integer(100, TEN_MINUTES), {
    default: '2000',
    description: 'How long Redis must not respond before the fail-safe mode starts, in milliseconds.',
  }),
  FAIL_SAFE_RECOVERY_MS: variable(integer(0, TEN_MINUTES), {
    default: '5000',
    description: 'How long Redis must respond again before the recovery starts, in milliseconds.',
  }),
}
