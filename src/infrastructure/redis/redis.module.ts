import { Global, Module, type FactoryProvider } from '@nestjs/common'
import { waitUntilReady, type RedisClient } from './create-redis.js'
import { RedisClients, redisToken } from './redis-clients.js'
import type { RedisUse } from './redis-options.js'

// Not the worker connection: it is opened only where `RedisClients.get('worker')` is called.
const INJECTED: readonly RedisUse[] = ['gate', 'limiter', 'queue', 'health']

const providers: FactoryProvider<RedisClient>[] = INJECTED.map((use) => ({
  provide: redisToken(use),
  inject: [RedisClients],
  useFactory: async (clients: RedisClients) => waitUntilReady(clients.get(use)),
}))

@Global()
@Module({ providers: [RedisClients, ...providers], exports: [RedisClients, ...INJECTED.map(redisToken)] })
export class RedisModule {}
