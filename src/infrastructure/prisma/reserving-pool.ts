import { callbackify } from 'node:util'
import pg from 'pg'
import { workClass } from '../work-class.js'

interface Share {
  /** Connections that this work may use at once. */
  connections: number
  /** How much of it may wait for one. */
  waiting: number
}

export interface Shares {
  /** Work for everybody who is neither staff nor a platform. */
  public: Share
  /** The service's own work. Staff, deliveries and health checks may use all connections. */
  own: Share
}

type Callback = (error: Error | undefined, client: pg.PoolClient | undefined, done: (release?: unknown) => void) => void

/**
 * A pool that keeps connections for those who must not wait for others: however many customers call, staff can act and
 * deliveries are stored. Waiting for a share ends after `connectionTimeoutMillis`, with the error of a full pool.
 */
export class ReservingPool extends pg.Pool {
  private readonly public: Gate
  private readonly own: Gate

  constructor(config: pg.PoolConfig & { connectionTimeoutMillis: number }, shares: Shares) {
    super(config)
    this.public = new Gate(shares.public, config.connectionTimeoutMillis)
    this.own = new Gate(shares.own, config.connectionTimeoutMillis)
  }

  override connect(): Promise<pg.PoolClient>
  override connect(callback: Callback): void
  override connect(callback?: Callback): Promise<pg.PoolClient> | void {
    const gate = this.gateOfWork()
    const connected = gate === null ? super.connect() : this.connectWithin(gate)
    if (!callback) return connected
    const release = (client: pg.PoolClient) => (reason?: unknown) =>
      client.release(reason as Error | boolean | undefined)
    callbackify(() => connected)((error, client) => {
      if (error) callback(error, undefined, () => undefined)
      else callback(undefined, client, release(client))
    })
  }

  private gateOfWork(): Gate | null {
    switch (workClass()) {
      case undefined:
        return this.own
      case 'PUBLIC':
        return this.public
      case 'STAFF':
      case 'DELIVERY':
      case 'HEALTH':
        return null
    }
  }

  private async connectWithin(gate: Gate): Promise<pg.PoolClient> {
    const leave = await gate.enter()
    try {
      const client = await super.connect()
      const release = client.release.bind(client)
      // The pool sets `release` at each checkout.
      client.release = (error) => {
        leave()
        release(error)
      }
      return client
    } catch (error) {
      leave()
      throw error
    }
  }
}

/** Admits a limited number at once; the others wait in order. */
class Gate {
  private inside = 0
  private readonly queue = new Set<() => void>()

  constructor(
    private readonly share: Share,
    private readonly timeoutMs: number,
  ) {}

  /** Returns the function that leaves; calling it again has no effect. */
  async enter(): Promise<() => void> {
    if (this.inside < this.share.connections) this.inside += 1
    else await this.wait()
    let left = false
    return () => {
      if (left) return
      left = true
      const [next] = this.queue
      if (next) next()
      else this.inside -= 1
    }
  }

  /** Resolves when the place of another is passed on. */
  private wait(): Promise<void> {
    // The message of pg's own pool, by which callers recognize that the database is busy.
    const busy = () => new Error('timeout exceeded when trying to connect')
    if (this.queue.size >= this.share.waiting) return Promise.reject(busy())
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.queue.delete(enter)
        reject(busy())
      }, this.timeoutMs)
      const enter = () => {
        clearTimeout(timer)
        this.queue.delete(enter)
        resolve()
      }
      this.queue.add(enter)
    })
  }
}
