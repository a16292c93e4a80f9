import { fileURLToPath } from 'node:url'
import { NestFactory } from '@nestjs/core'
import type { Abstract, DynamicModule, INestApplicationContext, Type } from '@nestjs/common'
import { Logger } from 'nestjs-pino'
import type { Config } from '../infrastructure/config/config.js'
import { applyMigrations } from '../infrastructure/prisma/migrate.js'
import { waitForDatabase } from '../infrastructure/prisma/wait-for-database.js'
import type { RedisClient } from '../infrastructure/redis/create-redis.js'
import { redisToken } from '../infrastructure/redis/redis-clients.js'
import { Timers } from '../infrastructure/time/timers.js'
import { waitAtMost } from '../infrastructure/time/with-timeout.js'
import { unreachable } from './terminal/exit.js'
import type { Servers } from './servers.js'
import { settingsFor } from './settings.js'

export type Root = (config: Config) => Promise<DynamicModule>

export const MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url))
/** A Redis that was never reachable can block a shutdown forever. */
const CLOSE_TIMEOUT_MS = 5_000

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

/** Waits for PostgreSQL; migrates it if it was started for this command. Throws CliError. */
export async function prepareDatabase({ databaseUrl, kind }: Servers, log: (line: string) => void): Promise<void> {
  try {
    await waitForDatabase(databaseUrl, kind === 'external' ? 0 : 5_000)
  } catch (error) {
    throw unreachable('DATABASE_UNREACHABLE', (error as Error).message, 'DATABASE_URL')
  }
  if (kind === 'started') await applyMigrations(databaseUrl, MIGRATIONS, log)
}
