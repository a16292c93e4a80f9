import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { NestFactory } from '@nestjs/core'
import type { Abstract, DynamicModule, INestApplicationContext, Type } from '@nestjs/common'
import { Logger } from 'nestjs-pino'
import type { Config } from '../infrastructure/config/config.js'
import { applyMigrations } from '../infrastructure/prisma/migrate.js'
import { waitForDatabase } from '../infrastructure/prisma/wait-for-database.js'
import type { RedisClient } from '../infrastructure/redis/create-redis.js'
import { redisToken } from '../infrastructure/redis/redis-clients.js'
import { unreachable } from './exit.js'
import type { Servers } from './servers.js'
import { settingsFor } from './settings.js'

export type Root = (config: Config) => Promise<DynamicModule>

export const MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url))
/** A Redis that never was up can hold a shutdown back for ever. */
const CLOSE_WITHIN_MS = 5_000

/** The parts of the service, without its background work, on the servers of this installation. */
export class CliContext {
  private constructor(
    readonly config: Config,
    readonly servers: Servers,
    private readonly app: INestApplicationContext,
  ) {}

  static async open(root: Root, given: Config, servers: Servers): Promise<CliContext> {
    const config = settingsFor(given, servers)
    const app = await NestFactory.createApplicationContext(await root(config), { logger: false, abortOnError: false })
    app.useLogger(app.get(Logger))
    return new CliContext(config, servers, app)
  }

  get<T>(part: Type<T> | Abstract<T> | string): T {
    return this.app.get<T>(part, { strict: false })
  }

  /** Throws CliError when Redis does not answer. */
  async needRedis(): Promise<void> {
    try {
      await this.get<RedisClient>(redisToken('health')).ping()
    } catch (error) {
      throw unreachable('REDIS_UNREACHABLE', `Redis does not answer: ${(error as Error).message}`, 'REDIS_URL')
    }
  }

  async close(): Promise<void> {
    await Promise.race([this.app.close(), sleep(CLOSE_WITHIN_MS, undefined, { ref: false })])
  }
}

/** PostgreSQL answers, and servers started for this command have the tables of this version. Throws CliError. */
export async function prepareDatabase({ databaseUrl, kind }: Servers, say: (line: string) => void): Promise<void> {
  try {
    await waitForDatabase(databaseUrl, kind === 'external' ? 0 : 5_000)
  } catch (error) {
    throw unreachable('DATABASE_UNREACHABLE', (error as Error).message, 'DATABASE_URL')
  }
  if (kind === 'started') await applyMigrations(databaseUrl, MIGRATIONS, say)
}
