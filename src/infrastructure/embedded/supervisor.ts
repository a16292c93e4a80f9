import { setTimeout as sleep } from 'node:timers/promises'

/** A server that answers. */
export interface RunningServer {
  url: string
  /** Resolves with how it ended. */
  ended: Promise<string>
  stop: () => Promise<void>
}

const FIRST_PAUSE_MS = 100
const MAX_PAUSE_MS = 30_000
const STEADY_MS = 60_000

/**
 * Keeps one server alive: started again when it ends on its own, ever more slowly while it keeps ending. Its address
 * stays the same.
 */
export class Supervisor {
  private current: RunningServer | null = null
  private readonly stopping = new AbortController()
  private watch: Promise<void> = Promise.resolve()

  constructor(
    private readonly name: string,
    private readonly start: (url: string | null) => Promise<RunningServer>,
    private readonly log: (line: string) => void,
  ) {}

  /** Resolves with the address: the one given, or a free one. Throws when the first start fails. */
  async begin(url: string | null): Promise<string> {
    const server = await this.start(url)
    this.current = server
    this.watch = this.keepAlive(server)
    return server.url
  }

  async end(): Promise<void> {
    this.stopping.abort()
    await this.current?.stop()
    await this.watch
  }

  private async keepAlive(first: RunningServer): Promise<void> {
    const { url } = first
    let pause = FIRST_PAUSE_MS
    let since = Date.now()
    let how = await first.ended
    while (!this.stopping.signal.aborted) {
      if (Date.now() - since > STEADY_MS) pause = FIRST_PAUSE_MS
      this.log(`${this.name} ended (${how}); starting it again in ${pause} ms`)
      await sleep(pause, undefined, { signal: this.stopping.signal }).catch(() => {})
      pause = Math.min(pause * 2, MAX_PAUSE_MS)
      since = Date.now()
      how = await this.again(url)
    }
  }

  /** One more life; resolves with how it ended. */
  private async again(url: string): Promise<string> {
    if (this.stopping.signal.aborted) return 'stopped'
    try {
      const server = await this.start(url)
      this.current = server
      if (this.stopping.signal.aborted) await server.stop()
      else this.log(`${this.name} is running again`)
      return await server.ended
    } catch (error) {
      return String(error)
    }
  }
}
