import { setTimeout as sleep } from 'node:timers/promises'

/** The process ends: what was begun is left as it is, to be taken up again. */
export class Stopped extends Error {
  override readonly name = 'Stopped'
}

/** Work did not end within its deadline, and was left. */
export class RunDeadlineExceeded extends Error {
  override readonly name = 'RunDeadlineExceeded'
}

/** @throws Stopped */
export function goOn(signal: AbortSignal): void {
  if (signal.aborted) throw new Stopped('stopped')
}

/** @throws Stopped */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => goOn(signal))
}

/**
 * Waits for `work` no longer than its deadline or until `signal` is aborted, whether or not the work heeds the signal
 * that it is given. @throws RunDeadlineExceeded, Stopped
 */
export async function withDeadline<T>(
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  goOn(signal)
  const deadline = new AbortController()
  const either = AbortSignal.any([signal, deadline.signal])
  const tooLong = new RunDeadlineExceeded(`it did not end within ${Math.max(0, Math.round(ms / 1_000))} s`)
  let left: () => void = () => undefined
  const ended = new Promise<never>((_resolve, reject) => {
    left = () => reject(signal.aborted ? new Stopped('stopped') : tooLong)
    either.addEventListener('abort', left, { once: true })
  })
  const timer = setTimeout(() => deadline.abort(), Math.max(0, ms))
  try {
    return await Promise.race([work(either), ended])
  } catch (error) {
    if (error instanceof Stopped && !signal.aborted) throw tooLong
    throw error
  } finally {
    clearTimeout(timer)
    either.removeEventListener('abort', left)
  }
}
