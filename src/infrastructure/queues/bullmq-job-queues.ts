import { getQueueToken } from '@nestjs/bullmq'
import { Injectable, Logger } from '@nestjs/common'
import { ModuleRef } from '@nestjs/core'
import { DelayedError, Job, Worker, type JobsOptions } from 'bullmq'
import { Readiness } from '../health/readiness.js'
import { ServiceState } from '../instances/service-state.js'
import { RedisClients } from '../redis/redis-clients.js'
import { Clock } from '../time/clock.js'
import { SystemTimers } from '../time/system-time.js'
import { waitAtMost } from '../time/with-timeout.js'
import { Backlog, waitingSince } from './backlog.js'
import { ExhaustedScan } from './exhausted-scan.js'
import {
  JobQueues,
  RetryLaterError,
  type JobOptions,
  type NewJob,
  type Processor,
  type QueueStatus,
} from './job-queues.js'
import { assertInService, STOP_TIMEOUT_MS, uncountedRetryMs } from './job-rules.js'
import { traceJob } from './job-spans.js'
import { queuePrefix, type QueueName } from './queue-names.js'
import type { TracedQueue } from './traced-queue.js'

const TIMERS = new SystemTimers()
/** If a lock is not extended for this time, its process counts as dead and another one picks up the job. */
const LOCK_MS = 10_000
/** How often a job may be interrupted by the death of its process before the job itself counts as failed. */
const MAX_STALLS = 5
/** Failed jobs that are read at a time; each may contain a delivery. */
const FAILED_BATCH = 20

/** The job queues in Redis, of all processes. */
@Injectable()
export class BullmqJobQueues extends JobQueues {
  private readonly logger = new Logger('Workers')
  private readonly queues = new Map<QueueName, TracedQueue>()
  private readonly workers: Worker[] = []
  private readonly processors: { processor: Processor<object>; scan: ExhaustedScan }[] = []

  constructor(
    private readonly modules: ModuleRef,
    private readonly clients: RedisClients,
    private readonly backlog: Backlog,
    private readonly readiness: Readiness,
    private readonly state: ServiceState,
    private readonly clock: Clock,
  ) {
    super()
  }

  override async add<T extends object>(queue: QueueName, { name, data, ...options }: NewJob<T>): Promise<void> {
    await this.queueOf(queue).add(name, data, toBullmq(options))
  }

  override async addShared<T extends object>(queue: QueueName, { name, data, ...options }: NewJob<T>): Promise<void> {
    await this.queueOf(queue).addShared(name, data, toBullmq(options))
  }

  override async addAll<T extends object>(queue: QueueName, jobs: readonly NewJob<T>[]): Promise<void> {
    const bulk = jobs.map(({ name, data, ...options }) => ({ name, data, opts: toBullmq(options) }))
    await this.queueOf(queue).addBulk(bulk)
  }

  override process<T extends object>(processor: Processor<T>): void {
    const { queue, concurrency, handle } = processor
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
      if (isLast) void this.handleExhausted(processor, job, error)
    })
    if (this.workers.length === 0) this.readiness.register('workers', () => this.assertWorking())
    this.workers.push(worker)
    // It gets jobs of its own queue only.
    this.processors.push({ processor: processor as unknown as Processor<object>, scan: new ExhaustedScan() })
  }

  override async retryExhausted(failedBefore: Date): Promise<void> {
    for (const { processor, scan } of this.processors)
      if (processor.removeExhausted) await this.retry(processor, scan, failedBefore.getTime())
  }

  override async status(name: QueueName): Promise<QueueStatus> {
    const queue = this.queueOf(name)
    const [{ failed = 0, waiting = 0 }, [oldest], processors] = await Promise.all([
      queue.getJobCounts('failed', 'waiting'),
      queue.getJobs(['wait'], 0, 0, true),
      queue.getWorkersCount(),
    ])
    return { waiting, failed, processors, oldestWaitingSince: oldest ? new Date(waitingSince(oldest)) : null }
  }

  override async beforeApplicationShutdown(): Promise<void> {
    if (this.workers.length === 0) return
    const isReady = this.clients.get('worker').status === 'ready'
    await Promise.all(this.workers.map((worker) => closeWithin(worker, !isReady, STOP_TIMEOUT_MS)))
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

  private async retry(processor: Processor<object>, scan: ExhaustedScan, failedBefore: number): Promise<void> {
    const queue = this.queueOf(processor.queue)
    const client = this.clients.get('queue')
    // BullMQ orders them by the time at which they failed.
    const ids = await client.zrangebyscore(queue.toKey('failed'), scan.start(failedBefore), `(${failedBefore}`)
    const unhandled: number[] = []
    for (let start = 0; start < ids.length; start += FAILED_BATCH) {
      const batch = ids.slice(start, start + FAILED_BATCH)
      const jobs = await Promise.all(batch.map((id) => Job.fromId<object>(queue, id)))
      for (const job of jobs) {
        if (!job || !processor.removeExhausted?.(job.data)) continue
        const isRemoved = await this.handleExhausted(processor, job, new Error(job.failedReason))
        if (!isRemoved) unhandled.push(job.finishedOn ?? 0)
      }
    }
    scan.end(failedBefore, unhandled)
  }

  /** Returns whether the job was removed. */
  private async handleExhausted<T extends object>(
    { queue, onExhausted, removeExhausted }: Processor<T>,
    job: Job<T>,
    cause: Error,
  ): Promise<boolean> {
    if (!onExhausted) return false
    try {
      await onExhausted(job.data, cause)
    } catch (error) {
      const about = { queue, jobId: job.id, err: error }
      this.logger.error(about, 'failed to handle an exhausted job; it remains in the queue only')
      return false
    }
    if (!removeExhausted?.(job.data)) return false
    try {
      await job.remove()
      return true
    } catch (error) {
      const about = { queue, jobId: job.id, err: error }
      this.logger.warn(about, 'failed to remove an exhausted job; it remains in the queue, too')
      return false
    }
  }

  private async run<T extends object>(
    handle: Processor<T>['handle'],
    job: Job<T>,
    token: string | undefined,
  ): Promise<void> {
    try {
      assertInService(this.state, this.clock.now())
      await traceJob(job, isFailure, () => handle(job.data))
    } catch (error) {
      // BullMQ uses the clocks of the machines.
      const retryMs = uncountedRetryMs(error, Date.now() - job.timestamp, this.clock.now())
      if (retryMs === null) throw error
      await job.moveToDelayed(Date.now() + retryMs, token)
      throw new DelayedError(error instanceof Error ? error.message : String(error))
    }
  }

  private queueOf(name: QueueName): TracedQueue {
    const known = this.queues.get(name)
    if (known) return known
    const queue = this.modules.get<TracedQueue>(getQueueToken(name), { strict: false })
    this.queues.set(name, queue)
    return queue
  }
}

/** Without the options that are not set: they would replace the defaults of the queue. */
function toBullmq({ id, delayMs, deduplication, attempts, backoffMs, keepFailed }: JobOptions): JobsOptions {
  const ttl = deduplication?.ttlMs
  return {
    ...(id !== undefined && { jobId: id }),
    ...(delayMs !== undefined && { delay: delayMs }),
    ...(deduplication && { deduplication: { id: deduplication.id, ...(ttl !== undefined && { ttl }) } }),
    ...(attempts !== undefined && { attempts }),
    ...(backoffMs !== undefined && { backoff: { type: 'exponential', delay: backoffMs } }),
    ...(keepFailed === false && { removeOnFail: true }),
  }
}

function isFailure(error: unknown): boolean {
  return !(error instanceof RetryLaterError)
}

/**
 * Closing waits for jobs in progress. Without Redis it would wait forever and cannot be forced once started, so it is
 * forced from the start. If Redis hangs, it is abandoned after `ms`.
 */
async function closeWithin(worker: Worker, force: boolean, ms: number): Promise<void> {
  await waitAtMost(ms, () => worker.close(force), TIMERS)
}
