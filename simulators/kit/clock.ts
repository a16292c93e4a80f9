/** The source of time, so that a simulator can run ahead of the wall clock or independently of it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves after `ms`, or at once when the signal aborts; it never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted || ms <= 0) return resolve()
      const finish = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', finish)
        resolve()
      }
      const timer = setTimeout(finish, ms)
      signal?.addEventListener('abort', finish, { once: true })
    }),
}

/** The same clock with an adjustable error: the time that a platform reports (`clockSkewMs`). */
export function skewed(clock: Clock, offsetMs: () => number): Clock {
  return { now: () => clock.now() + offsetMs(), sleep: (ms, signal) => clock.sleep(ms, signal) }
}
