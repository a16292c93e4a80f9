import { Logger } from '@nestjs/common'
import type { Clock } from './clock.js'
import type { SynchronizedClock } from './synchronized-clock.js'
import type { Timers } from './timers.js'
import { withTimeout } from './with-timeout.js'

const LIMIT_MS = 5_000

/** The clock once it is synchronized; without PostgreSQL, after 5 s at most, as it is. */
export async function startClock(clock: SynchronizedClock, timers: Timers): Promise<Clock> {
  try {
    await withTimeout(LIMIT_MS, (late) => clock.start(late), timers)
  } catch (error) {
    new Logger('Clock').warn({ err: error }, 'could not read the time of PostgreSQL; the clock of this machine is used')
  }
  return clock
}
