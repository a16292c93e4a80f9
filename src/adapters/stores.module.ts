import { Global, Module, type Provider } from '@nestjs/common'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import type { RedisClient } from '../infrastructure/redis/create-redis.js'
import { redisToken } from '../infrastructure/redis/redis-clients.js'
import { Clock } from '../infrastructure/time/clock.js'
import { RedisLimiter } from '../platforms/throttle/redis-limiter.js'
import { SharedLimiter } from '../platforms/throttle/shared-limiter.js'
import { HoldTimes } from '../holds/hold-times.js'
import { StockGate } from '../stock/gate/gate.js'
import { meteredGate } from '../stock/metered.js'
import { PORTS, type Stores } from './ports.js'
import { prismaStores } from './prisma/stores.js'
import { RedisHoldTimes } from './redis/redis-hold-times.js'
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
    provide: HoldTimes,
    inject: [redisToken('gate')],
    useFactory: (redis: RedisClient) => new RedisHoldTimes(redis),
  },
  {
    provide: SharedLimiter,
    inject: [redisToken('limiter'), Clock],
    useFactory: (redis: RedisClient, clock: Clock) => new RedisLimiter(redis, clock),
  },
]

/** Binds the ports of the features to PostgreSQL and Redis. */
@Global()
@Module({ providers: PROVIDERS, exports: [StockGate, HoldTimes, SharedLimiter, ...Object.values(PORTS)] })
export class StoresModule {}
