import fastify, { type FastifyInstance } from 'fastify'
import type { AddressInfo } from 'node:net'
import type { Clock } from './clock.js'
import { InProcessServer, type Handle } from './in-process.js'
import type { PostWebhook } from './webhooks/post.js'

/** For a simulator without sockets: only `handle` reaches it, and it has no control routes, since its control is in reach. */
export interface InProcess {
  /** Begins its URLs, without a trailing slash, e.g. `http://luma.simulated`. */
  origin: string
  /** Receives its webhooks. */
  post: PostWebhook
}

export interface ServerOptions {
  host?: string
  /** 0 or omitted: a free one. */
  port?: number
  inProcess?: InProcess
}

/** A server for one simulator, whose responses have the time of `clock`. Accepts JSON and forms; closing it does not wait for clients. */
export function createApp(clock: Clock): FastifyInstance {
  const app = fastify({ forceCloseConnections: true, bodyLimit: 1_048_576 })
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, Object.fromEntries(new URLSearchParams(body.toString())))
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (!reply.hasHeader('date')) reply.header('date', new Date(clock.now()).toUTCString())
    done(null, payload)
  })
  return app
}

export interface RunningServer {
  /** Without a trailing slash. */
  url: string
  /** Performs a request without a socket. */
  handle: Handle
  /** Ends immediately: open connections are closed. */
  close(): Promise<void>
}

/** Listens on a port, or opens none for a simulator in process. */
export async function startServer(
  app: FastifyInstance,
  { host = '127.0.0.1', port = 0, inProcess }: ServerOptions = {},
): Promise<RunningServer> {
  const local = new InProcessServer(app)
  const close = async () => {
    local.close()
    app.server.closeAllConnections()
    await app.close()
  }
  if (inProcess) {
    await app.ready()
    return { url: inProcess.origin, handle: local.handle, close }
  }
  await app.listen({ host, port })
  const address = app.server.address() as AddressInfo
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return { url: `http://${name}:${address.port}`, handle: local.handle, close }
}
