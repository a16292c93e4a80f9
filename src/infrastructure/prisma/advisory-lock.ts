import { createHash } from 'node:crypto'
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common'
import pg from 'pg'
import { Config } from '../config/config.js'
import { ServiceState } from '../instances/service-state.js'
import { BOUNDED } from './bounded-client.js'

const MAX_LOCKS = 30
/** Leaders have connections of their own, so that many calls to platforms at once keep none of them out. */
const MAX_LEADERS = 4
const QUERY_TIMEOUT_MS = 5_000
/** How often the connection of a lock is tried while the work goes on. */
const PING_EVERY_MS = 5_000

/** The number under which PostgreSQL knows the lock `name`. */
export function lockNumber(name: string): string {
  return createHash('sha256').update(name).digest().readBigInt64BE(0).toString()
}

/**
 * Session locks in PostgreSQL: "only one process does this now". A lock dies with its connection, so that a killed
 * process blocks nobody. It fences nothing that was already sent elsewhere.
 */
@Injectable()
export class AdvisoryLock implements OnApplicationShutdown {
  private readonly logger = new Logger(AdvisoryLock.name)
  private readonly pool: pg.Pool
  private readonly leaders: pg.Pool

  constructor(
    config: Config,
    private readonly state: ServiceState,
  ) {
    if (!config.databaseUrl) throw new Error('The address of PostgreSQL is not known yet')
    this.pool = this.open(config.databaseUrl, MAX_LOCKS)
    this.leaders = this.open(config.databaseUrl, MAX_LEADERS)
  }

  /**
   * Runs `work` while holding the lock `name`; null at once when another process holds it, or when this one is out of
   * service. Long work heeds `lost`: from then on another process may hold it.
   */
  async tryWith<T>(name: string, work: (lost: AbortSignal) => Promise<T>): Promise<T | null> {
    return this.hold(this.pool, name, work)
  }

  /** As `tryWith`, for the few locks of leaders: never waits for a connection behind others' work. */
  async tryLead<T>(name: string, work: (lost: AbortSignal) => Promise<T>): Promise<T | null> {
    return this.hold(this.leaders, name, work)
  }

  private async hold<T>(pool: pg.Pool, name: string, work: (lost: AbortSignal) => Promise<T>): Promise<T | null> {
    if (this.state.outOfService) return null
    const key = lockNumber(name)
    const client = await pool.connect()
    const lost = new AbortController()
    let broken: Error | undefined
    const onLost = (error: Error) => {
      broken = error
      lost.abort(error)
    }
    // While it is lent, the pool does not listen, and an error that nobody hears ends the process.
    client.on('error', onLost)
    try {
      const { rows } = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [key])
      if (!rows[0]?.held) return null
      // A connection that died without a word is found by asking.
      const pings = setInterval(() => void client.query('SELECT 1').catch(onLost), PING_EVERY_MS)
      try {
        return await work(lost.signal)
      } finally {
        clearInterval(pings)
        // A connection that cannot say goodbye is dropped, and the lock with it.
        if (!broken) await client.query('SELECT pg_advisory_unlock($1)', [key]).catch(onLost)
      }
    } finally {
      client.off('error', onLost)
      client.release(broken)
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.pool.end(), this.leaders.end()])
  }

  private open(connectionString: string, max: number): pg.Pool {
    const limits = { ...BOUNDED, query_timeout: QUERY_TIMEOUT_MS, statement_timeout: QUERY_TIMEOUT_MS }
    const pool = new pg.Pool({ ...limits, connectionString, max, application_name: 'trafficpolice-locks' })
    pool.on('error', (error) => this.logger.warn(`A lock connection was lost: ${error.message}`))
    return pool
  }
}
