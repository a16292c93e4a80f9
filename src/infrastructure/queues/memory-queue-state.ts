import type { Clock } from '../time/clock.js'
import type { Timers } from '../time/timers.js'
import type { JobOptions, QueueStatus } from './job-queues.js'
import { MemoryQueue, type StoredJob } from './memory-queue.js'
import type { QueueName } from './queue-names.js'

/** As the lock of a job in Redis: a job of a process that is lost for this long is given to another one, ms. */
const LOCK_MS = 10_000
/** A job that was lost more often counts as failed. */
const MAX_STALLS = 5

/** What runs the jobs of one queue in one process. */
export interface MemoryWorker {
  readonly queue: QueueName
  /** Whether it can take a job now. */
  isFree(): boolean
  run(job: StoredJob): void
}

/** The queues of all processes, as one Redis keeps them, by its clock. */
export class MemoryQueueState {
  private queues = new Map<QueueName, MemoryQueue>()
  /** The one that has been idle longest is first. */
  private readonly workers: MemoryWorker[] = []

  constructor(
    private readonly clock: Clock,
    private readonly timers: Timers,
  ) {}

  add(name: QueueName, data: string, options: JobOptions): void {
    const stored = this.queueOf(name).store(data, options, this.now())
    if (stored) this.enqueue(name, stored, options.delayMs ?? 0)
  }

  status(name: QueueName): QueueStatus {
    const { waiting, failed } = this.queueOf(name)
    const [oldest] = waiting
    return {
      waiting: waiting.length,
      failed,
      processors: this.workers.filter(({ queue }) => queue === name).length,
      oldestWaitingSince: oldest ? new Date(Math.max(oldest.addedAt, oldest.startedAt ?? 0)) : null,
    }
  }

  attach(worker: MemoryWorker): void {
    this.workers.push(worker)
    this.dispatchSoon(worker.queue)
  }

  detach(worker: MemoryWorker): void {
    this.workers.splice(this.workers.indexOf(worker), 1)
  }

  /** Ends a run with its result; ignored for a job that has been lost or given to another process. */
  end(name: QueueName, job: StoredJob, result: 'completed' | 'failed' | { retryInMs: number }): void {
    const queue = this.queueOf(name)
    if (!queue.active.delete(job)) return
    if (result === 'completed') queue.complete(job, this.now())
    else if (result === 'failed') queue.fail(job, this.now())
    else this.enqueue(name, job, result.retryInMs)
  }

  /** Kept failed jobs, oldest first. */
  failedBetween(name: QueueName, from: number, before: number): { job: StoredJob; failedAt: number }[] {
    return this.queueOf(name).failedBetween(from, before)
  }

  /** Deletes a kept failed job. */
  remove(name: QueueName, job: StoredJob): void {
    this.queueOf(name).remove(job)
  }

  /** Gives a running job of a lost process to another one. */
  release(name: QueueName, job: StoredJob): void {
    const queue = this.queueOf(name)
    if (!queue.active.delete(job)) return
    job.stalls += 1
    if (job.stalls > MAX_STALLS) {
      queue.fail(job, this.now())
      return
    }
    // The run that was lost may still continue: it must not end this one.
    const copy = queue.replace(job)
    queue.waiting.unshift(copy)
    this.dispatchSoon(name)
  }

  /** As `release`, once the lock of the job expires, unless `isLost` is false by then. */
  releaseLater(name: QueueName, job: StoredJob, isLost: () => boolean): void {
    this.timers.after(LOCK_MS, () => {
      if (isLost()) this.release(name, job)
    })
  }

  /** A job never starts inside the call that adds it. */
  dispatchSoon(name: QueueName): void {
    queueMicrotask(() => this.dispatch(name))
  }

  clear(): void {
    this.queues.clear()
  }

  /** Returns the function that restores the present state. Running jobs are then lost, and run again. */
  snapshot(): () => void {
    const saved = copyOf(this.queues)
    return () => {
      this.queues = copyOf(saved)
      for (const [name, { delayed, active }] of this.queues) {
        for (const at of delayed.values()) this.promoteAt(name, at)
        for (const job of active) this.releaseLater(name, job, () => true)
        this.dispatchSoon(name)
      }
    }
  }

  private enqueue(name: QueueName, job: StoredJob, delayMs: number): void {
    const queue = this.queueOf(name)
    if (delayMs <= 0) {
      queue.waiting.push(job)
      this.dispatchSoon(name)
      return
    }
    queue.delayed.set(job, this.now() + delayMs)
    this.promoteAt(name, this.now() + delayMs)
  }

  private promoteAt(name: QueueName, at: number): void {
    this.timers.after(at - this.now(), () => {
      this.queueOf(name).promote(this.now())
      this.dispatchSoon(name)
    })
  }

  private dispatch(name: QueueName): void {
    const queue = this.queueOf(name)
    for (;;) {
      const index = this.workers.findIndex((worker) => worker.queue === name && worker.isFree())
      const worker = this.workers[index]
      const job = worker && queue.waiting.shift()
      if (!worker || !job) return
      this.workers.splice(index, 1)
      this.workers.push(worker)
      job.startedAt = this.now()
      queue.active.add(job)
      worker.run(job)
    }
  }

  private queueOf(name: QueueName): MemoryQueue {
    const known = this.queues.get(name)
    if (known) return known
    const queue = new MemoryQueue()
    this.queues.set(name, queue)
    return queue
  }

  private now(): number {
    return this.clock.now().getTime()
  }
}

function copyOf(queues: ReadonlyMap<QueueName, MemoryQueue>): Map<QueueName, MemoryQueue> {
  return new Map([...queues].map(([name, queue]) => [name, queue.copy()]))
}
