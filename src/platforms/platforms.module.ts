import { Global, Logger, Module } from '@nestjs/common'
import { Clock } from '../infrastructure/time/clock.js'
import { Instances } from '../infrastructure/instances/instances.js'
import { ConnectionAdapters } from './connection-adapters.js'
import { Outbound, RateLimiterPort } from './outbound.js'
import { Platforms } from './platforms.js'
import { ResilientLimiter } from './throttle/resilient-limiter.js'
import { SharedLimiter } from './throttle/shared-limiter.js'

const limiter = {
  provide: RateLimiterPort,
  inject: [SharedLimiter, Clock, Instances],
  useFactory: (shared: SharedLimiter, clock: Clock, instances: Instances) => {
    const logger = new Logger('Throttle')
    return new ResilientLimiter({
      redis: shared,
      clock,
      liveInstances: () => instances.liveCount(),
      log: (level, message, details) =>
        level === 'info' ? logger.log(details, message) : logger[level](details, message),
    })
  },
}

const platforms = {
  provide: Platforms,
  inject: [ConnectionAdapters],
  useFactory: (adapters: ConnectionAdapters) => new Platforms(adapters.ofEnvironment()),
}

/** Adapters, HTTP clients and rate limiter of the platforms. */
@Global()
@Module({
  providers: [limiter, Outbound, ConnectionAdapters, platforms],
  exports: [Platforms, Outbound, ConnectionAdapters],
})
export class PlatformsModule {}
