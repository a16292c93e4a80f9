import type { MemoryDatabase } from '../../src/adapters/memory/memory-database.js'
import type { AllocationPolicy } from '../../src/domain/rebalancing/allocation-policy.js'
import type { LockRegistry } from '../../src/infrastructure/locks/memory-locks.js'
import type { VirtualTime } from '../../src/infrastructure/time/virtual-time.js'
import type { Random } from '../../simulators/kit/index.js'
import type { Recorder } from '../replay/recorder.js'
import type { RunTrace } from '../run/trace.js'
import type { Scenario } from '../scenario/actions.js'
import type { DatabaseConditions, RedisConditions } from './conditions.js'
import type { PaymentServer } from './payment-server.js'
import type { Connections } from './connections.js'
import type { SimulatedPlatforms } from './simulated-platforms.js'
import type { SimulatedRedis } from './simulated-redis.js'

/** What the processes of a run share. */
export interface Environment {
  readonly scenario: Scenario
  /** How the processes divide units among channels. */
  readonly policy: AllocationPolicy
  readonly time: VirtualTime
  readonly trace: RunTrace
  readonly random: Random
  readonly database: MemoryDatabase
  readonly locks: LockRegistry
  readonly redis: SimulatedRedis
  /** What is wrong with PostgreSQL, and with Redis. */
  readonly databaseConditions: DatabaseConditions
  readonly redisConditions: RedisConditions
  readonly platforms: SimulatedPlatforms
  readonly connections: Connections
  /** Null: nothing is recorded. */
  readonly recorder: Recorder | null
  readonly payments: PaymentServer
}
