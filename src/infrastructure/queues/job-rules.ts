import { isOutage } from '../errors/outage.js'
import { RetryLaterError } from './job-queues.js'

/** How long a shutdown waits for running jobs. */
export const STOP_TIMEOUT_MS = 5_000
/** Failed jobs that are kept per queue for inspection. */
export const KEPT_FAILURES = { count: 1_000, ageSeconds: 7 * 86_400 }
/** For this time after creation, failures caused by an unavailable server are retried without counting. */
const OUTAGE_RETRY_WINDOW_MS = 15 * 60_000
const OUTAGE_RETRY_MS = 1_000

/** Throws RetryLaterError while this process takes no part in the work of the installation. */
export function assertInService(state: { outOfService: string | null }, now: Date): void {
  if (state.outOfService) throw new RetryLaterError(new Date(now.getTime() + OUTAGE_RETRY_MS), 'out of service')
}

/**
 * In how many ms to retry without counting; null: count a failure. `ageMs`: of the job; `now`: by the clock of the service.
 */
export function uncountedRetryMs(error: unknown, ageMs: number, now: Date): number | null {
  if (error instanceof RetryLaterError) return Math.max(0, error.at.getTime() - now.getTime())
  return isOutage(error) && ageMs < OUTAGE_RETRY_WINDOW_MS ? OUTAGE_RETRY_MS : null
}
