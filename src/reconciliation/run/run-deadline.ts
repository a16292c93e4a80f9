import type { Timers } from '../../infrastructure/time/timers.js'
import { withTimeout } from '../../infrastructure/time/with-timeout.js'

/** The process is shutting down: work in progress is left as it is, to be resumed later. */
export class RunStopped extends Error {
  override readonly name = 'RunStopped'
}

/** Work exceeded its deadline and was abandoned. */
export class RunDeadlineExceeded extends Error {
  override readonly name = 'RunDeadlineExceeded'
}

/** @throws RunStopped */
export function throwIfStopped(signal: AbortSignal): void {
  if (signal.aborted) throw new RunStopped('stopped')
}

/** @throws RunStopped */
export async function pause(ms: number, signal: AbortSignal, timers: Timers): Promise<void> {
  await timers.sleep(ms, signal).catch(() => throwIfStopped(signal))
}

/**
 * Waits for `work` until its deadline or until `signal` is aborted, whether or not the work observes the signal that it is
 * passed. @throws RunDeadlineExceeded, RunStopped
 */
export async function withDeadline<T>(
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
  timers: Timers,
): Promise<T> {
  throwIfStopped(signal)
  const exceeded = () => new RunDeadlineExceeded(`not done within ${Math.max(0, Math.round(ms / 1_000))} s`)
  try {
    return await withTimeout(ms, work, timers, { signal, error: exceeded })
  } catch (error) {
    throwIfStopped(signal)
    // The work has observed its signal first.
    throw error instanceof RunStopped ? exceeded() : error
  }
}
