import type { Timers } from './timers.js'

export class TimeoutExceeded extends Error {
  override readonly name = 'TimeoutExceeded'

  constructor(readonly afterMs: number) {
    super(`not done within ${afterMs} ms`)
  }
}

/**
 * The result of `work`, or TimeoutExceeded after `ms`. The signal given to `work` is aborted then, so that cancellable work
 * stops; other work continues, and its result is ignored.
 */
export async function withTimeout<T>(ms: number, work: (late: AbortSignal) => Promise<T>, timers: Timers): Promise<T> {
  const late = new AbortController()
  let cancel: () => void = () => undefined
  const timeout = new Promise<never>((_, reject) => {
    cancel = timers.after(ms, () => {
      const error = new TimeoutExceeded(ms)
      late.abort(error)
      reject(error)
    })
  })
  try {
    return await Promise.race([work(late.signal), timeout])
  } finally {
    cancel()
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
