import type { Outcome } from '../platforms/port.js'
import { pause, RunDeadlineExceeded, withDeadline } from './run-deadline.js'

/** So long one call waits for budget altogether, ms: then other work has spent it all. */
const MAX_WAIT_MS = 10 * 60_000
/** One look at the clock at a time, ms: budgets come back earlier than foretold. */
const STEP_MS = 30_000
/** One call altogether, ms: some ask for many pages, each of which may wait a little for budget. */
const MAX_CALL_MS = 10 * 60_000
/** Waits before a read that failed is tried again, ms. */
const RETRIES_MS = [500, 2_000]

/**
 * Makes a reading call, waits while there is no budget for it, and tries twice more when it fails or does not end within
 * `callMs`. What comes back then is the platform's answer. @throws Stopped
 */
export async function patiently<T>(
  call: () => Promise<Outcome<T>>,
  signal: AbortSignal,
  callMs = MAX_CALL_MS,
): Promise<Outcome<T>> {
  const deadline = Date.now() + MAX_WAIT_MS
  const retries = [...RETRIES_MS]
  for (;;) {
    const outcome = await inTime(call, signal, callMs)
    if (outcome.kind === 'THROTTLED' && outcome.resumeAt.getTime() < deadline) {
      await pause(Math.min(STEP_MS, Math.max(50, outcome.resumeAt.getTime() - Date.now())), signal)
      continue
    }
    const lost = outcome.kind === 'UNAVAILABLE' || outcome.kind === 'NOT_SENT'
    const wait = lost ? retries.shift() : undefined
    if (wait === undefined) return outcome
    await pause(wait, signal)
  }
}

async function inTime<T>(call: () => Promise<Outcome<T>>, signal: AbortSignal, callMs: number): Promise<Outcome<T>> {
  try {
    return await withDeadline(callMs, signal, call)
  } catch (error) {
    if (error instanceof RunDeadlineExceeded) return { kind: 'UNAVAILABLE', reason: error.message }
    throw error
  }
}

/** A failure in words. */
export function reasonOf(failure: Exclude<Outcome<unknown>, { kind: 'OK' }>): string {
  if (failure.kind === 'THROTTLED') return 'there was no budget for it'
  const said = 'message' in failure ? failure.message : failure.reason
  return failure.kind === 'REJECTED' ? `${failure.kind} ${failure.code}: ${said}` : `${failure.kind}: ${said}`
}
