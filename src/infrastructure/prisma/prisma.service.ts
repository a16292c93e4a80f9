import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../generated/prisma/client.js'
import { Config } from '../config/config.js'
import { BOUNDED } from './bounded-client.js'
import { statementName } from './prepared-statements.js'
import { ReservingPool } from './reserving-pool.js'

const POOL_SIZE = 20
/** Of the 20, callers who are neither staff nor a platform use 12 at most, and all but staff and platforms 17. */
const SHARES = { public: { connections: 12, waiting: 500 }, own: { connections: 17, waiting: 5_000 } }

/**
 * The Prisma client. Connects with the first query, so that a process can start while PostgreSQL is unavailable.
 * Timeouts: 14 s per statement, 5 s for a lock, 15 s for a server that does not respond.
 */
@Injectable()
export class PrismaService extends PrismaClient implements OnApplicationShutdown {
  constructor(config: Config) {
    if (!config.databaseUrl) throw new Error('The PostgreSQL URL is not set')
    const logger = new Logger('PostgreSQL')
    const warn = (error: Error) => logger.warn(`A connection was lost: ${error.message}`)
    const options = {
      ...BOUNDED,
      connectionString: config.databaseUrl,
      max: POOL_SIZE,
      application_name: 'trafficpolice',
      idleTimeoutMillis: 60_000,
      lock_timeout: 5000,
      idle_in_transaction_session_timeout: 30_000,
    }
    const events = { onPoolError: warn, onConnectionError: warn, disposeExternalPool: true }
    const adapter = new PrismaPg(new ReservingPool(options, SHARES), {
      ...events,
      statementNameGenerator: statementName,
    })
    super({ errorFormat: 'minimal', adapter })
  }

  async onApplicationShutdown(): Promise<void> {
    await this.$disconnect()
  }
}
