import { MemoryQueueState } from '../../infrastructure/queues/memory-queue-state.js'
import { MemoryHealthState } from '../../infrastructure/redis/memory-redis-health.js'
import type { SharedMemory } from '../../infrastructure/shared-memory.js'
import type { Clock } from '../../infrastructure/time/clock.js'
import type { Timers } from '../../infrastructure/time/timers.js'
import { MemoryLimiterState } from '../../platforms/throttle/memory-shared-limiter.js'
import { MemoryGateState } from './stock/memory-gate-state.js'

/** As `commandTimeout` of the connections. */
const COMMAND_TIMEOUT_MS = 500

/**
 * How commands fail.
 *
 * - `closed`: at once, unsent.
 * - `silent`: after the timeout of commands; they were not executed.
 * - `reply-lost`: after that timeout; they were executed.
 * - `read-only`: writes at once, as on a replica.
 */
export type RedisOutage = 'closed' | 'silent' | 'reply-lost' | 'read-only'

export interface RedisParts {
  gate: MemoryGateState
  queues: MemoryQueueState
  limiter: MemoryLimiterState
  health: MemoryHealthState
}

/** The data of a `MemoryRedis` at one time. */
export type RedisSnapshot = () => void

/** One Redis in memory for all processes of an installation: its data, and what can happen to it. */
export class MemoryRedis {
  readonly parts: RedisParts
  private outage: RedisOutage | null = null
  private runs = 1
  private readonly connections: MemoryRedisConnection[] = []

  /** `clock`: that of the server. */
  constructor(
    clock: Clock,
    readonly timers: Timers,
  ) {
    this.parts = {
      gate: new MemoryGateState(clock),
      queues: new MemoryQueueState(clock, timers),
      limiter: new MemoryLimiterState(clock),
      health: new MemoryHealthState(),
    }
  }

  /** Run and replication history of the server, by which processes recognize it. */
  get run(): string {
    return `run-${this.runs}`
  }

  /** The connections of one process. */
  connect(): MemoryRedisConnection {
    const connection = new MemoryRedisConnection(this)
    this.connections.push(connection)
    return connection
  }

  currentOutage(): RedisOutage | null {
    return this.outage
  }

  /** For all processes; null: available again. */
  setOutage(outage: RedisOutage | null): void {
    this.outage = outage
    for (const connection of this.connections) connection.notify()
  }

  /** Deletes all data; the server keeps running. */
  clear(): void {
    for (const part of Object.values(this.parts)) part.clear()
  }

  snapshot(): RedisSnapshot {
    const restores = Object.values(this.parts).map((part) => part.snapshot())
    return () => restores.forEach((restore) => restore())
  }

  /** Restarts the server with its data. */
  restart(): void {
    this.runs += 1
  }

  /** Restarts the server with older data, as from a copy of its file. */
  restore(snapshot: RedisSnapshot): void {
    snapshot()
    this.restart()
  }

  /** Another server takes its place: a replica with what it had received, or one without data. */
  failOver(received: RedisSnapshot | null): void {
    this.clear()
    received?.()
    this.restart()
  }
}

/** A `MemoryRedis` as one process reaches it. */
export class MemoryRedisConnection {
  private outage: RedisOutage | null = null
  private readonly listeners: (() => void)[] = []

  constructor(private readonly redis: MemoryRedis) {}

  /** For this process only; null: as for the others. */
  setOutage(outage: RedisOutage | null): void {
    this.outage = outage
    this.notify()
  }

  /** Called when the outage of the server has changed. */
  notify(): void {
    for (const listener of this.listeners) listener()
  }

  memoryOf<Name extends keyof RedisParts>(name: Name): SharedMemory<RedisParts[Name]> {
    const execute = <T>(command: (data: RedisParts[Name], run: string) => T) =>
      command(this.redis.parts[name], this.redis.run)
    return {
      read: (command) => this.send(() => execute(command), false),
      write: (command) => this.send(() => execute(command), true),
      isWritable: () => this.currentOutage() === null,
      onChange: (listener) => void this.listeners.push(listener),
    }
  }

  private async send<T>(command: () => T, writes: boolean): Promise<T> {
    const outage = this.currentOutage()
    if (outage === 'closed') throw new Error('Connection is closed.')
    if (outage === 'read-only' && writes) throw new Error("READONLY You can't write against a read only replica.")
    if (outage === 'reply-lost') command()
    if (outage === 'silent' || outage === 'reply-lost') {
      await this.redis.timers.sleep(COMMAND_TIMEOUT_MS)
      throw new Error('Command timed out')
    }
    return command()
  }

  /** An outage of the process precedes one of the server. */
  private currentOutage(): RedisOutage | null {
    return this.outage ?? this.redis.currentOutage()
  }
}
