import { Global, Module, type Provider } from '@nestjs/common'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import type { RedisClient } from '../infrastructure/redis/create-redis.js'
import { redisToken } from '../infrastructure/redis/redis-clients.js'
import { Clock } from '../infrastructure/time/clock.js'
import { RedisLimiter } from '../platforms/throttle/redis-limiter.js'
import { SharedLimiter } from '../platforms/throttle/shared-limiter.js'
import { StockGate } from '../stock/gate/gate.js'
import { meteredGate } from '../stock/metered.js'
import { PORTS, type Stores } from './ports.js'
import { prismaStores } from './prisma/stores.js'
import { RedisStockGate } from './redis/redis-stock-gate.js'

const IN_POSTGRES = Symbol('the stores in PostgreSQL')

const PROVIDERS: Provider[] = [
  { provide: IN_POSTGRES, inject: [PrismaService], useFactory: prismaStores },
  ...(Object.keys(PORTS) as (keyof Stores)[]).map((name) => ({
    provide: PORTS[name],
    inject: [IN_POSTGRES],
    useFactory: (stores: Stores) => stores[name],
  })),
  {
    provide: StockGate,
    inject: [redisToken('gate'), Metrics],
    useFactory: (redis: RedisClient, metrics: Metrics) => meteredGate(new RedisStockGate(redis), metrics),
  },
  {
    provide: SharedLimiter,
    inject: [redisToken('limiter'), Clock],
    useFactory: (redis: RedisClient, clock: Clock) => new RedisLimiter(redis, clock),
  },
]

/** Binds the ports of the features to PostgreSQL and Redis. */
@Global()
@Module({ providers: PROVIDERS, exports: [StockGate, SharedLimiter, ...Object.values(PORTS)] })
export class StoresModule {}
