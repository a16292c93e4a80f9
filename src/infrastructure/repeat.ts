export interface Repeating {
  /** Runs now instead of at the next turn; while a turn is at work, one more follows it. */
  hurry(): void
  /** No turn begins any more; waits for the one at work. */
  stop(): Promise<void>
}

/** Repeats `work` with a pause of `pauseMs` between turns; turns never overlap and one that throws ends nothing. */
export function repeatEvery(pauseMs: number, work: () => Promise<void>, onError: (error: unknown) => void): Repeating {
  let stopped = false
  let again = false
  let wake: () => void = () => undefined
  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pauseMs)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  const loop = (async () => {
    while (!stopped) {
      again = false
      await work().catch(onError)
      if (!stopped && !again) await pause()
    }
  })()
  return {
    hurry: () => {
      again = true
      wake()
    },
    stop: async () => {
      stopped = true
      wake()
      await loop
    },
  }
}
