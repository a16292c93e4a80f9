import { setTimeout as sleep } from 'node:timers/promises'

/** A server that responds. */
export interface RunningServer {
  url: string
  /** Resolves with the error, signal or exit code of its end. */
  ended: Promise<string>
  stop: () => Promise<void>
}

const MIN_PAUSE_MS = 100
const MAX_PAUSE_MS = 30_000
const STEADY_MS = 60_000

/**
 * Keeps one server alive: restarts it when it ends unexpectedly, with exponential backoff. Its address does not change.
 */
export class Supervisor {
  private current: RunningServer | null = null
  private readonly stopping = new AbortController()
  private supervision: Promise<void> = Promise.resolve()

  constructor(
    private readonly name: string,
    private readonly startServer: (url: string | null) => Promise<RunningServer>,
    private readonly log: (line: string) => void,
  ) {}

  /** Resolves with the URL: the given one, or one with a free port. Throws when the first start fails. */
  async start(url: string | null): Promise<string> {
    const server = await this.startServer(url)
    this.current = server
    this.supervision = this.keepAlive(server)
    return server.url
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    await this.current?.stop()
    await this.supervision
  }

  private async keepAlive(first: RunningServer): Promise<void> {
    const { url } = first
    let pauseMs = MIN_PAUSE_MS
    let startedAt = Date.now()
    let outcome = await first.ended
    while (!this.stopping.signal.aborted) {
      if (Date.now() - startedAt > STEADY_MS) pauseMs = MIN_PAUSE_MS
      this.log(`${this.name} ended (${outcome}); restarting it in ${pauseMs} ms`)
      await sleep(pauseMs, undefined, { signal: this.stopping.signal }).catch(() => {})
      pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)
      startedAt = Date.now()
      outcome = await this.restart(url)
    }
  }

  /** Starts the server again; resolves with the reason of its end. */
  private async restart(url: string): Promise<string> {
    if (this.stopping.signal.aborted) return 'stopped'
    try {
      const server = await this.startServer(url)
      this.current = server
      if (this.stopping.signal.aborted) await server.stop()
      else this.log(`${this.name} is running again`)
      return await server.ended
    } catch (error) {
      return String(error)
    }
  }
}
