import { Global, Module } from '@nestjs/common'
import { Clock, WallClock } from './clock.js'
import { ClockSynchronization } from './clock-synchronization.js'
import { Cron } from './cron.js'
import { DatabaseTime } from './database-time.js'
import { NodeCron } from './node-cron.js'
import { Random } from './random.js'
import { startClock } from './start-clock.js'
import { SynchronizedClock } from './synchronized-clock.js'
import { SystemClock, SystemRandom, SystemTimers } from './system-time.js'
import { Timers } from './timers.js'

@Global()
@Module({
  providers: [
    { provide: WallClock, useClass: SystemClock },
    {
      provide: Clock,
      // What depends on the clock is created once it is synchronized.
      useFactory: (clock: WallClock, databaseTime: DatabaseTime, timers: Timers) =>
        startClock(new SynchronizedClock(clock, databaseTime), timers),
      inject: [WallClock, DatabaseTime, Timers],
    },
    ClockSynchronization,
    { provide: Timers, useClass: SystemTimers },
    { provide: Random, useClass: SystemRandom },
    { provide: Cron, useClass: NodeCron },
  ],
  exports: [Clock, Timers, Random, Cron],
})
export class TimeModule {}
