import { MemoryStockGate } from '../../src/adapters/memory/stock/memory-stock-gate.js'
import type { Balances } from '../../src/domain/stock/ledger-account.js'
import type { ServiceState } from '../../src/infrastructure/instances/service-state.js'
import { MemoryJobQueues } from '../../src/infrastructure/queues/memory-job-queues.js'
import type { JobQueues } from '../../src/infrastructure/queues/job-queues.js'
import { MemoryRedisHealth } from '../../src/infrastructure/redis/memory-redis-health.js'
import type { RedisHealth } from '../../src/infrastructure/redis/redis-health.js'
import type { Clock } from '../../src/infrastructure/time/clock.js'
import type { Timers } from '../../src/infrastructure/time/timers.js'
import type { VirtualTime } from '../../src/infrastructure/time/virtual-time.js'
import { MemoryLimiterState, MemorySharedLimiter } from '../../src/platforms/throttle/memory-shared-limiter.js'
import type { SharedLimiter } from '../../src/platforms/throttle/shared-limiter.js'
import { ownMemory } from '../../src/infrastructure/shared-memory.js'
import type { StockGate } from '../../src/stock/gate/gate.js'

/** TEMPORARY: replaced by MemoryRedis. */
export class SimulatedRedis {
  readonly gate: MemoryStockGate
  gateCalls = 0
  readonly health = new MemoryRedisHealth()
  readonly limits: MemoryLimiterState
  constructor(private readonly time: VirtualTime) {
    this.gate = new MemoryStockGate(time)
    this.limits = new MemoryLimiterState(time)
  }

  connect(clock: Clock): RedisConnection {
    return {
      gate: this.gate,
      health: this.health,
      limiter: new MemorySharedLimiter(ownMemory(this.limits), clock),
      queuesOf: (timers, state) => new MemoryJobQueues(this.time, timers, state),
    }
  }

  gateOf(_eventId: string): { epoch: number; balances: Balances; pending: number } | null {
    const known = (
      this.gate as unknown as {
        events: Map<string, { loaded: { epoch: number; balances: Balances } | null; pending: Map<string, number> }>
      }
    ).events.get(_eventId)
    return known?.loaded ? { ...known.loaded, pending: known.pending.size } : null
  }

  wasRolledBack(_eventId: string): boolean {
    return false
  }
  lose(): void {}
  failOver(): void {}
  rollBack(_byMs: number): void {}
}

export interface RedisConnection {
  gate: StockGate
  health: RedisHealth
  limiter: SharedLimiter
  queuesOf: (timers: Timers, state: ServiceState) => JobQueues
}
