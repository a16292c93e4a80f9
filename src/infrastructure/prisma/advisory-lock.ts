import { createHash } from 'node:crypto'
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common'
import pg from 'pg'
import { Config } from '../config/config.js'

const MOST_LOCKS = 30

/**
 * Session locks in PostgreSQL: "only one process does this now". A lock dies with its connection, so that a killed
 * process blocks nobody. It fences nothing that was already sent elsewhere.
 */
@Injectable()
export class AdvisoryLock implements OnApplicationShutdown {
  private readonly logger = new Logger(AdvisoryLock.name)
  private readonly pool: pg.Pool

  constructor(config: Config) {
    if (!config.databaseUrl) throw new Error('The address of PostgreSQL is not known yet')
    this.pool = new pg.Pool({
      connectionString: config.databaseUrl,
      max: MOST_LOCKS,
      application_name: 'trafficpolice-locks',
      connectionTimeoutMillis: 3_000,
    })
    this.pool.on('error', (error) => this.logger.warn(`A lock connection was lost: ${error.message}`))
  }

  /**
   * Runs `work` while holding the lock `name`; null at once when somebody else holds it. Long work heeds `lost`: from
   * then on somebody else may hold it.
   */
  async tryWith<T>(name: string, work: (lost: AbortSignal) => Promise<T>): Promise<T | null> {
    const key = createHash('sha256').update(name).digest().readBigInt64BE(0).toString()
    const client = await this.pool.connect()
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
      try {
        return await work(lost.signal)
      } finally {
        // A connection that cannot say goodbye is dropped, and the lock with it.
        await client.query('SELECT pg_advisory_unlock($1)', [key]).catch((error: Error) => {
          broken = error
        })
      }
    } finally {
      client.off('error', onLost)
      client.release(broken)
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end()
  }
}
