import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import { DelayedError, Worker, type Job } from 'bullmq'
import { Readiness } from '../health/readiness.js'
import { ServiceState } from '../instances/service-state.js'
import { isOutage } from '../errors/outage.js'
import { RedisClients } from '../redis/redis-clients.js'
import { SystemTimers } from '../time/system-time.js'
import { waitAtMost } from '../time/with-timeout.js'
import { Backlog } from './backlog.js'
import { traceJob } from './job-spans.js'
import { queuePrefix, type QueueName } from './queue-names.js'

/** Thrown by a handler to retry the same job later without counting a failure. */
export class RetryLaterError extends Error {
  constructor(
    readonly at: Date,
    reason: string,
  ) {
    super(reason)
  }
}

export interface WorkerDefinition<T> {
  queue: QueueName
  concurrency: number
  handle: (data: T, job: Job<T>) => Promise<void>
  /** Called after the last attempt has failed. */
  onExhausted?: (data: T, error: Error, job: Job<T>) => Promise<void>
}

const TIMERS = new SystemTimers()
const CLOSE_TIMEOUT_MS = 5_000
/** If a lock is not extended for this time, its process counts as dead and another one picks up the job. */
const LOCK_MS = 10_000
/** How often a job may be interrupted by the death of its process before the job itself counts as failed. */
const MAX_STALLS = 5
/** For this time after creation, failures caused by an unavailable server are retried without counting. */
const OUTAGE_RETRY_WINDOW_MS = 15 * 60_000
const OUTAGE_RETRY_MS = 1_000

/** The consumer side of all queues of this process. */
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

  start<T>({ queue, concurrency, handle, onExhausted }: WorkerDefinition<T>): void {
    const worker = new Worker<T>(queue, (job, token) => this.run(handle, job, token), {
      connection: this.clients.get('worker'),
      prefix: queuePrefix(queue),
      concurrency,
      maxStalledCount: MAX_STALLS,
      lockDuration: LOCK_MS,
      stalledInterval: LOCK_MS / 2,
    })
    worker.on('error', (error) => this.logger.debug({ queue, err: error }, 'worker connection error'))
    worker.on('failed', (job, error) => {
      if (!job) return
      this.logger.warn({ queue, jobId: job.id, attempt: job.attemptsMade, err: error }, 'job failed')
      const isLast = Boolean(job.finishedOn) || job.attemptsMade >= (job.opts.attempts ?? 1)
      if (isLast && onExhausted) void this.awaitExhausted(job, onExhausted(job.data, error, job))
    })
    if (this.workers.length === 0) this.readiness.register('workers', () => this.assertWorking())
    this.workers.push(worker)
  }

  /** Detects dead workers in a live process: a worker that does not run, or a queue whose oldest job does not change. */
  private async assertWorking(): Promise<void> {
    const dead = this.workers.find((worker) => !worker.isRunning())
    if (dead) throw new Error(`${dead.name}: the worker is not running`)
    // An unavailable Redis is reported by its own readiness part.
    if (this.clients.get('queue').status !== 'ready') return
    const stuck = await this.backlog.stuckQueue(this.workers.map(({ name }) => name as QueueName))
    if (stuck) throw new Error(`${stuck.queue}: the oldest job has been waiting for ${stuck.seconds} s`)
  }

  private async awaitExhausted(job: Job, handled: Promise<void>): Promise<void> {
    try {
      await handled
    } catch (error) {
      this.logger.error(
        { queue: job.queueName, jobId: job.id, err: error },
        'failed to handle an exhausted job; it remains in the queue only',
      )
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    if (this.workers.length === 0) return
    const isReady = this.clients.get('worker').status === 'ready'
    await Promise.all(this.workers.map((worker) => closeWithin(worker, !isReady, CLOSE_TIMEOUT_MS)))
  }

  private async run<T>(handle: WorkerDefinition<T>['handle'], job: Job<T>, token: string | undefined): Promise<void> {
    try {
      if (this.state.outOfService) throw new RetryLaterError(new Date(Date.now() + OUTAGE_RETRY_MS), 'out of service')
      await traceJob(job, isFailure, () => handle(job.data, job))
    } catch (error) {
      const retryAt = retryAtMs(error, job)
      if (retryAt === null) throw error
      await job.moveToDelayed(retryAt, token)
      throw new DelayedError(error instanceof Error ? error.message : String(error))
    }
  }
}

function isFailure(error: unknown): boolean {
  return !(error instanceof RetryLaterError)
}

/** When (ms since 1970) to retry without counting; null: count a failure. */
function retryAtMs(error: unknown, job: Job): number | null {
  if (error instanceof RetryLaterError) return error.at.getTime()
  const outage = isOutage(error)
  return outage && Date.now() - job.timestamp < OUTAGE_RETRY_WINDOW_MS ? Date.now() + OUTAGE_RETRY_MS : null
}

/**
 * Closing waits for jobs in progress. Without Redis it would wait forever and cannot be forced once started, so it is
 * forced from the start. If Redis hangs, it is abandoned after `ms`.
 */
async function closeWithin(worker: Worker, force: boolean, ms: number): Promise<void> {
  await waitAtMost(ms, () => worker.close(force), TIMERS)
}
