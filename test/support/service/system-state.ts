import { getQueueToken } from '@nestjs/bullmq'
import type { Queue } from 'bullmq'
import { afterEach } from 'vitest'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { QUEUES, type QueueName } from '../../../src/infrastructure/queues/queue-names.js'
import type { TestSystem } from './test-system.js'

const MAX_JOBS = 50

/** What may keep work waiting: the mode, the channels of events that are not closed, and unfinished and failed jobs. */
export async function systemState({ app, token }: TestSystem) {
  const queues = Object.values(QUEUES)
  const [mode, channels, ...jobs] = await Promise.all([
    app.call<object>('GET', '/system/mode', { token }),
    app.app.get(PrismaService).channel.findMany({ where: { event: { closedSince: null } } }),
    ...queues.map((name) => jobsOf(app.app.get<Queue>(getQueueToken(name)), name)),
  ])
  return { at: new Date(), mode: mode.body, channels, jobs: jobs.flat() }
}

async function jobsOf(queue: Queue, name: QueueName) {
  const jobs = await queue.getJobs(['delayed', 'wait', 'active', 'failed'], 0, MAX_JOBS - 1)
  return jobs.map(({ data, failedReason, attemptsMade, timestamp, delay }) => {
    return { queue: name, data, failedReason, attemptsMade, queuedAt: new Date(timestamp), delay }
  })
}

/** Prints the state of the system after each test of the group that has failed. */
export function printStateOnFailure(systemOf: () => TestSystem | undefined): void {
  afterEach(async ({ task }) => {
    const system = systemOf()
    if (task.result?.state === 'fail' && system)
      console.error(`[${task.name}]`, JSON.stringify(await systemState(system)))
  })
}
