import { Logger } from '@nestjs/common'
import { ServiceState } from '../instances/service-state.js'
import type { Clock } from '../time/clock.js'
import type { Timers } from '../time/timers.js'
import { waitAtMost } from '../time/with-timeout.js'
import { JobQueues, type NewJob, type Processor, type QueueStatus } from './job-queues.js'
import { assertInService, STOP_TIMEOUT_MS, uncountedRetryAt } from './job-rules.js'
import { MemoryQueue, type StoredJob } from './memory-queue.js'
import type { QueueName } from './queue-names.js'

interface ActiveProcessor {
  concurrency: number
  running: number
  handle: (data: object) => Promise<void>
  onExhausted: ((data: object, error: Error) => Promise<void>) | undefined
}

interface ProcessedQueue {
  name: QueueName
  jobs: MemoryQueue
  processors: ActiveProcessor[]
}

/** The job queues of one process in memory, with the semantics of those in Redis and without traces. Nothing rejects. */
export class MemoryJobQueues extends JobQueues {
  private readonly logger = new Logger('Workers')
  private readonly queues = new Map<QueueName, ProcessedQueue>()
  private readonly running = new Set<Promise<void>>()

  constructor(
    private readonly clock: Clock,
    private readonly timers: Timers,
    private readonly state: Pick<ServiceState, 'outOfService'> = new ServiceState(),
  ) {
    super()
  }

  override async add<T extends object>(queue: QueueName, job: NewJob<T>): Promise<void> {
    await this.addAll(queue, [job])
  }

  override async addAll<T extends object>(name: QueueName, jobs: readonly NewJob<T>[]): Promise<void> {
    const queue = this.queueOf(name)
    for (const { data, ...options } of jobs) {
      const stored = queue.jobs.store(JSON.stringify(data), options, this.now())
      if (stored) this.enqueue(queue, stored, options.delayMs ?? 0)
    }
    return Promise.resolve()
  }

  override process<T extends object>({ queue: name, concurrency, handle, onExhausted }: Processor<T>): void {
    const queue = this.queueOf(name)
    queue.processors.push({
      concurrency,
      running: 0,
      handle: (data) => handle(data as T),
      onExhausted: onExhausted && ((data, error) => onExhausted(data as T, error)),
    })
    this.dispatchSoon(queue)
  }

  override status(name: QueueName): Promise<QueueStatus> {
    const { jobs, processors } = this.queueOf(name)
    const [oldest] = jobs.waiting
    return Promise.resolve({
      waiting: jobs.waiting.length,
      failed: jobs.failed,
      processors: processors.length,
      oldestWaitingSince: oldest ? new Date(Math.max(oldest.addedAt, oldest.startedAt ?? 0)) : null,
    })
  }

  override async beforeApplicationShutdown(): Promise<void> {
    for (const queue of this.queues.values()) queue.processors = []
    await waitAtMost(STOP_TIMEOUT_MS, () => Promise.all(this.running), this.timers)
  }

  private enqueue(queue: ProcessedQueue, job: StoredJob, delayMs: number): void {
    const start = () => {
      queue.jobs.waiting.push(job)
      this.dispatchSoon(queue)
    }
    if (delayMs > 0) this.timers.after(delayMs, start)
    else start()
  }

  /** A job never starts inside the call that adds it. */
  private dispatchSoon(queue: ProcessedQueue): void {
    queueMicrotask(() => this.dispatch(queue))
  }

  private dispatch(queue: ProcessedQueue): void {
    for (const processor of queue.processors) {
      while (processor.running < processor.concurrency) {
        const job = queue.jobs.waiting.shift()
        if (!job) return
        processor.running++
        const run = this.run(queue, processor, job).finally(() => {
          processor.running--
          this.running.delete(run)
          this.dispatch(queue)
        })
        this.running.add(run)
      }
    }
  }

  private async run(queue: ProcessedQueue, processor: ActiveProcessor, job: StoredJob): Promise<void> {
    job.startedAt = this.now()
    const data = JSON.parse(job.data) as object
    try {
      assertInService(this.state, this.now())
      await processor.handle(data)
      queue.jobs.complete(job, this.now())
    } catch (error) {
      const retryAt = uncountedRetryAt(error, job.addedAt, this.now())
      if (retryAt === null) this.recordFailure(queue, processor, job, data, asError(error))
      // Never in the same instant: a job that is always due would keep virtual time from advancing.
      else this.enqueue(queue, job, Math.max(1, retryAt - this.now()))
    }
  }

  private recordFailure(
    queue: ProcessedQueue,
    processor: ActiveProcessor,
    job: StoredJob,
    data: object,
    error: Error,
  ): void {
    job.failures++
    this.logger.warn({ queue: queue.name, jobId: job.id, attempt: job.failures, err: error }, 'job failed')
    if (job.failures < (job.attempts ?? 1)) {
      this.enqueue(queue, job, (job.backoffMs ?? 0) * 2 ** (job.failures - 1))
      return
    }
    queue.jobs.fail(job, this.now())
    if (processor.onExhausted) void this.awaitExhausted(queue, job, processor.onExhausted(data, error))
  }

  private async awaitExhausted(queue: ProcessedQueue, job: StoredJob, handled: Promise<void>): Promise<void> {
    try {
      await handled
    } catch (error) {
      this.logger.error(
        { queue: queue.name, jobId: job.id, err: error },
        'failed to handle an exhausted job; it remains in the queue only',
      )
    }
  }

  private queueOf(name: QueueName): ProcessedQueue {
    const known = this.queues.get(name)
    if (known) return known
    const queue = { name, jobs: new MemoryQueue(), processors: [] }
    this.queues.set(name, queue)
    return queue
  }

  private now(): number {
    return this.clock.now().getTime()
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
