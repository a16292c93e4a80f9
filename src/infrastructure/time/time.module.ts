import { Global, Module } from '@nestjs/common'
import { Clock } from './clock.js'
import { Random } from './random.js'
import { SystemClock, SystemRandom, SystemTimers } from './system-time.js'
import { Timers } from './timers.js'

@Global()
@Module({
  providers: [
    { provide: Clock, useClass: SystemClock },
    { provide: Timers, useClass: SystemTimers },
    { provide: Random, useClass: SystemRandom },
  ],
  exports: [Clock, Timers, Random],
})
export class TimeModule {}
