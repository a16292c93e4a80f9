import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LedgerAccount } from '../../../src/domain/stock/ledger-account.js'
import { onDebugPoint } from '../../../src/infrastructure/debug-point.js'
import { sweepPending } from '../../../src/stock/gate/pending-sweep.js'
import type { PostRequest } from '../../../src/stock/stock-transaction.js'
import { addUnits } from '../../support/fixtures/balances.js'
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.js'
import { startRedis, type DedicatedRedis } from '../../support/servers/redis.js'
import { openStock, requestOf, toHeld, type StockBench } from '../../support/fixtures/stock.js'

let database: TestDatabase
let server: DedicatedRedis
let bench: StockBench

beforeAll(async () => {
  database = await createTestDatabase()
  server = await startRedis()
  bench = openStock(database.url, server.url)
})
afterAll(async () => {
  await bench?.close()
  await server?.stop()
  await database?.drop()
})

const times = <T>(count: number, make: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)))
const granted = (results: readonly unknown[]) => results.filter((result) => result !== null).length

describe('Stock.transact', () => {
  it('grants 100 units to exactly 100 of 1,000 concurrent requests, with gate and ledger in sync', async () => {
    const eventId = await bench.openEvent(100)
    const results = await times(1_000, (index) => bench.hold(eventId, `${eventId}:${index}`))
    expect(granted(results)).toBe(100)
    const { balances } = await bench.ledger.read(eventId)
    expect(balances).toMatchObject({ UNALLOCATED: 0, HELD: 100 })
    await bench.expectSound(eventId)
  })

  it('oversells in the same race with a read before the write (negative control)', async () => {
    await bench.redis.set('naive', 100)
    let taken = 0
    await times(1_000, async () => {
      if (Number(await bench.redis.get('naive')) < 1) return
      await bench.redis.decr('naive')
      taken += 1
    })
    expect(taken).toBeGreaterThan(100)
  })

  it('moves all postings or none', async () => {
    const eventId = await bench.openEvent(10, 2)
    const request = {
      postings: [
        { quantity: 5, sources: ['UNALLOCATED'], destination: 'HELD' },
        { quantity: 4, sources: ['UNALLOCATED', 'SAFETY'], destination: 'HELD' },
        { quantity: 2, sources: ['SAFETY'], destination: 'HELD' },
      ],
      reason: 'test',
      actor: null,
      onInsufficient: 'skip',
    } satisfies PostRequest
    expect(await bench.stock.transact(eventId, (tx) => tx.post(request))).toBeNull()
    expect((await bench.ledger.read(eventId)).balances).toMatchObject({ UNALLOCATED: 8, SAFETY: 2, HELD: 0 })
  })

  it('shows a transaction its own postings, and skips only those with insufficient units', async () => {
    const eventId = await bench.openEvent(10)
    const seen = await bench.stock.transact(eventId, async (tx) => {
      const first = await tx.post(requestOf(toHeld(6), `${eventId}:first`))
      const left = tx.balances.UNALLOCATED
      const [tooMany, rest] = await tx.postAll([
        requestOf(toHeld(5), `${eventId}:many`),
        requestOf(toHeld(4), `${eventId}:rest`),
      ])
      return { first: first?.length, left, tooMany, rest: rest?.length, after: tx.balances.UNALLOCATED }
    })
    expect(seen).toEqual({ first: 1, left: 4, tooMany: null, rest: 1, after: 0 })
    expect((await bench.ledger.read(eventId)).balances).toMatchObject({ UNALLOCATED: 0, HELD: 10 })
    await bench.expectSound(eventId)
  })

  it('moves units once per operation id, for concurrent and later retries', async () => {
    const eventId = await bench.openEvent(10)
    const results = await times(20, () => bench.hold(eventId, `${eventId}:same`, 3))
    expect(granted(results)).toBe(20)
    const moved = [{ from: 'UNALLOCATED', to: 'HELD', quantity: 3 }]
    expect(await bench.hold(eventId, `${eventId}:same`, 3)).toEqual(moved)
    // The gate no longer has the operation, the ledger still has.
    await bench.redis.del(`event:{${eventId}}:op:${eventId}:same`)
    expect(await bench.hold(eventId, `${eventId}:same`, 3)).toEqual(moved)
    expect((await bench.ledger.read(eventId)).balances).toMatchObject({ UNALLOCATED: 7, HELD: 3 })
    await bench.expectSound(eventId)
  })

  it('writes movements that cannot be changed or removed', async () => {
    const eventId = await bench.openEvent(10)
    await bench.hold(eventId, `${eventId}:recorded`)
    for (const sql of [
      'UPDATE stock_movements SET quantity = 5',
      'DELETE FROM stock_movements',
      'TRUNCATE stock_movements CASCADE',
      "UPDATE stock_operations SET outcome = 'VOIDED'",
      "UPDATE proof_entries SET content = '{}'",
      'DELETE FROM proof_entries',
      'TRUNCATE proof_entries',
    ]) {
      await expect(bench.prisma.$executeRawUnsafe(sql)).rejects.toThrow(/append-only/)
    }
  })

  it('cannot write balances that do not add up or fall below zero', async () => {
    const eventId = await bench.openEvent(10)
    const add = (units: Partial<Record<LedgerAccount, number>>) => addUnits(bench.prisma, eventId, units)
    await add({ HELD: 1, UNALLOCATED: -1 })
    await expect(add({ HELD: 1 })).rejects.toThrow(/do not sum to zero/)
    await expect(bench.prisma.$executeRaw`DELETE FROM balances WHERE account = 'HELD'`).rejects.toThrow(
      /do not sum to zero/,
    )
    await expect(add({ HELD: -2, UNALLOCATED: 2 })).rejects.toThrow(/balances_sign/)
    await expect(add({ OVERSOLD: 1, UNALLOCATED: -1 })).rejects.toThrow(/balances_sign/)
    await expect(add({ 'SOLD:': 1, UNALLOCATED: -1 })).rejects.toThrow(/balances_account/)
  })
})

describe('A stock transaction that crashes', () => {
  it('is completed by a retry or voided by the sweep if it was not committed to the ledger', async () => {
    const eventId = await bench.openEvent(10)
    await bench.abandon(eventId, `${eventId}:repeated`, 2)
    await bench.abandon(eventId, `${eventId}:abandoned`, 3)
    expect((await bench.gate.read(eventId))?.balances.UNALLOCATED).toBe(5)
    expect(await bench.hold(eventId, `${eventId}:repeated`, 2)).not.toBeNull()
    expect(await sweepPending(bench.gate, bench.ledger, eventId, 0)).toMatchObject({ voided: 1 })
    expect((await bench.ledger.read(eventId)).balances).toMatchObject({ UNALLOCATED: 8, HELD: 2 })
    await bench.expectSound(eventId)
    // The void is final: a delayed commit is rejected, and a retry is a new operation.
    const late = { operationId: `${eventId}:abandoned`, epoch: 1, seq: 99, reason: 'test', actor: null, movements: [] }
    expect(await bench.ledger.exclusive(eventId, (ledger) => ledger.record([late]))).toEqual(['VOIDED'])
    expect(await bench.hold(eventId, `${eventId}:abandoned`, 3)).not.toBeNull()
    expect((await bench.ledger.read(eventId)).balances).toMatchObject({ UNALLOCATED: 5, HELD: 5 })
    await bench.expectSound(eventId)
  })

  it('is acknowledged by the sweep if it was committed to the ledger, without lost or duplicate units', async () => {
    const eventId = await bench.openEvent(10)
    const unhook = onDebugPoint('after-ledger-before-acknowledge', () => {
      throw new Error('killed')
    })
    await expect(bench.hold(eventId, `${eventId}:written`, 4)).rejects.toThrow('killed')
    unhook()
    expect(await sweepPending(bench.gate, bench.ledger, eventId, 0)).toMatchObject({ acknowledged: 1, voided: 0 })
    const moved = [{ from: 'UNALLOCATED', to: 'HELD', quantity: 4 }]
    expect(await bench.hold(eventId, `${eventId}:written`, 4)).toEqual(moved)
    expect((await bench.ledger.read(eventId)).balances).toMatchObject({ UNALLOCATED: 6, HELD: 4 })
    await bench.expectSound(eventId)
  })
})

describe('The stock gate after a data loss of Redis', () => {
  it('is loaded from the ledger by the next transaction when it is empty', async () => {
    const eventId = await bench.openEvent(10)
    await bench.hold(eventId, `${eventId}:before`, 4)
    await bench.redis.flushall()
    const results = await times(50, (index) => bench.hold(eventId, `${eventId}:${index}`))
    expect(granted(results)).toBe(6)
    await bench.expectSound(eventId)
  })

  it('is rebuilt by the next transaction when the last writes are missing, so that no unit is granted twice', async () => {
    const eventId = await bench.openEvent(10)
    await bench.hold(eventId, `${eventId}:early`, 1)
    const dump = await bench.redis.dumpBuffer(`event:{${eventId}}:stock`)
    await times(8, (index) => bench.hold(eventId, `${eventId}:late${index}`))
    await bench.redis.restore(`event:{${eventId}}:stock`, 0, dump, 'REPLACE')
    expect((await bench.gate.read(eventId))?.balances.UNALLOCATED).toBe(9)
    const results = await times(20, (index) => bench.hold(eventId, `${eventId}:after${index}`))
    expect(granted(results)).toBe(1)
    expect(bench.rebuilds.some(({ eventId: id, cause }) => id === eventId && cause === 'lost_writes')).toBe(true)
    await bench.expectSound(eventId)
  })

  it('grants units twice after the same rollback without the fence (negative control)', async () => {
    const eventId = await bench.openEvent(10)
    await bench.hold(eventId, `${eventId}:early`, 1)
    const dump = await bench.redis.dumpBuffer(`event:{${eventId}}:stock`)
    await times(9, (index) => bench.hold(eventId, `${eventId}:late${index}`))
    await bench.redis.restore(`event:{${eventId}}:stock`, 0, dump, 'REPLACE')
    const postings = [toHeld(1)]
    const taken = await times(20, (index) =>
      bench.gate.take(eventId, { operationId: `${eventId}:gate${index}`, postings }),
    )
    expect(taken.filter(({ kind }) => kind === 'TAKEN')).toHaveLength(9)
  })

  it('is rebuilt from 100,000 movements, and operations of the old epoch are fenced', async () => {
    const eventId = await bench.openEvent(200_000)
    await bench.prisma.$executeRawUnsafe(`
      INSERT INTO stock_operations (operation_id, event_id, epoch, seq, outcome, reason)
      SELECT '${eventId}:m' || n, '${eventId}', 1, n, 'COMMITTED', 'test' FROM generate_series(1, 100000) n`)
    // A session may have planned the foreign key check while the table was tiny: a sequential scan for each movement.
    await bench.prisma.$executeRawUnsafe('ANALYZE stock_operations')
    await bench.prisma.$executeRawUnsafe(`
      INSERT INTO stock_movements (operation_id, part, event_id, from_account, to_account, quantity)
      SELECT '${eventId}:m' || n, 0, '${eventId}', 'UNALLOCATED', 'HELD', 1 FROM generate_series(1, 100000) n`)
    await addUnits(bench.prisma, eventId, { UNALLOCATED: -100_000, HELD: 100_000 })
    const report = await bench.rebuilder.rebuild(eventId, 'operator')
    console.log(`100,000 movements rebuilt in ${Math.round(report.seconds * 1000)} ms`)
    expect(report.corrected).toEqual([])
    expect((await bench.gate.read(eventId))?.balances).toMatchObject({ UNALLOCATED: 100_000, HELD: 100_000 })
    const stale = { operationId: `${eventId}:old`, epoch: 1, seq: 100_001, reason: 'test', actor: null, movements: [] }
    expect(await bench.ledger.exclusive(eventId, (ledger) => ledger.record([stale]))).toEqual(['STALE'])
  })
})
