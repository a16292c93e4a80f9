import { BullModule } from '@nestjs/bullmq'
import { Global, Module } from '@nestjs/common'
import { RedisClients } from '../redis/redis-clients.js'
import { RedisModule } from '../redis/redis.module.js'
import { QUEUES, queuePrefix } from './queue-names.js'
import { Backlog } from './backlog.js'
import { TracedQueue } from './traced-queue.js'
import { QueueProbe } from './queue-probe.js'
import { Workers } from './workers.js'

/** Jobs that end well need no trace; failed ones stay long enough to be looked at. */
const JOB_DEFAULTS = { removeOnComplete: true, removeOnFail: { count: 1_000, age: 7 * 86_400 } }

BullModule.queueClass = TracedQueue

/**
 * The sending side of all queues: a command that Redis does not answer fails within the `queue` connection's limit,
 * also when Redis was never up, so that callers can fall back.
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
@Module({ imports: queues, providers: [Backlog, QueueProbe, Workers], exports: [...queues, Workers] })
export class QueuesModule {}
