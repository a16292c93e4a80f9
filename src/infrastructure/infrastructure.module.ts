import { Module, type DynamicModule } from '@nestjs/common'
import { BackgroundModule } from './background/background.module.js'
import { TimeModule } from './time/time.module.js'
import type { Config } from './config/config.js'
import { ConfigModule } from './config/config.module.js'
import { HealthModule } from './health/health.module.js'
import { HttpModule } from './http/http.module.js'
import type { LogTarget } from './logging/create-pino.js'
import { LoggingModule } from './logging/logging.module.js'
import { MetricsModule } from './metrics/metrics.module.js'
import { PrismaModule } from './prisma/prisma.module.js'
import { RedisModule } from './redis/redis.module.js'

/** Infrastructure shared by all roles. Its modules are global: import it once, in the root module. */
@Module({})
export class InfrastructureModule {
  /** `config` needs the URLs of both servers. The CLI logs to stderr because stdout is for data. */
  static of(config: Config, logTo: LogTarget = 'stdout'): DynamicModule {
    return {
      module: InfrastructureModule,
      imports: [
        ConfigModule.of(config),
        LoggingModule.to(logTo),
        TimeModule,
        MetricsModule,
        PrismaModule,
        RedisModule,
        HealthModule,
        HttpModule,
        BackgroundModule,
      ],
    }
  }
}
