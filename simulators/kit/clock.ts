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

/** Runs `work` with a signal that aborts after `ms`, or when `stop` does. */
export async function withTimeout<T>(
  { clock, ms, stop }: { clock: Clock; ms: number; stop: AbortSignal | undefined },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ended = new AbortController()
  const done = new AbortController()
  const end = () => {
    if (!done.signal.aborted) ended.abort()
  }
  if (stop?.aborted) end()
  stop?.addEventListener('abort', end, { once: true })
  void clock.sleep(ms, done.signal).then(end)
  try {
    return await work(ended.signal)
  } finally {
    // An error as the reason, which is the default, costs more than many of these works.
    done.abort('done')
    stop?.removeEventListener('abort', end)
  }
}
