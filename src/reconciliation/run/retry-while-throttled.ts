import type { Clock } from '../../infrastructure/time/clock.js'
import type { Timers } from '../../infrastructure/time/timers.js'
import { describeFailure } from '../../platforms/describe-failure.js'
import type { CallContext, Outcome } from '../../platforms/port.js'
import { pause, RunDeadlineExceeded, withDeadline } from './run-deadline.js'

/**
 * Context of its reads. One of several calls waits for budget in place once it has started: the bucket stays near the level
 * at which a bulk read may start, so that a repetition would spend on its first call what the second one waits for.
 */
export const BULK_READ: CallContext = { lane: 'bulk', continuation: false }

/**
 * Maximum total wait for budget per call, ms: longer than the longest window of a platform's limit, an hour, after which
 * everything spent before has leaked out. Then the channel is reported as UNREADABLE, and the next run reads it again.
 */
const MAX_WAIT_MS = 70 * 60_000
/** Longest single wait, ms: budget may return earlier than predicted. */
const MAX_STEP_MS = 30_000
/** Timeout of one call, ms: some fetch many pages, each of which may wait briefly for budget. */
const CALL_TIMEOUT_MS = 10 * 60_000
/** Delays before the retries of a failed read, ms. */
const RETRY_DELAYS_MS = [500, 2_000]

/**
 * Makes a read call, waits while there is no budget for it, and retries it twice when it fails or times out.
 * Returns the outcome of the last attempt. @throws RunStopped
 */
export async function retryWhileThrottled<T>(
  call: () => Promise<Outcome<T>>,
  signal: AbortSignal,
  clock: Clock,
  timers: Timers,
): Promise<Outcome<T>> {
  const deadline = clock.now().getTime() + MAX_WAIT_MS
  const retries = [...RETRY_DELAYS_MS]
  for (;;) {
    const outcome = await withTimeout(call, signal, timers)
    if (outcome.kind === 'THROTTLED' && outcome.resumeAt.getTime() < deadline) {
      const waitMs = Math.max(50, outcome.resumeAt.getTime() - clock.now().getTime())
      await pause(Math.min(MAX_STEP_MS, waitMs), signal, timers)
      continue
    }
    const isRetryable = outcome.kind === 'UNAVAILABLE' || outcome.kind === 'NOT_SENT'
    const delayMs = isRetryable ? retries.shift() : undefined
    if (delayMs === undefined) return outcome
    await pause(delayMs, signal, timers)
  }
}

async function withTimeout<T>(
  call: () => Promise<Outcome<T>>,
  signal: AbortSignal,
  timers: Timers,
): Promise<Outcome<T>> {
  try {
    return await withDeadline(CALL_TIMEOUT_MS, signal, call, timers)
  } catch (error) {
    if (error instanceof RunDeadlineExceeded) return { kind: 'UNAVAILABLE', reason: error.message }
    throw error
  }
}

/** Formats a failure for reports and alerts: a throttled read has used up its retries. */
export function describeReadFailure(failure: Exclude<Outcome<unknown>, { kind: 'OK' }>): string {
  return failure.kind === 'THROTTLED' ? 'rate limit budget exhausted' : describeFailure(failure)
}
