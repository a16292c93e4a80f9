import type { ServerResponse } from 'node:http'
import { Unavailable } from '../domain/errors.js'

export type StreamEventName = 'stock' | 'order' | 'alert' | 'mode' | 'rebalance'

export interface StreamMessage {
  name: StreamEventName
  /** JSON */
  data: string
}

const MAX_STREAMS = 1_000
const MAX_PER_USER = 20
/** A client with a larger backlog is gone or too slow: it is disconnected, reconnects and reads the state again. */
const MAX_UNREAD_BYTES = 256 * 1024
const RECONNECT_MS = 2_000
const HEARTBEAT = Buffer.from(': beat\n\n')

interface Client {
  userId: string
  response: ServerResponse
}

/**
 * Open event streams of this process: a bounded number, each with a bounded backlog. Not better-sse, which writes to slow
 * clients without a limit.
 */
export class StreamClients {
  private readonly clients = new Set<Client>()

  get count(): number {
    return this.clients.size
  }

  /** Throws Unavailable when there are too many. */
  mustHaveRoom(userId: string): void {
    const own = [...this.clients].filter((client) => client.userId === userId).length
    if (this.clients.size >= MAX_STREAMS || own >= MAX_PER_USER) {
      throw new Unavailable('Too many event streams are open.', { retryAfterSeconds: 30 })
    }
  }

  /** Returns a function that ends the stream. */
  add(userId: string, response: ServerResponse, first: StreamMessage | null): () => void {
    const client = { userId, response }
    this.clients.add(client)
    response.once('close', () => this.clients.delete(client))
    response.write(`retry: ${RECONNECT_MS}\n\n${first ? textOf(first) : ''}`)
    return () => response.end()
  }

  send(messages: readonly StreamMessage[]): void {
    if (messages.length === 0) return
    // One copy, however many clients have not read it yet.
    const bytes = Buffer.from(messages.map(textOf).join(''))
    for (const { response } of this.clients) write(response, bytes)
  }

  /** Keeps idle streams from being mistaken for dead connections. */
  sendHeartbeat(): void {
    for (const { response } of this.clients) write(response, HEARTBEAT)
  }

  endAll(): void {
    for (const { response } of this.clients) response.end()
  }
}

function write(response: ServerResponse, bytes: Buffer): void {
  if (response.writableEnded) return
  if (response.writableLength > MAX_UNREAD_BYTES) response.destroy()
  else response.write(bytes)
}

function textOf({ name, data }: StreamMessage): string {
  return `event: ${name}\ndata: ${data}\n\n`
}
