import { Injectable, Logger } from '@nestjs/common'
import { Periodic } from '../background/periodic.js'
import { Clock } from './clock.js'
import { SynchronizedClock } from './synchronized-clock.js'
import { Timers } from './timers.js'
import { withTimeout } from './with-timeout.js'

const CHECK_MS = 1_000
const INTERVAL_MS = 60_000
const LIMIT_MS = 5_000
/** A jump of the wall clock that may be a suspension of the machine, ms. */
const JUMP_MS = 500
/** Differences of this size are reported, ms. */
const LARGE_MS = 2_000

/** Synchronizes the clock once a minute, and within a second after the wall clock has jumped. */
@Injectable()
export class ClockSynchronization {
  private readonly logger = new Logger('Clock')

  constructor(
    private readonly clock: Clock,
    private readonly timers: Timers,
  ) {}

  @Periodic({ name: 'clock synchronization', every: CHECK_MS, runsIn: 'every process' })
  async synchronize(): Promise<void> {
    const { clock } = this
    // Tests may run the service on another clock.
    if (!(clock instanceof SynchronizedClock)) return
    const { wallJumpMs } = clock
    const hasJumped = Math.abs(wallJumpMs) > JUMP_MS
    if (!hasJumped && clock.unsynchronizedMs < INTERVAL_MS) return
    const differenceMs = await withTimeout(LIMIT_MS, () => clock.synchronize(), this.timers)
    if (hasJumped || Math.abs(differenceMs) > LARGE_MS)
      this.logger.warn({ wallJumpMs, differenceMs }, 'the clock of this machine, or of PostgreSQL, has jumped')
  }
}
