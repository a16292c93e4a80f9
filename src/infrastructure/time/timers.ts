/** Waiting. Code that waits injects this port, so that it can run on virtual time. */
export abstract class Timers {
  /** Resolves after `ms` (0 or less: in the next turn). Rejects with the reason of `signal` if that aborts first. */
  abstract sleep(ms: number, signal?: AbortSignal): Promise<void>

  /** Runs `work` after `ms`, unless it is cancelled before, or the process ends. Returns the function that cancels it. */
  abstract after(ms: number, work: () => void): () => void
}
