import type { Duplex } from 'node:stream'
import pg from 'pg'

/** Ours, a second after the server's own: by then it is the connection that is dead, and not the statement slow. */
const QUERY_TIMEOUT_MS = 15_000
const STATEMENT_TIMEOUT_MS = 14_000
const READ_TIMEOUT = 'Query read timeout'

/**
 * A connection that is given up when the server does not answer in time: a host that vanished, or a firewall that
 * drops packets, closes nothing. The pool replaces it.
 */
class BoundedClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config)
    // One that nobody hears ends the process; whoever uses the connection is told by what becomes of its query. Pools
    // and borrowers listen too, but not between the two: a server that stops may say so in the same breath as its
    // greeting.
    this.on('error', () => undefined)
    const query = this.query.bind(this) as (...args: unknown[]) => unknown
    const bounded = (...args: unknown[]) => {
      const result = query(...args)
      if (result instanceof Promise) result.catch((error: unknown) => this.giveUpOn(error))
      return result
    }
    this.query = bounded as typeof this.query
  }

  private giveUpOn(error: unknown): void {
    if (error instanceof Error && error.message === READ_TIMEOUT) streamOf(this)?.destroy()
  }
}

/** Waiting for its answer, a query would occupy the connection for all that follow. */
function streamOf(client: object): Duplex | undefined {
  return (client as { connection?: { stream?: Duplex } }).connection?.stream
}

/** What all pools have in common: nothing waits for PostgreSQL longer than 15 s. */
export const BOUNDED: pg.PoolConfig = {
  Client: BoundedClient,
  connectionTimeoutMillis: 5_000,
  query_timeout: QUERY_TIMEOUT_MS,
  statement_timeout: STATEMENT_TIMEOUT_MS,
  keepAlive: true,
  keepAliveInitialDelayMillis: 5_000,
}
