import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { loadConfig } from '../../src/infrastructure/config/load-config.js'
import { InfrastructureModule } from '../../src/infrastructure/infrastructure.module.js'
import { ServiceState } from '../../src/infrastructure/instances/service-state.js'
import { JobQueues } from '../../src/infrastructure/queues/job-queues.js'
import { MemoryJobQueues } from '../../src/infrastructure/queues/memory-job-queues.js'
import { QueuesModule } from '../../src/infrastructure/queues/queues.module.js'
import { Clock } from '../../src/infrastructure/time/clock.js'
import { Timers } from '../../src/infrastructure/time/timers.js'
import { VirtualTime } from '../../src/infrastructure/time/virtual-time.js'
import { sharedRedis } from './redis.js'

const LIMIT_MS = 3_600_000

/** Empty job queues with the time they depend on. */
export interface JobQueuesSetup {
  queues: JobQueues
  clock: Clock
  timers: Timers
  state: ServiceState
  /** Lets the time of these queues pass until `work` settles. */
  run<T>(work: Promise<T>): Promise<T>
  close(): Promise<void>
}

@Module({})
class QueuesOnly {}

/** In an empty Redis database, wired as in the service. */
export async function jobQueuesInRedis(): Promise<JobQueuesSetup> {
  const config = loadConfig({
    // Never connected: no job of these tests uses PostgreSQL.
    DATABASE_URL: 'postgresql://127.0.0.1:1/unused',
    REDIS_URL: await sharedRedis(),
    AUTH_SECRET: 'a secret that only tests use',
    LOG_LEVEL: 'silent',
    LOG_FORMAT: 'json',
  })
  const root = { module: QueuesOnly, imports: [InfrastructureModule.of(config), QueuesModule] }
  const app = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false })
  return {
    queues: app.get(JobQueues),
    clock: app.get(Clock),
    timers: app.get(Timers),
    state: app.get(ServiceState, { strict: false }),
    run: (work) => work,
    close: () => app.close(),
  }
}

export function jobQueuesInMemory(): Promise<JobQueuesSetup> {
  const time = new VirtualTime()
  const state = new ServiceState()
  return Promise.resolve({
    queues: new MemoryJobQueues(time, time, state),
    clock: time,
    timers: time,
    state,
    run: (work) => time.until(work, LIMIT_MS),
    close: () => Promise.resolve(),
  })
}
