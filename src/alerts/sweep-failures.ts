import { Injectable, type OnModuleInit } from '@nestjs/common'
import { PendingSweeper } from '../stock/gate/pending-sweeper.js'
import { LoopFailures } from './loop-failures.js'

/** Raises an alert when the pending sweep of an event keeps failing: the stock knows no alerts. */
@Injectable()
export class SweepFailures implements OnModuleInit {
  constructor(
    private readonly sweeper: PendingSweeper,
    private readonly failures: LoopFailures,
  ) {}

  onModuleInit(): void {
    this.sweeper.reportFailuresTo((eventId, error, times) =>
      this.failures.record('sweep of pending operations', eventId, error, times),
    )
  }
}
