import fastify, { type FastifyInstance } from 'fastify'
import type { AddressInfo } from 'node:net'

/** A server for one simulator. Accepts JSON and forms; closing it does not wait for clients. */
export function createApp(): FastifyInstance {
  const app = fastify({ forceCloseConnections: true, bodyLimit: 1_048_576 })
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, Object.fromEntries(new URLSearchParams(body.toString())))
  })
  return app
}

export interface RunningServer {
  /** Without a trailing slash. */
  url: string
  port: number
  /** Ends immediately: open connections are closed. */
  close(): Promise<void>
}

/** Port 0: a free one. */
export async function startServer(
  app: FastifyInstance,
  { host = '127.0.0.1', port = 0 }: { host?: string; port?: number } = {},
): Promise<RunningServer> {
  await app.listen({ host, port })
  const address = app.server.address() as AddressInfo
  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    port: address.port,
    close: async () => {
      app.server.closeAllConnections()
      await app.close()
    },
  }
}
