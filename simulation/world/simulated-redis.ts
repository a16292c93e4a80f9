import { MemoryRedis, type MemoryRedisConnection, type RedisSnapshot } from '../../src/adapters/memory/memory-redis.js'
import { MemoryStockGate } from '../../src/adapters/memory/stock/memory-stock-gate.js'
import type { ServiceState } from '../../src/infrastructure/instances/service-state.js'
import { MemoryJobQueues } from '../../src/infrastructure/queues/memory-job-queues.js'
import { MemoryRedisHealth } from '../../src/infrastructure/redis/memory-redis-health.js'
import type { Clock } from '../../src/infrastructure/time/clock.js'
import type { Timers } from '../../src/infrastructure/time/timers.js'
import type { VirtualTime } from '../../src/infrastructure/time/virtual-time.js'
import { MemorySharedLimiter } from '../../src/platforms/throttle/memory-shared-limiter.js'
import type { GateState } from '../../src/stock/gate/gate.js'
import type { Recorder } from '../replay/recorder.js'

const MANY = 10_000

/** The Redis of a run. */
export class SimulatedRedis {
  private readonly server: MemoryRedis
  /** Grows with every command of a stock gate. */
  gateCalls = 0

  constructor(
    time: VirtualTime,
    private readonly recorder: Recorder | null,
  ) {
    this.server = new MemoryRedis(time, time)
  }

  /** What a process reaches of it. */
  connect(clock: Clock, timers: Timers, state: ServiceState, isPaused: () => boolean) {
    const connection: MemoryRedisConnection = this.server.connect()
    const queues = connection.memoryOf('queues')
    const gate = connection.memoryOf('gate')
    const listeners: (() => void)[] = []
    // A paused process takes no jobs, and its running ones are given to others.
    const jobs: typeof queues = {
      read: queues.read,
      write: queues.write,
      isWritable: () => !isPaused() && queues.isWritable(),
      onChange: (listener) => {
        listeners.push(listener)
        queues.onChange(listener)
      },
    }
    return {
      connection,
      gate: new MemoryStockGate(this.recorder?.gate(gate) ?? gate),
      health: new MemoryRedisHealth(connection.memoryOf('health')),
      limiter: new MemorySharedLimiter(connection.memoryOf('limiter'), clock),
      queues: new MemoryJobQueues(clock, timers, state, this.server.parts.queues, jobs),
      /** The process was paused, or runs again. */
      pauseChanged: () => listeners.forEach((listener) => listener()),
    }
  }

  /** The gate of an event and its number of pending operations; null: it is not loaded. */
  gateOf(eventId: string): (GateState & { pending: number }) | null {
    const { gate } = this.server.parts
    const loaded = gate.read(eventId, this.server.run)
    return loaded && { ...loaded, pending: gate.pending(eventId, 0, MANY).length }
  }

  /** All data is lost; the server keeps running. */
  lose(): void {
    this.server.clear()
    this.recorder?.emptied()
  }

  /** Null: a replica that has received nothing. */
  failOver(received: RedisSnapshot | null): void {
    this.server.failOver(received)
    this.recorder?.failedOver(received)
  }

  snapshot(): RedisSnapshot {
    const snapshot = this.server.snapshot()
    this.recorder?.saved(snapshot)
    return snapshot
  }
}
