import { EventEmitter } from 'node:events'
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { attachConnection, type Connection } from './connection.js'

export interface InProcessRequest {
  method: string
  /** Absolute, or a path. */
  url: string
  headers: Record<string, string>
  body?: string | undefined
  /** Aborts when the caller gives up. */
  signal?: AbortSignal | undefined
}

export interface InProcessResponse {
  status: number
  /** Lower-case names. */
  headers: Record<string, string>
  body: Buffer
}

/**
 * Resolves with null when the connection ended without a response: it was reset, or the caller gave up. A simulator that
 * stays silent resolves only then.
 */
export type Handle = (request: InProcessRequest) => Promise<InProcessResponse | null>

/** The connection of a request that came without a socket. */
class InProcessConnection extends EventEmitter implements Connection {
  destroyed = false
  readonly closed = new Promise<null>((resolve) => this.once('close', () => resolve(null)))

  readonly destroy = (): void => {
    if (this.destroyed) return
    this.destroyed = true
    this.emit('close')
  }

  /** The caller cannot know how the connection ended. */
  readonly resetAndDestroy = this.destroy
}

/** Requests that reach an app without a socket: no turn of the event loop passes, no timer of Node runs. */
export class InProcessServer {
  private readonly open = new Map<string, InProcessConnection>()
  private accepted = 0

  /** Before the app is ready. */
  constructor(private readonly app: FastifyInstance) {
    app.addHook('onRequest', (request, _reply, done) => {
      // As over the network, a connection is known by the address of its other end.
      const connection = this.open.get(request.ip)
      if (connection) attachConnection(request.raw, connection)
      done()
    })
  }

  readonly handle: Handle = async ({ method, url, headers, body, signal }) => {
    if (signal?.aborted) return null
    const connection = new InProcessConnection()
    const remoteAddress = `in-process:${(this.accepted += 1)}`
    this.open.set(remoteAddress, connection)
    signal?.addEventListener('abort', connection.destroy, { once: true })
    try {
      return await Promise.race([this.inject({ method, url, headers, body }, remoteAddress), connection.closed])
    } finally {
      signal?.removeEventListener('abort', connection.destroy)
      this.open.delete(remoteAddress)
      connection.destroy()
    }
  }

  /** Ends the requests in progress. */
  close(): void {
    for (const connection of this.open.values()) connection.destroy()
  }

  private async inject(
    { method, url, headers, body }: Omit<InProcessRequest, 'signal'>,
    remoteAddress: string,
  ): Promise<InProcessResponse> {
    const { host } = new URL(url, 'http://localhost')
    const response = await this.app.inject({
      method: method as 'GET',
      url,
      authority: host,
      remoteAddress,
      headers: body === undefined ? headers : { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      // A stream is read at once; any other body in the next turn of the event loop.
      payload: Readable.from(body === undefined ? [] : [Buffer.from(body)]),
    })
    const received = Object.entries(response.headers).map(([name, value]) => [name, String(value)])
    return {
      status: response.statusCode,
      headers: Object.fromEntries(received) as Record<string, string>,
      body: response.rawPayload,
    }
  }
}
