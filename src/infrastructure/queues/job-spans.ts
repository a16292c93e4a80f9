import { Logger } from '@nestjs/common'
import { SpanKind } from '@opentelemetry/api'
import type { Job, JobsOptions, Queue } from 'bullmq'
import { carried, carry, linkTo, noteOnSpan, traced } from '../tracing/spans.js'

const logger = new Logger('Traces')

/**
 * Adds a job as a span whose context goes along in the job's options, where BullMQ has a place for it. A job that was
 * not added because another one is waiting for the same is joined with that one's trace by a link.
 */
export async function traceSending(
  queue: Queue,
  name: string,
  options: JobsOptions | undefined,
  add: (options: JobsOptions | undefined) => Promise<Job>,
): Promise<Job> {
  return traced(`send ${queue.name}`, { kind: SpanKind.PRODUCER, attributes: about(queue.name, name) }, async () => {
    const metadata = carry()
    if (!metadata) return add(options)
    const job = await add({ ...options, telemetry: { metadata } })
    noteOnSpan({ 'messaging.message.id': job.id })
    if (options?.deduplication) await joinWaiting(queue, job.id, metadata)
    return job
  })
}

/** Jobs added together go on in the trace that is active, if there is one. */
export function carryWithJobs<T extends { opts?: object }>(jobs: T[]): T[] {
  const metadata = carry()
  return metadata ? jobs.map((job) => ({ ...job, opts: { ...job.opts, telemetry: { metadata } } })) : jobs
}

/** Works on a job as a span of the trace that it carries. `isFailure`: whether an error speaks against the job. */
export function traceJob(job: Job, isFailure: (error: unknown) => boolean, work: () => Promise<void>): Promise<void> {
  const attributes = {
    ...about(job.queueName, job.name),
    'messaging.message.id': job.id,
    'traffic_police.job.attempt': job.attemptsMade + 1,
  }
  const parent = carried(job.opts.telemetry?.metadata)
  return traced(`process ${job.queueName}`, { kind: SpanKind.CONSUMER, attributes, parent, isFailure }, work)
}

function about(queue: string, job: string) {
  return { 'messaging.system': 'bullmq', 'messaging.destination.name': queue, 'traffic_police.job.name': job }
}

/** The job was added already: that its trace can't be found is no reason to fail. */
async function joinWaiting(queue: Queue, jobId: string | undefined, own: string): Promise<void> {
  try {
    const waiting = jobId === undefined ? undefined : await queue.getJob(jobId)
    const other = waiting?.opts.telemetry?.metadata
    if (other && other !== own) linkTo(other)
  } catch (error) {
    logger.debug({ err: error }, 'a job is not linked with the one that was waiting')
  }
}
