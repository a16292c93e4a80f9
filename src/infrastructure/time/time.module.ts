import { Global, Module } from '@nestjs/common'
import { Clock } from './clock.js'
import { Cron } from './cron.js'
import { NodeCron } from './node-cron.js'
import { Random } from './random.js'
import { SystemClock, SystemRandom, SystemTimers } from './system-time.js'
import { Timers } from './timers.js'

@Global()
@Module({
  providers: [
    { provide: Clock, useClass: SystemClock },
    { provide: Timers, useClass: SystemTimers },
    { provide: Random, useClass: SystemRandom },
    { provide: Cron, useClass: NodeCron },
  ],
  exports: [Clock, Timers, Random, Cron],
})
export class TimeModule {}
