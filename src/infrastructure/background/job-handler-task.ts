import { RetryLaterError, type JobQueues } from '../queues/job-queues.js'
import type { Clock } from '../time/clock.js'
import type { BackgroundTask } from './background-task.js'
import type { DecoratedMethod } from './decorated-methods.js'
import type { JobHandlerOptions } from './job-handler.js'
import { RunRecord } from './run-record.js'

/** One method with `@JobHandler`, named as its queue. */
export class JobHandlerTask implements BackgroundTask {
  readonly kind = 'job handler'
  readonly name
  readonly runsIn = 'worker'
  readonly declaredBy
  readonly provider
  readonly everyMs = null
  readonly record

  constructor(
    private readonly method: DecoratedMethod<JobHandlerOptions<object, object>>,
    private readonly queues: JobQueues,
    clock: Clock,
  ) {
    this.name = method.options.queue
    this.declaredBy = method.declaredBy
    this.provider = method.provider
    this.record = new RunRecord(clock)
  }

  start(): Promise<void> {
    const { provider, call, options } = this.method
    const { queue, concurrency, onExhausted, removeExhausted } = options
    this.queues.process<object>({
      queue,
      concurrency,
      handle: (job) => this.record.measure(async () => void (await call(job)), isFailure),
      ...(onExhausted && { onExhausted: (job, error) => onExhausted(provider, job, error) }),
      ...(removeExhausted && { removeExhausted }),
    })
    return Promise.resolve()
  }

  /** The queues stop their processors themselves. */
  stop(): Promise<void> {
    return Promise.resolve()
  }
}

function isFailure(error: unknown): boolean {
  return !(error instanceof RetryLaterError)
}
