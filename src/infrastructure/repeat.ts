import type { Timers } from './time/timers.js'

export interface Repeating {
  /** Starts the next run now; if one is in progress, another follows immediately. */
  wake(): void
  /** Starts no further run; waits for the one in progress. */
  stop(): Promise<void>
}

/** Repeats `work` with a pause of `pauseMs` between runs. Runs never overlap; a rejected run does not end the loop. */
export function repeatEvery(
  timers: Timers,
  pauseMs: number,
  work: () => Promise<void>,
  onError: (error: unknown) => void,
): Repeating {
  let stopped = false
  let runAgain = false
  let endPause: () => void = () => undefined
  const pause = () =>
    new Promise<void>((resolve) => {
      const cancel = timers.after(pauseMs, resolve)
      endPause = () => {
        cancel()
        resolve()
      }
    })
  const loop = (async () => {
    while (!stopped) {
      runAgain = false
      await work().catch(onError)
      if (!stopped && !runAgain) await pause()
    }
  })()
  return {
    wake: () => {
      runAgain = true
      endPause()
    },
    stop: async () => {
      stopped = true
      endPause()
      await loop
    },
  }
}
