import { Injectable, type OnApplicationShutdown } from '@nestjs/common'
import { Queue } from 'bullmq'
import { Readiness } from '../health/readiness.js'
import { newId } from '../ids.js'
import { RedisClients } from '../redis/redis-clients.js'

/** A queue without workers. */
const NAME = 'readiness-probe'
const HOUR_MS = 3_600_000

/** Readiness check of the queues: a job can be added and removed. */
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
    this.queue.on('error', () => undefined) // reported by the probe
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
