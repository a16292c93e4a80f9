import type { OutgoingWebhook } from '../../simulators/kit/index.js'
import { memoryStores } from '../../src/adapters/memory/stores.js'
import type { Stores } from '../../src/adapters/ports.js'
import { MemoryInstances, type Heartbeats } from '../../src/infrastructure/instances/memory-instances.js'
import { ServiceState } from '../../src/infrastructure/instances/service-state.js'
import { MemoryLocks } from '../../src/infrastructure/locks/memory-locks.js'
import { Metrics } from '../../src/infrastructure/metrics/metrics.js'
import { MemoryDatabaseTime } from '../../src/infrastructure/time/memory-database-time.js'
import { SeededRandom } from '../../src/infrastructure/time/seeded-random.js'
import type { SkewedClock } from '../../src/infrastructure/time/skewed-clock.js'
import { SynchronizedClock } from '../../src/infrastructure/time/synchronized-clock.js'
import { VirtualCron } from '../../src/infrastructure/time/virtual-cron.js'
import type { FaultAction } from '../scenario/actions.js'
import { PaymentNotifications } from '../../src/payments/processing/payment-notifications.js'
import { simulatedConfig } from './config.js'
import { guardedPort } from './guarded-port.js'
import { transportTo } from './platform-transport.js'
import { ProcessKilled } from './process-killed.js'
import { ProcessTimers } from './process-timers.js'
import type { Environment } from './environment.js'
import { ServiceProcess } from './service-process.js'
import { ProcessSteps } from './steps.js'

/** Until a supervisor starts a process again that failed to start. */
const RESTART_MS = 1_000

type Pause = Omit<Extract<FaultAction, { kind: 'pause-process' }>, 'kind' | 'process'>

/** The processes of the service, by slot; a restarted one takes the slot of the killed one. */
export class Processes {
  private readonly slots = new Map<number, ServiceProcess>()
  /** The wall clocks of the machines. */
  private readonly wallClocks = new Map<number, SkewedClock>()
  private readonly heartbeats: Heartbeats = new Map()
  private started = 0
  private received = 0

  constructor(private readonly world: Environment) {}

  /** Those that accept requests: none is sent to one that is paused. */
  ready(): ServiceProcess[] {
    return [...this.slots.values()].filter(({ isReady, steps }) => isReady && steps.pausedUntil() === null)
  }

  /** Whether one that runs has started without Redis since then. */
  hasUninformedSince(ms: number): boolean {
    return [...this.slots.values()].some(({ uninformedAtMs }) => uninformedAtMs !== null && uninformedAtMs > ms)
  }

  at(slot: number): ServiceProcess | null {
    const process = this.slots.get(slot)
    return process?.isReady ? process : null
  }

  /** One that accepts requests and is in service. Throws while there is none. */
  any(): ServiceProcess {
    const ready = this.ready().filter(({ state }) => state.outOfService === null)
    if (ready.length === 0) throw new Error('no process accepts requests')
    return this.world.random.pick(ready)
  }

  /** Starts a process unless one runs there; one that fails to start is started again. */
  start(slot: number): void {
    if (this.slots.get(slot)?.steps.alive) return
    const process = this.create(slot)
    this.slots.set(slot, process)
    process.start().then(
      () => this.world.trace.add(`${process.name} has started`),
      (error: unknown) => {
        this.world.trace.add(`${process.name} failed to start: ${String(error)}`)
        process.steps.killNow()
        this.world.time.after(RESTART_MS, () => this.start(slot))
      },
    )
  }

  /** Kills the process of this slot after some more of its steps, and starts another one later. */
  kill(slot: number, after: { steps: number; moment: 'before' | 'after' }, restartAfterMs: number): void {
    const process = this.at(slot)
    if (!process) return
    process.restartAfterMs = restartAfterMs
    process.steps.killAfter(after.steps, after.moment)
  }

  /** The wall clock of this slot's machine jumps; it stays wrong when its process is restarted. */
  jumpWallClock(slot: number, byMs: number): void {
    this.wallClockOf(slot).offsetMs += byMs
  }

  /** Pauses the process of this slot; servers keep its connections for `keptMs`. */
  pause(slot: number, { forMs, keptMs, noticedAfterMs, point }: Pause): void {
    const process = this.at(slot)
    process?.steps.pauseFor(forMs, point, () => {
      this.world.trace.add(`${process.name} is paused for ${forMs} ms`)
      process.pauseChanged()
      this.world.time.after(forMs, () => process.pauseChanged())
      if (keptMs < forMs) this.world.time.after(keptMs, () => process.dropConnections(forMs - keptMs + noticedAfterMs))
    })
  }

  /** The connections of this slot's process to PostgreSQL end; it notices later. */
  dropConnections(slot: number, noticedAfterMs: number): void {
    this.at(slot)?.dropConnections(noticedAfterMs)
  }

  /** Sends a webhook to one of the processes that accept requests; the status, 0 without a response. */
  async deliver(webhook: OutgoingWebhook, signal: AbortSignal): Promise<number> {
    if (signal.aborted || this.ready().every(({ state }) => state.outOfService !== null)) return 0
    return this.any().receive(webhook, `request-${++this.received}`)
  }

  /** As the webhook of the payment provider. Rejects unless a process has accepted it. */
  async notifyPayment(reference: string): Promise<void> {
    const process = this.any()
    await process.get(PaymentNotifications).handleUpdate(reference, { returned: false, dispute: null })
    if (!process.steps.alive) throw new ProcessKilled()
  }

  /** Ends all processes without shutting them down. */
  close(): void {
    for (const process of this.slots.values()) {
      process.restartAfterMs = undefined
      process.steps.killNow()
    }
  }

  /** Redis has become unavailable or available to some processes. */
  applyRedisOutages(): void {
    for (const { slot, redis } of this.slots.values()) redis.setOutage(this.world.redisConditions.of(slot))
  }

  private create(slot: number): ServiceProcess {
    const { world } = this
    const number = ++this.started
    const name = `process-${slot}.${number}`
    const random = new SeededRandom(world.scenario.seed * 31 + number)
    const database = world.database.connect()
    const sockets = new AbortController()
    const steps = new ProcessSteps({
      timers: world.time,
      nowMs: world.time.ms,
      random,
      conditionOf: (server) => (server === 'database' ? world.databaseConditions.of(slot) : null),
      onKilled: () => {
        sockets.abort()
        database.disconnect()
        locks.disconnect()
        redis.queues.kill()
        this.onKilled(slot, name)
      },
      onStep: (server, method) => {
        world.trace.add(`${name} ${server} ${method}`)
        if (method.startsWith('MemoryStockGate.')) world.redis.gateCalls += 1
      },
    })
    const state = new ServiceState()
    const databaseTime = guardedPort(new MemoryDatabaseTime(world.time), 'database', steps)
    const clock = new SynchronizedClock(this.wallClockOf(slot), databaseTime)
    const locks = new MemoryLocks(state, world.locks, () => {
      const error = world.databaseConditions.of(slot)?.unavailable?.('MemoryLocks.tryWith')
      if (error) throw error
    })
    const timers = new ProcessTimers(world.time, {
      isAlive: () => steps.alive,
      pausedUntil: () => steps.pausedUntil(),
    })
    const redis = world.redis.connect(clock, timers, state, () => steps.pausedUntil() !== null)
    redis.connection.setOutage(world.redisConditions.of(slot))
    const inMemory = memoryStores(database)
    const stores = Object.fromEntries(
      Object.entries(world.recorder?.stores(inMemory) ?? inMemory).map(([store, value]) => [
        store,
        guardedPort(value as object, 'database', steps),
      ]),
    ) as unknown as Stores
    const { eventbrite, luma, meetup } = world.platforms
    const transport = transportTo([eventbrite, luma, meetup], {
      timers,
      closing: sockets.signal,
      outside: world.time,
      isRevoked: (header) => world.connections.isRevoked(header),
    })
    return new ServiceProcess({
      name,
      slot,
      uninformedAtMs: world.redisConditions.of(slot) === null ? null : world.time.ms(),
      redis: redis.connection,
      steps,
      pauseChanged: redis.pauseChanged,
      dropConnections: (noticedAfterMs) => {
        world.trace.add(`${name} loses its connections to PostgreSQL`)
        database.disconnect()
        database.setOutage(null)
        locks.disconnect((abort) => void world.time.after(noticedAfterMs, abort))
      },
      ports: {
        config: simulatedConfig(world.platforms, world.scenario.limits),
        policy: world.policy,
        clock,
        timers,
        random,
        cron: new VirtualCron(world.time),
        stores,
        gate: guardedPort(redis.gate, 'redis', steps),
        payments: world.payments.connect(steps),
        queues: guardedPort(redis.queues, 'redis', steps, ['process']),
        sharedLimiter: redis.limiter,
        redisHealth: guardedPort(redis.health, 'redis', steps),
        locks,
        instances: guardedPort(new MemoryInstances(name, this.heartbeats, world.time), 'database', steps, IMMEDIATE),
        transport: { adapter: (config) => steps.run('platform', config.url ?? '', () => transport.adapter(config)) },
        state,
        metrics: new Metrics(),
        hasAddedConnections: world.connections.hasAdded,
      },
    })
  }

  private wallClockOf(slot: number): SkewedClock {
    const clock = this.wallClocks.get(slot) ?? this.world.time.skewed()
    this.wallClocks.set(slot, clock)
    return clock
  }

  private onKilled(slot: number, name: string): void {
    this.world.trace.add(`${name} is killed`)
    const restartAfterMs = this.slots.get(slot)?.restartAfterMs
    if (restartAfterMs !== undefined) this.world.time.after(restartAfterMs, () => this.start(slot))
  }
}

const IMMEDIATE = ['nameOf', 'liveCount']
