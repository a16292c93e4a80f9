import type { QueueName } from '../queues/queue-names.js'
import { markMethod } from './decorated-methods.js'

export const JOB_HANDLER = Symbol('job handler')

export interface JobHandlerOptions<Provider extends object = object, Job = never> {
  /** One handler per queue. */
  queue: QueueName
  /** Maximum number of jobs that this process runs at a time. */
  concurrency: number
  /** Called after the last attempt of a job has failed, see `Processor.onExhausted`. */
  onExhausted?: (provider: Provider, job: Job, error: Error) => Promise<void>
  /** Whether a failed job is deleted once that has resolved, see `Processor.removeExhausted`. */
  removeExhausted?: (job: Job) => boolean
}

/** Runs each job of a queue in the worker role, by the rules of `Processor.handle`; may run the same job again. */
export function JobHandler<Provider extends object = object, Job = never>(options: JobHandlerOptions<Provider, Job>) {
  return <Method extends (job: Job) => Promise<void>>(
    _target: Provider,
    _key: string,
    { value }: TypedPropertyDescriptor<Method>,
  ): void => {
    if (value) markMethod(JOB_HANDLER, value, options)
  }
}
