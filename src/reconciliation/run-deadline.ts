import type { Timers } from '../infrastructure/time/timers.js'

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
  const deadline = new AbortController()
  const combined = AbortSignal.any([signal, deadline.signal])
  const exceeded = new RunDeadlineExceeded(`not done within ${Math.max(0, Math.round(ms / 1_000))} s`)
  let onAbort: () => void = () => undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.aborted ? new RunStopped('stopped') : exceeded)
    combined.addEventListener('abort', onAbort, { once: true })
  })
  const cancel = timers.after(Math.max(0, ms), () => deadline.abort())
  try {
    return await Promise.race([work(combined), aborted])
  } catch (error) {
    if (error instanceof RunStopped && !signal.aborted) throw exceeded
    throw error
  } finally {
    cancel()
    combined.removeEventListener('abort', onAbort)
  }
}
