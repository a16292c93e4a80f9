import { Logger } from '@nestjs/common'
import { SpanKind } from '@opentelemetry/api'
import type { Job, JobsOptions, Queue } from 'bullmq'
import {
  contextFromTraceparent,
  currentTraceparent,
  isTracingEnabled,
  linkTo,
  setSpanAttributes,
  traced,
} from '../tracing/spans.js'

const logger = new Logger('Traces')

/**
 * Adds a job within a span whose context is stored in the job's options (`telemetry`). If the job was deduplicated, the
 * span is linked to the trace of the waiting job.
 */
export function traceEnqueue(
  queue: Queue,
  name: string,
  options: JobsOptions | undefined,
  add: (options: JobsOptions | undefined) => Promise<Job>,
): Promise<Job> {
  if (!isTracingEnabled()) return add(options)
  return traced(
    `send ${queue.name}`,
    { kind: SpanKind.PRODUCER, attributes: messagingAttributes(queue.name, name) },
    async () => {
      const metadata = currentTraceparent()
      if (!metadata) return add(options)
      const job = await add({ ...options, telemetry: { metadata } })
      setSpanAttributes({ 'messaging.message.id': job.id })
      if (options?.deduplication) await linkToWaitingJob(queue, job.id, metadata)
      return job
    },
  )
}

/** Adds the active trace, if there is one, to jobs that are added in bulk. */
export function withTraceparent<T extends { opts?: object }>(jobs: T[]): T[] {
  const metadata = currentTraceparent()
  return metadata ? jobs.map((job) => ({ ...job, opts: { ...job.opts, telemetry: { metadata } } })) : jobs
}

/** Processes a job within a span of the trace in its options. `isFailure`: whether an error marks the span as failed. */
export function traceJob(job: Job, isFailure: (error: unknown) => boolean, work: () => Promise<void>): Promise<void> {
  const attributes = {
    ...messagingAttributes(job.queueName, job.name),
    'messaging.message.id': job.id,
    'traffic_police.job.attempt': job.attemptsMade + 1,
  }
  const parent = contextFromTraceparent(job.opts.telemetry?.metadata)
  return traced(`process ${job.queueName}`, { kind: SpanKind.CONSUMER, attributes, parent, isFailure }, work)
}

function messagingAttributes(queue: string, job: string) {
  return { 'messaging.system': 'bullmq', 'messaging.destination.name': queue, 'traffic_police.job.name': job }
}

/** Never rejects: the job is added already, only the link would be missing. */
async function linkToWaitingJob(queue: Queue, jobId: string | undefined, own: string): Promise<void> {
  try {
    const waitingJob = jobId === undefined ? undefined : await queue.getJob(jobId)
    const waitingTrace = waitingJob?.opts.telemetry?.metadata
    if (waitingTrace && waitingTrace !== own) linkTo(waitingTrace)
  } catch (error) {
    logger.debug({ err: error }, 'failed to link the trace of a deduplicated job')
  }
}
