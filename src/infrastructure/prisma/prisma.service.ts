import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../generated/prisma/client.js'
import { Config } from '../config/config.js'
import { BOUNDED } from './bounded-client.js'

const POOL_SIZE = 20

/**
 * The database. Connects with the first query, so that a process can start (and say so) while PostgreSQL is away.
 * Statements end after 14 s, waits for a lock after 5 s, waits for a server that is silent after 15 s.
 */
@Injectable()
export class PrismaService extends PrismaClient implements OnApplicationShutdown {
  constructor(config: Config) {
    if (!config.databaseUrl) throw new Error('The address of PostgreSQL is not known yet')
    const logger = new Logger('PostgreSQL')
    const warn = (error: Error) => logger.warn(`A connection was lost: ${error.message}`)
    const pool = {
      ...BOUNDED,
      connectionString: config.databaseUrl,
      max: POOL_SIZE,
      application_name: 'trafficpolice',
      idleTimeoutMillis: 60_000,
      lock_timeout: 5000,
      idle_in_transaction_session_timeout: 30_000,
    }
    super({ errorFormat: 'minimal', adapter: new PrismaPg(pool, { onPoolError: warn, onConnectionError: warn }) })
  }

  async onApplicationShutdown(): Promise<void> {
    await this.$disconnect()
  }
}
