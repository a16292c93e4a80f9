import { fileURLToPath } from 'node:url'
import { NestFactory } from '@nestjs/core'
import type { Abstract, DynamicModule, INestApplicationContext, Type } from '@nestjs/common'
import { Logger } from 'nestjs-pino'
import type { Config } from '../infrastructure/config/config.js'
import { applyMigrations, pendingMigrations } from '../infrastructure/prisma/migrate.js'
import { waitForDatabase } from '../infrastructure/prisma/wait-for-database.js'
import type { RedisClient } from '../infrastructure/redis/create-redis.js'
import { redisToken } from '../infrastructure/redis/redis-clients.js'
import { Timers } from '../infrastructure/time/timers.js'
import { waitAtMost } from '../infrastructure/time/with-timeout.js'
import { databaseCreated, unreachable } from './terminal/exit.js'
import type { Servers } from './servers.js'
import { settingsFor } from './settings.js'

export type Root = (config: Config) => Promise<DynamicModule>

export const MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url))
/** A Redis that was never reachable can block a shutdown forever. */
const CLOSE_TIMEOUT_MS = 5_000
/** PostgreSQL: there is no database of this name. */
const DATABASE_MISSING = '3D000'

/** The application context of the service, without its background work, on the servers of this installation. */
export class CliContext {
  private constructor(
    readonly config: Config,
    readonly servers: Servers,
    private readonly app: INestApplicationContext,
  ) {}

  static async open(root: Root, configured: Config, servers: Servers): Promise<CliContext> {
    const config = settingsFor(configured, servers)
    const app = await NestFactory.createApplicationContext(await root(config), { logger: false, abortOnError: false })
    app.useLogger(app.get(Logger))
    return new CliContext(config, servers, app)
  }

  get<T>(token: Type<T> | Abstract<T> | string): T {
    return this.app.get<T>(token, { strict: false })
  }

  /** Throws CliError when Redis is unreachable. */
  async requireRedis(): Promise<void> {
    try {
      await this.get<RedisClient>(redisToken('health')).ping()
    } catch (error) {
      throw unreachable('REDIS_UNREACHABLE', `Redis is unreachable: ${(error as Error).message}`, 'REDIS_URL')
    }
  }

  async close(): Promise<void> {
    await waitAtMost(CLOSE_TIMEOUT_MS, () => this.app.close(), this.get(Timers))
  }
}

/**
 * Waits for PostgreSQL; migrates it if it was started for this command. Throws CliError, also for a database that was
 * created for this command: with nothing in it the result would be that of another installation.
 */
export async function prepareDatabase({ databaseUrl, kind }: Servers, log: (line: string) => void): Promise<void> {
  try {
    await waitForDatabase(databaseUrl, kind === 'external' ? 0 : 5_000)
  } catch (error) {
    throw unreachable('DATABASE_UNREACHABLE', (error as Error).message, 'DATABASE_URL')
  }
  if (kind !== 'started') return
  if (await isNew(databaseUrl)) throw databaseCreated()
  await applyMigrations(databaseUrl, MIGRATIONS, log)
}

async function isNew(databaseUrl: string): Promise<boolean> {
  const missing = (error: unknown) => (error as { code?: string }).code === DATABASE_MISSING
  return pendingMigrations(databaseUrl, MIGRATIONS).then(
    ({ fresh }) => fresh,
    (error: unknown) => (missing(error) ? true : Promise.reject(error)),
  )
}
