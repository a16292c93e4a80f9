import type { BeforeApplicationShutdown } from '@nestjs/common'
import type { QueueName } from './queue-names.js'

/** Thrown by a processor to retry the same job later without counting a failure. */
export class RetryLaterError extends Error {
  constructor(
    readonly at: Date,
    reason: string,
  ) {
    super(reason)
  }
}

export interface JobOptions {
  /** A job that has the id of a waiting, delayed, running or kept failed one is ignored. Not a number, without colons. */
  id?: string
  /** Earliest start, from now. Default 0. */
  delayMs?: number
  /**
   * A job is ignored while another one with the same deduplication id counts: with `ttlMs` for this time from when that one
   * was added, even if it has finished by then; without, or with 0, until it has completed or finally failed.
   */
  deduplication?: { id: string; ttlMs?: number }
  /** How often a job is run until it counts as failed. Default 1. */
  attempts?: number
  /** Delay of the second attempt; it doubles with each further one. Default 0. */
  backoffMs?: number
  /** Whether the job is kept for inspection once it has finally failed. Default true: the newest 1000, for 7 days. */
  keepFailed?: boolean
}

export interface NewJob<T extends object> extends JobOptions {
  /** The kind of work, for the queue browser and traces. */
  name: string
  /** Passed as JSON: dates arrive as text. */
  data: T
}

export interface Processor<T extends object> {
  queue: QueueName
  /** Maximum number of jobs that this process runs at a time. */
  concurrency: number
  /**
   * Runs one job; may run the same job again. RetryLaterError retries it at that time; an error that means that Redis or
   * PostgreSQL is unavailable retries it after a second, unless the job was added more than 15 min ago. Neither counts as
   * an attempt, any other error does.
   */
  handle: (data: T) => Promise<void>
  /**
   * Called after the last attempt has failed. If it rejects, the error is logged and only the failed job remains. A job
   * that `removeExhausted` deletes may be given to it again.
   */
  onExhausted?: (data: T, error: Error) => Promise<void>
  /**
   * Whether a failed job is deleted once `onExhausted` has resolved, since its data is stored elsewhere by then. Default:
   * it is kept as other failed jobs are.
   */
  removeExhausted?: (data: T) => boolean
}

export interface QueueStatus {
  /** Jobs that could run now; delayed ones do not count. */
  waiting: number
  /** Failed jobs that are kept. */
  failed: number
  /** Registered processors of all processes. */
  processors: number
  /** When the oldest waiting job was added or last attempted; null: none waits. */
  oldestWaitingSince: Date | null
}

/**
 * The job queues of the installation: each job is run at least once, by any process that has a processor for its queue;
 * those that may run start in the order in which they were added or became due.
 */
export abstract class JobQueues implements BeforeApplicationShutdown {
  /** Resolves when the job is stored, or ignored because of its id. Rejects when Redis does not reply in time. */
  abstract add<T extends object>(queue: QueueName, job: NewJob<T>): Promise<void>

  /**
   * As `add`, for jobs that arrive in large numbers: they share round trips and waits for the disk. Rejects as well when
   * too many of them wait.
   */
  abstract addShared<T extends object>(queue: QueueName, job: NewJob<T>): Promise<void>

  /** Rejects when Redis does not reply in time; some of the jobs may be stored by then. */
  abstract addAll<T extends object>(queue: QueueName, jobs: readonly NewJob<T>[]): Promise<void>

  /** Runs the jobs of a queue in this process until it shuts down, those that were added before included. */
  abstract process<T extends object>(processor: Processor<T>): void

  /**
   * Handles failed jobs that `removeExhausted` of this process's processors would have deleted, and that are still there:
   * the process that ran them ended before `onExhausted` had resolved, or it rejected. `failedBefore`: those that failed
   * since then are left to that process. Rejects when Redis does not reply in time.
   */
  abstract retryExhausted(failedBefore: Date): Promise<void>

  /** Rejects when Redis does not reply in time. */
  abstract status(queue: QueueName): Promise<QueueStatus>

  /** Starts no further job in this process, and waits up to 5 s for running ones. */
  abstract beforeApplicationShutdown(): Promise<void>
}
