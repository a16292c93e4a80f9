import { Module, type DynamicModule } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { ClockModule } from './clock.js'
import type { Config } from './config/config.js'
import { ConfigModule } from './config/config.module.js'
import { HealthModule } from './health/health.module.js'
import { AddressLimitGuard } from './http/address-limit.js'
import type { LogTarget } from './logging/create-pino.js'
import { LoggingModule } from './logging/logging.module.js'
import { MetricsModule } from './metrics/metrics.module.js'
import { PrismaModule } from './prisma/prisma.module.js'
import { RedisModule } from './redis/redis.module.js'

/** What every role stands on. Its parts are global: import it once, in the root module. */
@Module({})
export class InfrastructureModule {
  /** `config` needs the addresses of both servers. A command line logs to stderr, its data is on stdout. */
  static of(config: Config, logTo: LogTarget = 'stdout'): DynamicModule {
    return {
      module: InfrastructureModule,
      imports: [
        ConfigModule.of(config),
        LoggingModule.to(logTo),
        ClockModule,
        MetricsModule,
        PrismaModule,
        RedisModule,
        HealthModule,
      ],
      providers: [{ provide: APP_GUARD, useClass: AddressLimitGuard }],
    }
  }
}
