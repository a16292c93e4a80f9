import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { redis as command } from '../support/servers/embedded.js'
import { startRedis } from '../support/servers/redis.js'
import { until } from '../support/service/test-system.js'
import { measureClosing, measureReopening, since, startChaosHarness, type ChaosHarness } from './chaos-harness.js'

let harness: ChaosHarness

beforeAll(async () => {
  harness = await startChaosHarness()
})
afterAll(async () => harness?.close())

/** Waits until the gates are rebuilt on the current Redis; returns ms since `startedAt`. */
async function measureRebuild(startedAt: number, canaryBefore: string | null): Promise<object> {
  const prisma = harness.app.app.get(PrismaService)
  await until(async () => {
    const { redisCanary } = await prisma.systemMode.findFirstOrThrow()
    if (redisCanary === canaryBefore) throw new Error('the gates are not rebuilt yet')
  })
  return { rebuiltMs: since(startedAt) }
}
const readCanary = async () => (await harness.app.app.get(PrismaService).systemMode.findFirstOrThrow()).redisCanary

describe('The service under load', () => {
  it('closes all channels and recovers when Redis is killed', () =>
    harness.runScenario('killed', async (load) => {
      const startedAt = performance.now()
      await harness.redis.kill()
      const closed = await measureClosing(harness, load, startedAt)
      const repairedAt = performance.now()
      await harness.redis.restart()
      return { ...closed, ...(await measureReopening(harness, repairedAt)) }
    }))

  it('closes all channels and recovers when Redis hangs for 8 s', () =>
    harness.runScenario('hung 8 s', async (load) => {
      const startedAt = performance.now()
      harness.redis.pause()
      const closed = await measureClosing(harness, load, startedAt)
      await sleep(8_000 - since(startedAt))
      const repairedAt = performance.now()
      harness.redis.resume()
      return { ...closed, ...(await measureReopening(harness, repairedAt)) }
    }))

  it('rebuilds its gates when Redis is emptied', () =>
    harness.runScenario('emptied', async () => {
      const before = await readCanary()
      const startedAt = performance.now()
      await command(harness.redis.url, 'FLUSHALL')
      return measureRebuild(startedAt, before)
    }))

  it('rebuilds its gates when Redis is replaced by a copy that is 5 s old', () =>
    harness.runScenario('older copy', async () => {
      harness.redis.copy()
      await sleep(5_000)
      const before = await readCanary()
      const startedAt = performance.now()
      await harness.redis.restart({ fromCopy: true })
      return measureRebuild(startedAt, before)
    }))

  it('rebuilds its gates when a replica that missed writes is promoted', async () => {
    const replica = await startRedis({
      settings: [`replicaof 127.0.0.1 ${harness.redis.port}`, 'repl-diskless-sync-delay 0'],
    })
    try {
      await harness.runScenario('promoted replica', async () => {
        await until(async () =>
          expect(await command(replica.url, 'GET', 'traffic-police:mark')).toBe(await readCanary()),
        )
        await command(replica.url, 'REPLICAOF', 'NO', 'ONE')
        await sleep(3_000)
        const before = await readCanary()
        const startedAt = performance.now()
        harness.redisProxy.switchTo(replica.port)
        await harness.redis.kill()
        return measureRebuild(startedAt, before)
      })
    } finally {
      await harness.redis.restart({ empty: true })
      harness.redisProxy.switchTo(harness.redis.port)
      await replica.stop()
    }
  })
})
