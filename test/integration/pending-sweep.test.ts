import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PendingSweeper } from '../../src/inventory/pending-sweeper.js'
import type { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { createTestDatabase, type TestDatabase } from '../support/database.js'
import { sharedRedis } from '../support/redis.js'
import { openStock, type StockBench } from '../support/stock.js'
import { until } from '../support/test-system.js'

/** More than one sweep takes at once. */
const FORGOTTEN = 201

let database: TestDatabase
let bench: StockBench
beforeAll(async () => {
  database = await createTestDatabase()
  bench = openStock(database.url, await sharedRedis())
})
afterAll(async () => {
  await bench?.close()
  await database?.drop()
})

async function abandon(eventId: string, names: readonly string[]): Promise<void> {
  for (const name of names) await bench.abandon(eventId, `${eventId}:${name}`)
}

describe('decisions that a crash left, and whose answer the gate has forgotten', () => {
  it('give their units back, and block none behind them', async () => {
    const eventId = await bench.openEvent(300)
    const names = Array.from({ length: FORGOTTEN }, (_, index) => `old${index}`)
    await abandon(eventId, names)
    await bench.redis.del(names.map((name) => `event:{${eventId}}:op:${eventId}:${name}`))
    await abandon(eventId, ['new'])
    expect((await bench.gate.read(eventId))?.balances.UNALLOCATED).toBe(300 - FORGOTTEN - 1)

    const { prisma, gate, ledger, rebuilder } = bench
    const sweeper = new PendingSweeper(prisma as PrismaService, gate, ledger, rebuilder)
    await sweeper.sweepAll(-1_000)
    await sweeper.sweepAll(-1_000)
    expect((await bench.gate.read(eventId))?.balances.UNALLOCATED).toBe(300)
    expect(await gate.pending(eventId, -1_000, 10)).toEqual([])
    await bench.expectSound(eventId)
    // Whatever of them still comes is of an older epoch.
    expect(await bench.hold(eventId, `${eventId}:after`)).not.toBeNull()
  })
})

it('a sweep that goes on failing for one event says how often, and sweeps the others', async () => {
  const [bad, good] = [await bench.openEvent(10), await bench.openEvent(10)]
  await abandon(bad, ['a'])
  await abandon(good, ['a'])
  const { prisma, gate, ledger, rebuilder } = bench
  await bench.redis.del(`event:{${bad}}:pending`)
  await bench.redis.set(`event:{${bad}}:pending`, 'no sorted set')
  const sweeper = new PendingSweeper(prisma as PrismaService, gate, ledger, rebuilder)
  const failures: [string, number][] = []
  sweeper.start((eventId, _error, times) => failures.push([eventId, times]))
  try {
    // Its own first round may be at an event just then, which is skipped for so long.
    await until(async () => {
      await sweeper.sweepAll(-1_000)
      expect(await gate.pending(good, -1_000, 10)).toEqual([])
    })
    expect(failures[0]).toEqual([bad, 1])
    expect(failures.filter(([eventId]) => eventId !== bad)).toEqual([])
  } finally {
    await sweeper.beforeApplicationShutdown()
  }
})
