import { Global, Module, type DynamicModule } from '@nestjs/common'
import { Config } from './config.js'

/** Hands the one Config, loaded before anything else starts, to every class that asks for it. */
@Global()
@Module({})
export class ConfigModule {
  static of(config: Config): DynamicModule {
    return { module: ConfigModule, providers: [{ provide: Config, useValue: config }], exports: [Config] }
  }
}
