import { setTimeout as sleep } from 'node:timers/promises'

export interface StreamEvent {
  name: string
  data: Record<string, unknown>
}

/** A client of the server-sent event stream. */
export class StreamReader {
  private readonly events: StreamEvent[] = []
  private readonly abort: AbortController
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>

  private constructor(body: ReadableStream<Uint8Array>, abort: AbortController) {
    this.abort = abort
    this.ended = this.read(body).catch((error: unknown) => {
      if (!abort.signal.aborted) throw error
    })
  }

  static async open(url: string, headers: Record<string, string>): Promise<StreamReader> {
    const abort = new AbortController()
    const response = await fetch(`${url}/api/v1/stream`, { headers, signal: abort.signal })
    if (response.status !== 200 || !response.body) throw new Error(`the stream returned ${response.status}`)
    return new StreamReader(response.body, abort)
  }

  /** Returns the next event of this name that matches and keeps the others. */
  async next(name: string, matches: (data: StreamEvent['data']) => boolean = () => true): Promise<StreamEvent> {
    for (let attempt = 0; attempt < 500; attempt++) {
      const index = this.events.findIndex((event) => event.name === name && matches(event.data))
      const found = this.events[index]
      if (found) {
        this.events.splice(index, 1)
        return found
      }
      await sleep(20)
    }
    throw new Error(`no matching event "${name}"; received: ${this.events.map((event) => event.name).join(', ')}`)
  }

  close(): void {
    this.abort.abort()
  }

  private async read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder()
    let text = ''
    for await (const chunk of body) {
      text += decoder.decode(chunk, { stream: true })
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) this.parse(block)
    }
  }

  private parse(block: string): void {
    const name = /^event: (.+)$/m.exec(block)?.[1]
    const data = /^data: (.+)$/m.exec(block)?.[1]
    if (name && data) this.events.push({ name, data: JSON.parse(data) as StreamEvent['data'] })
  }
}
