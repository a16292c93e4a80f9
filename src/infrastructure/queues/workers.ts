import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import { DelayedError, Worker, type Job } from 'bullmq'
import { Readiness } from '../health/readiness.js'
import { ServiceState } from '../instances/service-state.js'
import { isOutage } from '../outage.js'
import { RedisClients } from '../redis/redis-clients.js'
import { Backlog } from './backlog.js'
import { traceJob } from './job-spans.js'
import { queuePrefix, type QueueName } from './queue-names.js'

/** Thrown by a handler to try the same job again later without counting it as a failure. */
export class RetryLaterError extends Error {
  constructor(
    readonly at: Date,
    reason: string,
  ) {
    super(reason)
  }
}

export interface WorkerPlan<T> {
  queue: QueueName
  concurrency: number
  handle: (data: T, job: Job<T>) => Promise<void>
  /** After the last attempt. */
  onExhausted?: (data: T, error: Error, job: Job<T>) => Promise<void>
}

const CLOSE_WITHIN_MS = 5_000
/** After so long without a sign of life, a job of a dead process is taken by another. */
const LOCK_MS = 10_000
/** How often the death of its process may interrupt one job before the job itself is suspected. */
const MAX_STALLS = 5
/** For so long after it was made, a job that fails because a server is away is repeated without counting. */
const OUTAGE_PATIENCE_MS = 15 * 60_000
const OUTAGE_RETRY_MS = 1_000

/** The receiving side of all queues of this process. */
@Injectable()
export class Workers implements BeforeApplicationShutdown {
  private readonly logger = new Logger(Workers.name)
  private readonly workers: Worker[] = []

  constructor(
    private readonly clients: RedisClients,
    private readonly backlog: Backlog,
    private readonly readiness: Readiness,
    private readonly state: ServiceState,
  ) {}

  start<T>({ queue, concurrency, handle, onExhausted }: WorkerPlan<T>): void {
    const worker = new Worker<T>(queue, (job, token) => this.run(handle, job, token), {
      connection: this.clients.get('worker'),
      prefix: queuePrefix(queue),
      concurrency,
      maxStalledCount: MAX_STALLS,
      lockDuration: LOCK_MS,
      stalledInterval: LOCK_MS / 2,
    })
    worker.on('error', (error) => this.logger.debug({ queue, err: error }, 'worker connection'))
    worker.on('failed', (job, error) => {
      if (!job) return
      this.logger.warn({ queue, jobId: job.id, attempt: job.attemptsMade, err: error }, 'job failed')
      const last = Boolean(job.finishedOn) || job.attemptsMade >= (job.opts.attempts ?? 1)
      if (last && onExhausted) void this.exhausted(job, onExhausted(job.data, error, job))
    })
    if (this.workers.length === 0) this.readiness.register('workers', () => this.assertWorking())
    this.workers.push(worker)
  }

  /** A process may live on while its workers are dead: one that does not run, or a queue whose head does not move. */
  private async assertWorking(): Promise<void> {
    const dead = this.workers.find((worker) => !worker.isRunning())
    if (dead) throw new Error(`${dead.name}: its worker does not run`)
    // That Redis is away is said by a part of its own.
    if (this.clients.get('queue').status !== 'ready') return
    const stuck = await this.backlog.stuckQueue(this.workers.map(({ name }) => name as QueueName))
    if (stuck) throw new Error(`${stuck.queue}: its oldest job has not moved for ${stuck.seconds} s`)
  }

  private async exhausted(job: Job, kept: Promise<void>): Promise<void> {
    try {
      await kept
    } catch (error) {
      this.logger.error({ queue: job.queueName, jobId: job.id, err: error }, 'a failed job stays in the queue only')
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    if (this.workers.length === 0) return
    const answering = this.clients.get('worker').status === 'ready'
    await Promise.all(this.workers.map((worker) => closeWithin(worker, !answering, CLOSE_WITHIN_MS)))
  }

  private async run<T>(handle: WorkerPlan<T>['handle'], job: Job<T>, token: string | undefined): Promise<void> {
    try {
      if (this.state.outOfService) throw new RetryLaterError(new Date(Date.now() + OUTAGE_RETRY_MS), 'out of service')
      await traceJob(job, isFailure, () => handle(job.data, job))
    } catch (error) {
      const again = laterInstant(error, job)
      if (again === null) throw error
      await job.moveToDelayed(again, token)
      throw new DelayedError(error instanceof Error ? error.message : String(error))
    }
  }
}

function isFailure(error: unknown): boolean {
  return !(error instanceof RetryLaterError)
}

/** When (ms) to try again without counting; null: it failed. */
function laterInstant(error: unknown, job: Job): number | null {
  if (error instanceof RetryLaterError) return error.at.getTime()
  const outage = isOutage(error)
  return outage && Date.now() - job.timestamp < OUTAGE_PATIENCE_MS ? Date.now() + OUTAGE_RETRY_MS : null
}

/**
 * Closing waits for jobs at work. On a Redis that is away it would wait for ever, and cannot be forced any more once it
 * has begun: then it is forced from the start. A Redis that hangs is waited for so long and no longer.
 */
async function closeWithin(worker: Worker, force: boolean, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([worker.close(force), late])
  clearTimeout(timer)
}
