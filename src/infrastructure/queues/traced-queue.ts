import { Logger } from '@nestjs/common'
import { Queue, type Job, type QueueOptions } from 'bullmq'
import { Redis } from 'ioredis'
import { JobBatches } from './job-batches.js'
import { withTraceparent, traceEnqueue } from './job-spans.js'

const logger = new Logger('Queues')

type BulkJob = Parameters<Queue['addBulk']>[0][number]

/** The producer side of a queue. Its jobs contain the trace they belong to. */
export class TracedQueue extends Queue {
  private readonly batches: JobBatches<BulkJob, Job>

  constructor(name: string, options: QueueOptions) {
    super(name, options)
    // Without a listener BullMQ prints every error; lost connections are already logged by the Redis clients.
    this.on('error', (error) => logger.debug({ queue: name, err: error }, 'queue connection error'))
    this.batches = new JobBatches((jobs) => super.addBulk(jobs), textSizeOf)
  }

  /** As `add`, but stored together with others that are added concurrently. */
  addShared(...[name, data, opts]: Parameters<Queue['add']>): Promise<Job> {
    return traceEnqueue(this, name, opts, (withTrace) => this.batches.add({ name, data, opts: withTrace }))
  }

  override async add(...[name, data, options]: Parameters<Queue['add']>) {
    return traceEnqueue(this, name, options, (withTrace) => super.add(name, data, withTrace))
  }

  /** BullMQ lists the workers of the whole server; those of other installations use another database number. */
  override async getWorkers() {
    const { connection } = this.opts
    const own = connection instanceof Redis ? (connection.options.db ?? 0) : 0
    return (await super.getWorkers()).filter(({ db }) => Number(db ?? 0) === own)
  }

  override async addBulk(jobs: Parameters<Queue['addBulk']>[0]) {
    return super.addBulk(withTraceparent(jobs))
  }
}

/** The texts in the fields of its data; whatever else it has is small. */
function textSizeOf({ data }: BulkJob): number {
  return Object.values(data as object).reduce<number>(
    (size, value) => (typeof value === 'string' ? size + value.length : size),
    0,
  )
}
