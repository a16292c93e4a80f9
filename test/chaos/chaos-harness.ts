import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { untilChannels, untilMode, startFailSafe } from '../support/service/outage.js'
import { startDedicatedPostgres } from '../support/servers/postgres.js'
import { startRedis } from '../support/servers/redis.js'
import { startTcpProxy } from '../support/servers/tcp-proxy.js'
import { startTestSystem, until, type TestSystemOptions } from '../support/service/test-system.js'
import { LoadGenerator } from './load-generator.js'
import { verifyInvariants } from './verify.js'

/** Demand is several times the capacity, so that every cap is reached eventually. */
const CAPACITY = 420
/** Purchases before a fault is injected. */
const MIN_PURCHASES = 25
/** Duration of the load after the fault. */
const AFTER_MS = 4_000
/** Cap writes wait for budget, and a lost write to Luma may still land for 70 s: its channel stays unconfirmed that long. */
export const SYNC_TIMEOUT_MS = 90_000

export type ChaosHarness = Awaited<ReturnType<typeof startChaosHarness>>

/** Starts the service with dedicated servers, simulated platforms and a load generator. */
export async function startChaosHarness(options: TestSystemOptions = {}) {
  const postgres = await startDedicatedPostgres()
  const redis = await startRedis()
  const redisProxy = await startTcpProxy(redis.port)
  const redisUrl = `redis://127.0.0.1:${redisProxy.port}`
  const system = await startTestSystem({
    databaseUrl: postgres.url,
    redisUrl,
    instances: 2,
    ...options,
    env: { FAIL_SAFE_AFTER_MS: '2000', FAIL_SAFE_RECOVERY_MS: '1000', ...options.env },
  })
  await startFailSafe(system)
  let seed = 100
  const figures: Record<string, object> = {}
  return {
    ...system,
    postgres,
    redis,
    /** The connection between the service and Redis. */
    redisProxy,
    /** Environment variables for another process of the same service. */
    childEnv: {
      ...system.env,
      DATABASE_URL: postgres.url,
      REDIS_URL: redisUrl,
      LOG_FORMAT: 'json',
    },
    /** Puts an event on sale, starts load, injects the fault, continues the load, and verifies all invariants. */
    async runScenario(
      name: string,
      injectFault: (load: LoadGenerator) => Promise<object>,
      capacity = CAPACITY,
    ): Promise<void> {
      const listings = system.list()
      const eventId = await system.createEvent(capacity, listings, { softCapRatio: 1, directWeight: 1 })
      await until(async () => {
        for (const { platform, confirmedCap } of (await system.stock(eventId)).channels) {
          if (platform !== 'DIRECT') expect(confirmedCap, platform).toBeGreaterThan(50)
        }
      }, SYNC_TIMEOUT_MS)
      const load = new LoadGenerator(system, eventId, listings, (seed += 10))
      try {
        await until(() => expect(load.bought, 'purchases before the fault').toBeGreaterThan(MIN_PURCHASES))
        figures[name] = await injectFault(load)
        await sleep(AFTER_MS)
        await load.stop()
        expect(load.admittedInFailSafe).toBe(0)
        await verifyInvariants(system, eventId, listings)
        const { sold } = await system.stock(eventId)
        console.log(name, { ...figures[name], sold, responses: Object.fromEntries(load.responses) })
      } finally {
        await load.stop()
        await system.app.call('POST', `/events/${eventId}/close`, { token: system.token })
      }
    },
    async close() {
      console.table(figures)
      await system.close()
      await redisProxy.close()
      await redis.stop()
      await postgres.stop()
    },
  }
}

/** Waits until fail-safe mode is active and all platforms are closed; returns ms since `startedAt`. */
export async function measureClosing(harness: ChaosHarness, load: LoadGenerator, startedAt: number) {
  await untilMode(harness, 'FAIL_SAFE', 10_000)
  const detectedMs = since(startedAt)
  await untilChannels(harness, { open: 0, pending: 0 }, 20_000)
  const closedMs = since(startedAt)
  const admittedMs = Math.max(0, Math.round(load.lastAdmittedAt - startedAt))
  expect(admittedMs, 'no hold is admitted after 3 s').toBeLessThan(3_000)
  expect(closedMs, 'all platforms are closed within 10 s').toBeLessThan(10_000)
  return { detectedMs, closedMs, lastHoldMs: admittedMs }
}

/** Waits until the mode is normal and all platforms are in sync; returns ms since `startedAt`. */
export async function measureReopening(harness: ChaosHarness, startedAt: number) {
  await untilMode(harness, 'NORMAL', 40_000)
  const recoveredMs = since(startedAt)
  await untilChannels(harness, { pending: 0 }, SYNC_TIMEOUT_MS)
  return { recoveredMs, reopenedMs: since(startedAt) }
}

export const since = (startedAt: number) => Math.round(performance.now() - startedAt)
