import type { Duplex } from 'node:stream'
import pg from 'pg'

/** One second longer than the server's statement timeout: after that the connection is dead, not the statement slow. */
const QUERY_TIMEOUT_MS = 15_000
const STATEMENT_TIMEOUT_MS = 14_000
const READ_TIMEOUT = 'Query read timeout'

/**
 * A client that destroys its connection when the server does not respond in time: a vanished host, or a firewall that
 * drops packets, does not close it. The pool replaces the client.
 */
class BoundedClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config)
    // An unhandled error event ends the process; the caller learns of the error from its query. Pools and users of the
    // client listen too, but not between connect and checkout, when a stopping server may already send an error.
    this.on('error', () => undefined)
    const query = this.query.bind(this) as (...args: unknown[]) => unknown
    const bounded = (...args: unknown[]) => {
      const result = query(...args)
      if (result instanceof Promise) result.catch((error: unknown) => this.destroyOnTimeout(error))
      return result
    }
    this.query = bounded as typeof this.query
  }

  private destroyOnTimeout(error: unknown): void {
    if (error instanceof Error && error.message === READ_TIMEOUT) streamOf(this)?.destroy()
  }
}

/** Without destroying the stream, the query would block the connection for all later ones. */
function streamOf(client: object): Duplex | undefined {
  return (client as { connection?: { stream?: Duplex } }).connection?.stream
}

/** Options of all pools: no query waits for PostgreSQL longer than 15 s. */
export const BOUNDED = {
  Client: BoundedClient,
  connectionTimeoutMillis: 5_000,
  query_timeout: QUERY_TIMEOUT_MS,
  statement_timeout: STATEMENT_TIMEOUT_MS,
  keepAlive: true,
  keepAliveInitialDelayMillis: 5_000,
} satisfies pg.PoolConfig
