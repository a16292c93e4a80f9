import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common'
import { Config } from '../config/config.js'
import { closeRedis, createRedis, type RedisClient } from './create-redis.js'
import type { RedisUse } from './redis-options.js'

/** The Redis connections of this process: one per use, opened on first access, closed with the application. */
@Injectable()
export class RedisClients implements OnApplicationShutdown {
  private readonly clients = new Map<RedisUse, RedisClient>()

  constructor(private readonly config: Config) {}

  get(use: RedisUse): RedisClient {
    const open = this.clients.get(use)
    if (open) return open
    if (!this.config.redisUrl) throw new Error('The Redis URL is not set')
    const client = createRedis(this.config.redisUrl, use)
    this.clients.set(use, client)
    return client
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.clients.values()].map((client) => closeRedis(client)))
  }
}

export function redisToken(use: RedisUse): string {
  return `Redis:${use}`
}

/** Injects the connection of one use as `RedisClient`. */
export function InjectRedis(use: RedisUse): ParameterDecorator & PropertyDecorator {
  return Inject(redisToken(use))
}
