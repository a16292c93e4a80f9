import { BullModule } from '@nestjs/bullmq'
import { Global, Module } from '@nestjs/common'
import { JobHandlers } from '../background/job-handlers.js'
import { RedisClients } from '../redis/redis-clients.js'
import { RedisModule } from '../redis/redis.module.js'
import { QUEUES, queuePrefix } from './queue-names.js'
import { Backlog } from './backlog.js'
import { BullmqJobQueues } from './bullmq-job-queues.js'
import { ExhaustedJobs } from './exhausted-jobs.js'
import { JobQueues } from './job-queues.js'
import { KEPT_FAILURES } from './job-rules.js'
import { TracedQueue } from './traced-queue.js'
import { QueueProbe } from './queue-probe.js'

/** Completed jobs are removed; failed ones are kept for inspection. */
const JOB_DEFAULTS = {
  removeOnComplete: true,
  removeOnFail: { count: KEPT_FAILURES.count, age: KEPT_FAILURES.ageSeconds },
}

BullModule.queueClass = TracedQueue

/**
 * The producer side of all queues: while Redis is unavailable, commands fail within the timeout of the `queue`
 * connection, also if Redis was never reachable, so that callers can fall back.
 */
const queues = Object.values(QUEUES).map((name) =>
  BullModule.registerQueueAsync({
    name,
    imports: [RedisModule],
    inject: [RedisClients],
    useFactory: (clients: RedisClients) => ({
      connection: clients.get('queue'),
      prefix: queuePrefix(name),
      skipWaitingForReady: true,
      skipVersionCheck: true,
      defaultJobOptions: JOB_DEFAULTS,
    }),
  }),
)

@Global()
@Module({
  imports: queues,
  providers: [Backlog, QueueProbe, JobHandlers, ExhaustedJobs, { provide: JobQueues, useClass: BullmqJobQueues }],
  exports: [...queues, JobQueues],
})
export class QueuesModule {}
