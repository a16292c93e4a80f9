import { Injectable } from '@nestjs/common'
import { ModuleRef } from '@nestjs/core'
import { getQueueToken } from '@nestjs/bullmq'
import type { Job, Queue } from 'bullmq'
import { Metrics } from '../metrics/metrics.js'
import { QUEUES, type QueueName } from './queue-names.js'

/** A queue at work takes its oldest job sooner than this, whatever else it has to do. */
const STUCK_MS = 30_000

/** What waits in the queues for a worker. */
@Injectable()
export class Backlog {
  /** The oldest waiting job of a queue, and since when (ms) it is known to be the oldest. */
  private readonly heads = new Map<QueueName, { id: string; since: number }>()

  constructor(
    private readonly modules: ModuleRef,
    metrics: Metrics,
  ) {
    const help = 'How long the oldest job has been waiting for a worker; not set while Redis does not answer'
    metrics.gauge('queue_oldest_job_age_seconds', help, ['queue'], async (gauge) => {
      gauge.reset()
      await Promise.all(
        Object.values(QUEUES).map(async (queue) => {
          const job = await this.oldest(queue).catch(() => undefined)
          if (job !== undefined) gauge.set({ queue }, job === null ? 0 : ageSeconds(job))
        }),
      )
    })
  }

  /** The first of these queues whose oldest waiting job has been the same for too long; null: none. */
  async stuckQueue(queues: readonly QueueName[]): Promise<{ queue: QueueName; seconds: number } | null> {
    const now = Date.now()
    for (const queue of queues) {
      const job = await this.oldest(queue)
      const known = this.heads.get(queue)
      if (!job?.id) this.heads.delete(queue)
      else if (known?.id !== job.id) this.heads.set(queue, { id: job.id, since: now })
      else if (now - known.since > STUCK_MS) return { queue, seconds: Math.round((now - known.since) / 1_000) }
    }
    return null
  }

  private async oldest(name: QueueName): Promise<Job | null> {
    const queue = this.modules.get<Queue>(getQueueToken(name), { strict: false })
    const [job] = await queue.getJobs(['wait'], 0, 0, true)
    return job ?? null
  }
}

/** Since it was made or last tried. */
function ageSeconds({ timestamp, processedOn }: Job): number {
  return Math.max(0, Date.now() - Math.max(timestamp, processedOn ?? 0)) / 1_000
}
