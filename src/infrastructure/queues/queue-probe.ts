import { Injectable, type OnApplicationShutdown } from '@nestjs/common'
import { Queue } from 'bullmq'
import { Readiness } from '../health/readiness.js'
import { newId } from '../ids.js'
import { RedisClients } from '../redis/redis-clients.js'

/** A queue that nobody works on. */
const NAME = 'readiness-probe'
const HOUR_MS = 3_600_000

/** Readiness, as far as queues go: a job can be added, and taken off again. */
@Injectable()
export class QueueProbe implements OnApplicationShutdown {
  private readonly queue: Queue

  constructor(readiness: Readiness, clients: RedisClients) {
    this.queue = new Queue(NAME, {
      connection: clients.get('queue'),
      prefix: `{traffic-police:${NAME}}`,
      skipWaitingForReady: true,
      skipVersionCheck: true,
    })
    this.queue.on('error', () => undefined) // the probe tells
    readiness.register('queues', () => this.probe())
  }

  async onApplicationShutdown(): Promise<void> {
    await this.queue.close()
  }

  private async probe(): Promise<void> {
    const job = await this.queue.add('probe', null, { jobId: newId('prb'), delay: HOUR_MS })
    await job.remove()
  }
}
