import { Logger } from '@nestjs/common'
import { Queue, type QueueOptions } from 'bullmq'
import { Redis } from 'ioredis'
import { withTraceparent, traceEnqueue } from './job-spans.js'

const logger = new Logger('Queues')

/** The producer side of a queue. Its jobs contain the trace they belong to. */
export class TracedQueue extends Queue {
  constructor(name: string, options: QueueOptions) {
    super(name, options)
    // Without a listener BullMQ prints every error; lost connections are already logged by the Redis clients.
    this.on('error', (error) => logger.debug({ queue: name, err: error }, 'queue connection error'))
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
