/** Named locks, granted in the order of the requests. */
export class FairLocks {
  /** Held locks with those who wait for them. */
  private readonly held = new Map<string, (() => void)[]>()

  /** Resolves with the function that unlocks `key`; rejects with the reason of `signal` if it aborts first. */
  async lock(key: string, signal: AbortSignal): Promise<() => void> {
    const waiting = this.held.get(key)
    if (waiting) {
      await new Promise<void>((resolve, reject) => {
        waiting.push(resolve)
        signal.addEventListener('abort', () => {
          const index = waiting.indexOf(resolve)
          if (index < 0) return
          waiting.splice(index, 1)
          reject(signal.reason as Error)
        })
      })
    } else this.held.set(key, [])
    return () => this.release(key)
  }

  /** Null: the lock is held. */
  tryLock(key: string): (() => void) | null {
    if (this.held.has(key)) return null
    this.held.set(key, [])
    return () => this.release(key)
  }

  /** Passes the lock to the one that has waited longest. */
  private release(key: string): void {
    const next = this.held.get(key)?.shift()
    if (next) next()
    else this.held.delete(key)
  }
}
