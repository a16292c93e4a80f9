import { Logger } from '@nestjs/common'
import { ServiceState } from '../instances/service-state.js'
import { ownMemory, type SharedMemory } from '../shared-memory.js'
import type { Clock } from '../time/clock.js'
import type { Timers } from '../time/timers.js'
import { waitAtMost } from '../time/with-timeout.js'
import { ExhaustedScan } from './exhausted-scan.js'
import { JobQueues, type NewJob, type Processor, type QueueStatus } from './job-queues.js'
import { assertInService, STOP_TIMEOUT_MS, uncountedRetryMs } from './job-rules.js'
import type { StoredJob } from './memory-queue.js'
import { MemoryQueueState, type MemoryWorker } from './memory-queue-state.js'
import type { QueueName } from './queue-names.js'

interface Run {
  queue: QueueName
  job: StoredJob
  ended: Promise<void>
}

type Handlers = Omit<Processor<object>, 'concurrency'>

/**
 * The job queues of one process on queues in memory, with the semantics of those in Redis and without traces. While the
 * process does not reach them it starts no job, the results of running ones wait, and after a while these jobs are given
 * to another process.
 */
export class MemoryJobQueues extends JobQueues {
  private readonly logger = new Logger('Workers')
  private workers: MemoryWorker[] = []
  private readonly processors: { handlers: Handlers; scan: ExhaustedScan }[] = []
  private readonly runs = new Set<Run>()
  /** Results that could not be stored yet. */
  private unstored: (() => void)[] = []
  private killed = false

  /** `memory`: `queues` as this process reaches them. */
  constructor(
    private readonly clock: Clock,
    private readonly timers: Timers,
    private readonly state: Pick<ServiceState, 'outOfService'> = new ServiceState(),
    private readonly queues = new MemoryQueueState(clock, timers),
    private readonly memory: SharedMemory<MemoryQueueState> = ownMemory(queues),
  ) {
    super()
    memory.onChange(() => this.onAvailability())
  }

  override async add<T extends object>(queue: QueueName, job: NewJob<T>): Promise<void> {
    await this.addAll(queue, [job])
  }

  /** Nothing is shared: in memory a job is stored at once. */
  override addShared<T extends object>(queue: QueueName, job: NewJob<T>): Promise<void> {
    return this.add(queue, job)
  }

  override addAll<T extends object>(name: QueueName, jobs: readonly NewJob<T>[]): Promise<void> {
    return this.memory.write((queues) => {
      for (const { data, ...options } of jobs) queues.add(name, JSON.stringify(data), options)
    })
  }

  override process<T extends object>(processor: Processor<T>): void {
    const { queue, concurrency, handle, onExhausted, removeExhausted } = processor
    const handlers: Handlers = {
      queue,
      handle: (data) => handle(data as T),
      ...(onExhausted && { onExhausted: (data, error) => onExhausted(data as T, error) }),
      ...(removeExhausted && { removeExhausted: (data) => removeExhausted(data as T) }),
    }
    this.processors.push({ handlers, scan: new ExhaustedScan() })
    let running = 0
    const worker: MemoryWorker = {
      queue,
      isFree: () => running < concurrency && this.memory.isWritable(),
      run: (job) => {
        running++
        const run: Run = { queue, job, ended: Promise.resolve() }
        this.runs.add(run)
        run.ended = this.run(handlers, job).finally(() => {
          running--
          this.runs.delete(run)
          this.queues.dispatchSoon(queue)
        })
      },
    }
    this.workers.push(worker)
    this.queues.attach(worker)
  }

  override async retryExhausted(until: Date): Promise<void> {
    const failedBefore = until.getTime()
    for (const { handlers, scan } of this.processors) {
      const { queue, removeExhausted } = handlers
      if (!removeExhausted) continue
      const from = scan.start(failedBefore)
      const failed = await this.memory.read((queues) => queues.failedBetween(queue, from, failedBefore))
      const unhandled: number[] = []
      for (const { job, failedAt } of failed) {
        const data = JSON.parse(job.data) as object
        if (!removeExhausted(data)) continue
        const isHandled = await this.handleExhausted(handlers, job, data, new Error(job.failedReason))
        if (!isHandled) unhandled.push(failedAt)
      }
      scan.end(failedBefore, unhandled)
    }
  }

  override status(name: QueueName): Promise<QueueStatus> {
    return this.memory.read((queues) => queues.status(name))
  }

  override async beforeApplicationShutdown(): Promise<void> {
    this.detach()
    await waitAtMost(STOP_TIMEOUT_MS, () => Promise.all([...this.runs].map(({ ended }) => ended)), this.timers)
  }

  /** The end of the process: results of running jobs are lost, and other processes run these jobs after a while. */
  kill(): void {
    this.killed = true
    this.detach()
    this.releaseLater(() => true)
  }

  private detach(): void {
    for (const worker of this.workers.splice(0)) this.queues.detach(worker)
  }

  private onAvailability(): void {
    if (!this.memory.isWritable()) {
      this.releaseLater(() => !this.memory.isWritable())
      return
    }
    for (const store of this.unstored.splice(0)) store()
    for (const { queue } of this.workers) this.queues.dispatchSoon(queue)
  }

  private releaseLater(isLost: () => boolean): void {
    for (const { queue, job } of this.runs) this.queues.releaseLater(queue, job, isLost)
  }

  private async run(handlers: Handlers, job: StoredJob): Promise<void> {
    const { queue, handle } = handlers
    const data = JSON.parse(job.data) as object
    try {
      assertInService(this.state, this.clock.now())
      await handle(data)
      this.end(() => this.queues.end(queue, job, 'completed'))
    } catch (error) {
      const now = this.clock.now()
      const retryMs = uncountedRetryMs(error, now.getTime() - job.addedAt, now)
      // Never in the same instant: a job that is always due would keep virtual time from advancing.
      const retryInMs = retryMs === null ? this.countFailure(queue, job, error) : Math.max(1, retryMs)
      this.end(() => this.queues.end(queue, job, retryInMs === null ? 'failed' : { retryInMs }))
      if (retryInMs === null) void this.handleExhausted(handlers, job, data, asError(error))
    }
  }

  /** When to retry, from now; null: it was the last attempt. */
  private countFailure(queue: QueueName, job: StoredJob, error: unknown): number | null {
    job.failures++
    job.failedReason = asError(error).message
    this.logger.warn({ queue, jobId: job.id, attempt: job.failures, err: asError(error) }, 'job failed')
    return job.failures < (job.attempts ?? 1) ? (job.backoffMs ?? 0) * 2 ** (job.failures - 1) : null
  }

  private end(store: () => void): void {
    if (this.killed) return
    if (this.memory.isWritable()) store()
    else this.unstored.push(store)
  }

  /** Returns whether the job was removed. */
  private async handleExhausted(
    { queue, onExhausted, removeExhausted }: Handlers,
    job: StoredJob,
    data: object,
    cause: Error,
  ): Promise<boolean> {
    if (!onExhausted) return false
    try {
      await onExhausted(data, cause)
    } catch (error) {
      const about = { queue, jobId: job.id, err: error }
      this.logger.error(about, 'failed to handle an exhausted job; it remains in the queue only')
      return false
    }
    if (!removeExhausted?.(data)) return false
    this.end(() => this.queues.remove(queue, job))
    return true
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
