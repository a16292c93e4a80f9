import { Logger } from '@nestjs/common'
import { Queue, type QueueOptions } from 'bullmq'
import { Redis } from 'ioredis'
import { carryWithJobs, traceSending } from './job-spans.js'

const logger = new Logger('Queues')

/** The sending side of a queue. Its jobs carry the trace that they belong to. */
export class TracedQueue extends Queue {
  constructor(name: string, options: QueueOptions) {
    super(name, options)
    // What nobody listens to is printed, once per lost connection and queue; the connections tell of it themselves.
    this.on('error', (error) => logger.debug({ queue: name, err: error }, 'queue connection'))
  }

  override async add(...[name, data, options]: Parameters<Queue['add']>) {
    return traceSending(this, name, options, (withTrace) => super.add(name, data, withTrace))
  }

  /** BullMQ lists the workers of a whole server, also those of another installation in another of its databases. */
  override async getWorkers() {
    const { connection } = this.opts
    const own = connection instanceof Redis ? (connection.options.db ?? 0) : 0
    return (await super.getWorkers()).filter(({ db }) => Number(db ?? 0) === own)
  }

  override async addBulk(jobs: Parameters<Queue['addBulk']>[0]) {
    return super.addBulk(carryWithJobs(jobs))
  }
}
