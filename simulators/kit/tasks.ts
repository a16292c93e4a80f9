import { setMaxListeners } from 'node:events'

/** Work that continues after the response. Ends on its own or at `stop`; rejections are always handled. */
export class BackgroundTasks {
  private readonly running = new Set<Promise<void>>()
  private readonly stopping = new AbortController()
  /** Failures of tasks, newest last, at most 100: bugs of the simulator, reported by `drain`. */
  readonly errors: string[] = []

  constructor(private readonly limit = 20_000) {
    setMaxListeners(0, this.stopping.signal)
  }

  get pending(): number {
    return this.running.size
  }

  /** False when `limit` tasks are running, or after `stop`: the task was not started. */
  start(task: (signal: AbortSignal) => Promise<void>): boolean {
    const { signal } = this.stopping
    if (this.running.size >= this.limit || signal.aborted) return false
    const run = task(signal)
      .catch((error: unknown) => {
        this.errors.push(error instanceof Error ? error.message : String(error))
        if (this.errors.length > 100) this.errors.shift()
      })
      .finally(() => this.running.delete(run))
    this.running.add(run)
    return true
  }

  /** Resolves with the number of pending tasks: 0 unless the timeout elapsed. */
  async drain(timeoutMs: number): Promise<number> {
    const end = Date.now() + timeoutMs
    while (this.running.size > 0 && Date.now() < end) {
      let timer: NodeJS.Timeout | undefined
      const timeout = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, end - Date.now())
      })
      await Promise.race([Promise.all(this.running), timeout])
      clearTimeout(timer)
    }
    return this.running.size
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    await Promise.all(this.running)
  }
}
