import { AsyncResource } from 'node:async_hooks'
import { Unavailable } from '../../domain/errors.js'
import { isWithoutReply } from '../errors/redis-outage.js'

/** Jobs that are stored together at most. */
const MAX_JOBS = 100
/** Characters of their data that are stored together at most: a longer batch would not be stored within the command timeout. */
const MAX_SIZE = 1024 * 1024
/** Batches that are being stored at once at most. */
export const MAX_STORING = 4
/** Jobs that wait for the batches before them at most. */
const MAX_WAITING = 2_000

interface Waiting<Job, Stored> {
  job: Job
  size: number
  resolve: (stored: Stored) => void
  reject: (error: unknown) => void
}

/**
 * Stores jobs that are added concurrently together: one round trip and one wait for the disk serve all of them. The jobs of
 * one turn of the event loop form a batch, or of several while the most batches are being stored. Each is resolved for
 * itself, once its batch is durable.
 *
 * `store` resolves with one result per job, in order. If it rejects with an error that names a fault, each job is stored
 * alone, so that one bad job rejects no other. If Redis does not reply, all are rejected, those that wait too: no caller
 * waits for more than one timeout.
 */
export class JobBatches<Job, Stored> {
  private waiting: Waiting<Job, Stored>[] = []
  private storing = 0
  private isScheduled = false
  /** A batch belongs to no caller: not to its correlation id, its class of work or its trace. */
  private readonly context = new AsyncResource('JobBatches')

  constructor(
    private readonly store: (jobs: Job[]) => Promise<Stored[]>,
    private readonly sizeOf: (job: Job) => number,
  ) {}

  /** Rejects with Unavailable when too many jobs wait, else with the error of `store`. */
  add(job: Job): Promise<Stored> {
    if (this.waiting.length >= MAX_WAITING) {
      return Promise.reject(new Unavailable('Too many jobs wait to be stored.', { retryAfterSeconds: 1 }))
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ job, size: this.sizeOf(job), resolve, reject })
      this.schedule()
    })
  }

  private schedule(): void {
    if (this.isScheduled || this.waiting.length === 0 || this.storing >= MAX_STORING) return
    this.isScheduled = true
    this.context.runInAsyncScope(() => setImmediate(() => void this.storeNext()))
  }

  private async storeNext(): Promise<void> {
    this.isScheduled = false
    const batch = this.takeBatch()
    this.storing += 1
    this.schedule()
    await this.storeBatch(batch)
    this.storing -= 1
    this.schedule()
  }

  private takeBatch(): Waiting<Job, Stored>[] {
    let size = 0
    const end = this.waiting.findIndex((one, index) => {
      size += one.size
      return index === MAX_JOBS || (index > 0 && size > MAX_SIZE)
    })
    return this.waiting.splice(0, end < 0 ? this.waiting.length : end)
  }

  private async storeBatch(batch: Waiting<Job, Stored>[]): Promise<void> {
    // Those that waited were rejected since.
    if (batch.length === 0) return
    try {
      const stored = await this.store(batch.map(({ job }) => job))
      batch.forEach(({ resolve }, index) => resolve(stored[index]!))
    } catch (error) {
      if (isWithoutReply(error)) for (const { reject } of [...batch, ...this.waiting.splice(0)]) reject(error)
      else if (batch.length === 1) batch[0]!.reject(error)
      else await Promise.all(batch.map((one) => this.storeBatch([one])))
    }
  }
}
