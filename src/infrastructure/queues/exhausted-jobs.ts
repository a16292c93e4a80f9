import { Injectable } from '@nestjs/common'
import { Periodic } from '../background/periodic.js'
import { Locks } from '../locks/locks.js'
import { Clock } from '../time/clock.js'
import { JobQueues } from './job-queues.js'

const INTERVAL_MS = 60_000
/** A process that is alive has handled them by then. */
const AFTER_MS = 60_000

/** Handles the failed jobs of processes that ended, or could not reach the database, after their last attempt. */
@Injectable()
export class ExhaustedJobs {
  constructor(
    private readonly queues: JobQueues,
    private readonly locks: Locks,
    private readonly clock: Clock,
  ) {}

  @Periodic({ name: 'exhausted jobs', every: INTERVAL_MS })
  async retry(): Promise<void> {
    await this.locks.tryWith('exhausted-jobs', () =>
      this.queues.retryExhausted(new Date(this.clock.now().getTime() - AFTER_MS)),
    )
  }
}
