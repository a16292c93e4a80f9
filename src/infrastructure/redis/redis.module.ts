import { Global, Module, type FactoryProvider } from '@nestjs/common'
import { Clock } from '../time/clock.js'
import { waitUntilReady, type RedisClient } from './create-redis.js'
import { IoredisHealth } from './ioredis-health.js'
import { RedisClients, redisToken } from './redis-clients.js'
import { RedisHealth } from './redis-health.js'
import type { RedisUse } from './redis-options.js'

// Not the worker connection: it is opened only where `RedisClients.get('worker')` is called.
const INJECTED: readonly RedisUse[] = ['gate', 'limiter', 'queue', 'health']

const providers: FactoryProvider<RedisClient>[] = INJECTED.map((use) => ({
  provide: redisToken(use),
  inject: [RedisClients],
  useFactory: async (clients: RedisClients) => waitUntilReady(clients.get(use)),
}))

const health: FactoryProvider<RedisHealth> = {
  provide: RedisHealth,
  inject: [redisToken('health'), Clock],
  useFactory: (redis: RedisClient, clock: Clock) => new IoredisHealth(redis, clock),
}

@Global()
@Module({
  providers: [RedisClients, ...providers, health],
  exports: [RedisClients, ...INJECTED.map(redisToken), RedisHealth],
})
export class RedisModule {}
