import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { redis as command } from '../support/embedded.js'
import { startRedis } from '../support/redis.js'
import { until } from '../support/test-system.js'
import { closing, reopening, since, startChaosHarness, type ChaosHarness } from './chaos-harness.js'

let stage: ChaosHarness

beforeAll(async () => {
  stage = await startChaosHarness()
})
afterAll(async () => stage?.close())

/** Waits until the gates were rebuilt on the Redis that is there now; ms since `began`. */
async function renewal(began: number, markBefore: string | null): Promise<object> {
  const prisma = stage.app.app.get(PrismaService)
  await until(async () => {
    const { redisCanary } = await prisma.systemMode.findFirstOrThrow()
    if (redisCanary === markBefore) throw new Error('the gates are not rebuilt yet')
  })
  return { renewedMs: since(began) }
}
const mark = async () => (await stage.app.app.get(PrismaService).systemMode.findFirstOrThrow()).redisCanary

describe('a sale storm', () => {
  it('and Redis is killed', () =>
    stage.survive('killed', async (storm) => {
      const began = performance.now()
      await stage.redis.kill()
      const closed = await closing(stage, storm, began)
      const repaired = performance.now()
      await stage.redis.restart()
      return { ...closed, ...(await reopening(stage, repaired)) }
    }))

  it('and Redis hangs for 8 s', () =>
    stage.survive('hung 8 s', async (storm) => {
      const began = performance.now()
      stage.redis.pause()
      const closed = await closing(stage, storm, began)
      await sleep(8_000 - since(began))
      const repaired = performance.now()
      stage.redis.resume()
      return { ...closed, ...(await reopening(stage, repaired)) }
    }))

  it('and Redis is emptied', () =>
    stage.survive('emptied', async () => {
      const before = await mark()
      const began = performance.now()
      await command(stage.redis.url, 'FLUSHALL')
      return renewal(began, before)
    }))

  it('and Redis is replaced by a copy taken 5 s earlier', () =>
    stage.survive('older copy', async () => {
      stage.redis.copy()
      await sleep(5_000)
      const before = await mark()
      const began = performance.now()
      await stage.redis.restart({ fromCopy: true })
      return renewal(began, before)
    }))

  it('and a replica is promoted that missed writes', async () => {
    const replica = await startRedis({
      settings: [`replicaof 127.0.0.1 ${stage.redis.port}`, 'repl-diskless-sync-delay 0'],
    })
    try {
      await stage.survive('promoted replica', async () => {
        await until(async () => expect(await command(replica.url, 'GET', 'traffic-police:mark')).toBe(await mark()))
        await command(replica.url, 'REPLICAOF', 'NO', 'ONE')
        await sleep(3_000)
        const before = await mark()
        const began = performance.now()
        stage.switchboard.switchTo(replica.port)
        await stage.redis.kill()
        return renewal(began, before)
      })
    } finally {
      await stage.redis.restart({ empty: true })
      stage.switchboard.switchTo(stage.redis.port)
      await replica.stop()
    }
  })
})
