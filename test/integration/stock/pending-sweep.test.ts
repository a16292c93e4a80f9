import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PendingSweeper } from '../../../src/stock/gate/pending-sweeper.js'
import { SystemClock, SystemTimers } from '../../../src/infrastructure/time/system-time.js'
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.js'
import { sharedRedis } from '../../support/servers/redis.js'
import { openStock, type StockBench } from '../../support/fixtures/stock.js'
import { PrismaEventStore } from '../../../src/adapters/prisma/stock/event-store.js'

/** More than one sweep processes at once. */
const ABANDONED = 201

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

describe('PendingSweeper', () => {
  it('releases the units of abandoned operations that the gate no longer has, and does not stop at them', async () => {
    const eventId = await bench.openEvent(300)
    const names = Array.from({ length: ABANDONED }, (_, index) => `old${index}`)
    await abandon(eventId, names)
    await bench.redis.del(names.map((name) => `event:{${eventId}}:op:${eventId}:${name}`))
    await abandon(eventId, ['new'])
    expect((await bench.gate.read(eventId))?.balances.UNALLOCATED).toBe(300 - ABANDONED - 1)

    const { prisma, gate, ledger, rebuilder } = bench
    const sweeper = new PendingSweeper(
      new PrismaEventStore(prisma),
      gate,
      ledger,
      rebuilder,
      new SystemClock(),
      new SystemTimers(),
    )
    await sweeper.sweepAll(-1_000)
    await sweeper.sweepAll(-1_000)
    expect((await bench.gate.read(eventId))?.balances.UNALLOCATED).toBe(300)
    expect(await gate.pending(eventId, -1_000, 10)).toEqual([])
    await bench.expectSound(eventId)
    // Late commits of the abandoned operations have an older epoch.
    expect(await bench.hold(eventId, `${eventId}:after`)).not.toBeNull()
  })

  it('reports how often an event has failed in a row, and sweeps the other events', async () => {
    const [bad, good] = [await bench.openEvent(10), await bench.openEvent(10)]
    await abandon(bad, ['a'])
    await abandon(good, ['a'])
    const { prisma, gate, ledger, rebuilder } = bench
    await bench.redis.del(`event:{${bad}}:pending`)
    await bench.redis.set(`event:{${bad}}:pending`, 'no sorted set')
    const sweeper = new PendingSweeper(
      new PrismaEventStore(prisma),
      gate,
      ledger,
      rebuilder,
      new SystemClock(),
      new SystemTimers(),
    )
    const failures: [string, number][] = []
    sweeper.reportFailuresTo((eventId, _error, times) => failures.push([eventId, times]))
    await sweeper.sweepAll(-1_000)
    expect(await gate.pending(good, -1_000, 10)).toEqual([])
    expect(failures).toEqual([[bad, 1]])
  })
})
