import { Global, Module, type DynamicModule } from '@nestjs/common'
import { Logger, PARAMS_PROVIDER_TOKEN, PinoLogger, type Params } from 'nestjs-pino'
import { Config } from '../config/config.js'
import { createPino, type LogTarget } from './create-pino.js'

/**
 * Routes Nest's `Logger` through pino once `app.useLogger(app.get(Logger))` was called.
 * Requests are logged by the HTTP hooks, which keep the async context; a middleware would lose it.
 */
@Global()
@Module({})
export class LoggingModule {
  static to(target: LogTarget): DynamicModule {
    const params = {
      provide: PARAMS_PROVIDER_TOKEN,
      inject: [Config],
      useFactory: (config: Config): Params => ({ pinoHttp: { logger: createPino(config.log, target) } }),
    }
    return { module: LoggingModule, providers: [params, PinoLogger, Logger], exports: [PinoLogger, Logger] }
  }
}
