import { Injectable } from '@nestjs/common'
import { ModuleRef } from '@nestjs/core'
import { getQueueToken } from '@nestjs/bullmq'
import type { Job, Queue } from 'bullmq'
import { Metrics } from '../metrics/metrics.js'
import { QUEUES, type QueueName } from './queue-names.js'

/** A working queue picks up its oldest job sooner than this, under any load. */
const STUCK_MS = 30_000

/** The jobs that wait for a worker. */
@Injectable()
export class Backlog {
  /** The oldest waiting job per queue, and since when (ms) it has been observed as the oldest. */
  private readonly oldestJobs = new Map<QueueName, { id: string; since: number }>()

  constructor(
    private readonly modules: ModuleRef,
    metrics: Metrics,
  ) {
    const help = 'Age of the oldest job waiting for a worker, in seconds; unset while Redis is unreachable'
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

  /** The first of these queues whose oldest waiting job has not changed for too long; null: none. */
  async stuckQueue(queues: readonly QueueName[]): Promise<{ queue: QueueName; seconds: number } | null> {
    const now = Date.now()
    for (const queue of queues) {
      const job = await this.oldest(queue)
      const known = this.oldestJobs.get(queue)
      if (!job?.id) this.oldestJobs.delete(queue)
      else if (known?.id !== job.id) this.oldestJobs.set(queue, { id: job.id, since: now })
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

/** When the job was added or last attempted, ms since 1970. */
export function waitingSince({ timestamp, processedOn }: Job): number {
  return Math.max(timestamp, processedOn ?? 0)
}

function ageSeconds(job: Job): number {
  return Math.max(0, Date.now() - waitingSince(job)) / 1_000
}
