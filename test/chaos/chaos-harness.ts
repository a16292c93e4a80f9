import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { untilChannels, untilMode, watch } from '../support/outage.js'
import { startOwnPostgres } from '../support/postgres.js'
import { startRedis } from '../support/redis.js'
import { startTcpProxy } from '../support/tcp-proxy.js'
import { startTestSystem, until, type TestSystemOptions } from '../support/test-system.js'
import { LoadGenerator } from './load-generator.js'
import { verify } from './verify.js'

/** What the capacity allows is wanted several times over: every cap is reached sooner or later. */
const CAPACITY = 420
/** Purchases before anything is done to the service. */
const BLOWING = 25
const AFTER_MS = 4_000
/** Caps wait for budget, and a write to Luma that was lost may land for 70 s: so long its channel is not known to be as wanted. */
export const BUDGET_MS = 90_000

export type ChaosHarness = Awaited<ReturnType<typeof startChaosHarness>>

/** The service with servers of its own, simulated platforms, and storms of buyers. */
export async function startChaosHarness(options: TestSystemOptions = {}) {
  const postgres = await startOwnPostgres()
  const redis = await startRedis()
  const switchboard = await startTcpProxy(redis.port)
  const redisUrl = `redis://127.0.0.1:${switchboard.port}`
  const system = await startTestSystem({
    databaseUrl: postgres.url,
    redisUrl,
    instances: 2,

    ...options,
    env: { FAIL_SAFE_AFTER_MS: '2000', FAIL_SAFE_RECOVERY_MS: '1000', ...options.env },
  })
  await watch(system)
  let seed = 100
  const figures: Record<string, object> = {}
  return {
    ...system,
    postgres,
    redis,
    /** Between the service and Redis. */
    switchboard,
    /** The environment of one more process of the same service. */
    childEnv: {
      ...system.env,
      DATABASE_URL: postgres.url,
      REDIS_URL: redisUrl,
      LOG_FORMAT: 'json',
    },
    /** Puts an event on sale, lets a storm begin, does harm in it, lets it go on, and checks everything. */
    async survive(name: string, harm: (storm: LoadGenerator) => Promise<object>, capacity = CAPACITY): Promise<void> {
      const listings = system.list()
      const eventId = await system.createEvent(capacity, listings, { softCapRatio: 1, directWeight: 1 })
      await until(async () => {
        for (const { platform, confirmedCap } of (await system.stock(eventId)).channels) {
          if (platform !== 'DIRECT') expect(confirmedCap, platform).toBeGreaterThan(50)
        }
      }, BUDGET_MS)
      const storm = new LoadGenerator(system, eventId, listings, (seed += 10))
      try {
        await until(() => expect(storm.bought, 'the storm is blowing').toBeGreaterThan(BLOWING))
        figures[name] = await harm(storm)
        await sleep(AFTER_MS)
        await storm.stop()
        expect(storm.admittedInFailSafe).toBe(0)
        await verify(system, eventId, listings)
        const { sold } = await system.stock(eventId)
        console.log(name, { ...figures[name], sold, answers: Object.fromEntries(storm.answers) })
      } finally {
        await storm.stop()
        await system.app.call('POST', `/events/${eventId}/close`, { token: system.token })
      }
    },
    async close() {
      console.table(figures)
      await system.close()
      await switchboard.close()
      await redis.stop()
      await postgres.stop()
    },
  }
}

/** Waits for the mode and for all platforms to be closed; ms since `began`. */
export async function closing(stage: ChaosHarness, storm: LoadGenerator, began: number) {
  await untilMode(stage, 'FAIL_SAFE', 10_000)
  const detectedMs = since(began)
  await untilChannels(stage, { open: 0, pending: 0 }, 20_000)
  const closedMs = since(began)
  const admittedMs = Math.max(0, Math.round(storm.lastAdmittedAt - began))
  expect(admittedMs, 'no hold later than 3 s').toBeLessThan(3_000)
  expect(closedMs, 'all platforms closed within 10 s').toBeLessThan(10_000)
  return { detectedMs, closedMs, lastHoldMs: admittedMs }
}

/** Waits for the normal mode and for the platforms to be as wanted; ms since `began`. */
export async function reopening(stage: ChaosHarness, began: number) {
  await untilMode(stage, 'NORMAL', 40_000)
  const recoveredMs = since(began)
  await untilChannels(stage, { pending: 0 }, BUDGET_MS)
  return { recoveredMs, reopenedMs: since(began) }
}

export const since = (began: number) => Math.round(performance.now() - began)
