import type { Timers } from './timers.js'

export class TimeoutExceeded extends Error {
  override readonly name = 'TimeoutExceeded'

  constructor(readonly afterMs: number) {
    super(`not done within ${afterMs} ms`)
  }
}

interface TimeoutOptions {
  /** Ends the wait as well, with its reason. */
  signal?: AbortSignal
  /** The error after `ms`. Default: TimeoutExceeded. */
  error?: () => Error
}

/**
 * The result of `work`, or an error after `ms`. The signal given to `work` is aborted then, so that cancellable work stops;
 * other work continues, and its result is ignored.
 */
export async function withTimeout<T>(
  ms: number,
  work: (ended: AbortSignal) => Promise<T>,
  timers: Timers,
  { signal, error = () => new TimeoutExceeded(ms) }: TimeoutOptions = {},
): Promise<T> {
  signal?.throwIfAborted()
  const waiting = new AbortController()
  const end = () => waiting.abort(signal?.reason)
  const ended = new Promise<never>((_, reject) => {
    waiting.signal.addEventListener('abort', () => reject(waiting.signal.reason as Error), { once: true })
  })
  signal?.addEventListener('abort', end, { once: true })
  const cancel = timers.after(ms, () => waiting.abort(error()))
  try {
    return await Promise.race([work(waiting.signal), ended])
  } finally {
    cancel()
    signal?.removeEventListener('abort', end)
  }
}

/** Waits for `work`, but no longer than `ms`; it then continues on its own. Rejects if it fails before. */
export async function waitAtMost(ms: number, work: () => Promise<unknown>, timers: Timers): Promise<void> {
  try {
    await withTimeout(ms, work, timers)
  } catch (error) {
    if (!(error instanceof TimeoutExceeded)) throw error
  }
}
