import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common'
import pg from 'pg'
import { Config } from '../config/config.js'
import { ServiceState } from '../instances/service-state.js'
import { BOUNDED } from '../prisma/bounded-client.js'
import { SystemTimers } from '../time/system-time.js'
import { waitAtMost } from '../time/with-timeout.js'
import { lockNumber } from './lock-number.js'
import { Locks } from './locks.js'

const MAX_LOCKS = 30
/** Leaders have separate connections, so that many concurrent platform calls cannot block them. */
const MAX_LEADERS = 4
const QUERY_TIMEOUT_MS = 5_000
/** How often the connection of a lock is checked while the work is in progress. */
const PING_INTERVAL_MS = 5_000
const END_TIMEOUT_MS = 1_000
const TIMERS = new SystemTimers()

/** PostgreSQL session locks: a lock ends with its connection, so that a killed process does not block others. */
@Injectable()
export class AdvisoryLocks extends Locks implements OnApplicationShutdown {
  private readonly logger = new Logger(AdvisoryLocks.name)
  private readonly pool: pg.Pool
  private readonly leaders: pg.Pool

  constructor(
    config: Config,
    private readonly state: ServiceState,
  ) {
    super()
    if (!config.databaseUrl) throw new Error('The PostgreSQL URL is not set')
    this.pool = this.open(config.databaseUrl, MAX_LOCKS)
    this.leaders = this.open(config.databaseUrl, MAX_LEADERS)
  }

  override tryWith<T>(name: string, work: (lost: AbortSignal) => Promise<T>): Promise<T | null> {
    return this.withLock(this.pool, name, work)
  }

  override tryLead<T>(name: string, work: (lost: AbortSignal) => Promise<T>): Promise<T | null> {
    return this.withLock(this.leaders, name, work)
  }

  private async withLock<T>(pool: pg.Pool, name: string, work: (lost: AbortSignal) => Promise<T>): Promise<T | null> {
    if (this.state.outOfService) return null
    const key = lockNumber(name)
    const client = await pool.connect()
    const lost = new AbortController()
    let broken: Error | undefined
    const onLost = (error: Error) => {
      broken = error
      lost.abort(error)
    }
    // The pool has no error listener on a checked-out client, and an unhandled error event ends the process.
    client.on('error', onLost)
    try {
      const { rows } = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [key])
      if (!rows[0]?.held) return null
      // Detects connections that died silently.
      const pings = setInterval(() => void client.query('SELECT 1').catch(onLost), PING_INTERVAL_MS)
      try {
        return await work(lost.signal)
      } finally {
        clearInterval(pings)
        // If unlocking fails, the connection is dropped, and the lock with it.
        if (!broken) await client.query('SELECT pg_advisory_unlock($1)', [key]).catch(onLost)
      }
    } finally {
      client.off('error', onLost)
      client.release(broken)
    }
  }

  /**
   * Work that was not aborted by now keeps its lock, so that no other process does it at the same time. The shutdown does
   * not wait for it: its connection ends with it, or with the process.
   */
  async onApplicationShutdown(): Promise<void> {
    await waitAtMost(END_TIMEOUT_MS, () => Promise.all([this.pool.end(), this.leaders.end()]), TIMERS)
  }

  private open(connectionString: string, max: number): pg.Pool {
    const limits = { ...BOUNDED, query_timeout: QUERY_TIMEOUT_MS, statement_timeout: QUERY_TIMEOUT_MS }
    const pool = new pg.Pool({ ...limits, connectionString, max, application_name: 'trafficpolice-locks' })
    pool.on('error', (error) => this.logger.warn(`A lock connection was lost: ${error.message}`))
    return pool
  }
}
