import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onDebugPoint } from '../../src/infrastructure/debug-point.js'
import { sweepPending } from '../../src/inventory/pending-sweep.js'
import { createTestDatabase, type TestDatabase } from '../support/database.js'
import { startRedis, type OwnRedis } from '../support/redis.js'
import { openStock, type StockBench } from '../support/stock.js'

let database: TestDatabase
let server: OwnRedis
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
const done = (results: readonly { kind: string }[]) => results.filter(({ kind }) => kind === 'DONE').length

describe('taking stock', () => {
  it('gives 100 units to exactly 100 of 1,000 at once, and gate and ledger agree', async () => {
    const eventId = await bench.openEvent(100)
    const results = await times(1_000, (index) => bench.hold(eventId, `${eventId}:${index}`))
    expect(done(results)).toBe(100)
    const { balances } = await bench.ledger.read(eventId)
    expect(balances).toMatchObject({ UNALLOCATED: 0, HELD: 100 })
    await bench.expectSound(eventId)
  })

  it('negative control: reading first and writing then oversells in the same race', async () => {
    await bench.redis.set('naive', 100)
    let taken = 0
    await times(1_000, async () => {
      if (Number(await bench.redis.get('naive')) < 1) return
      await bench.redis.decr('naive')
      taken += 1
    })
    expect(taken).toBeGreaterThan(100)
  })

  it('takes all legs or none', async () => {
    const eventId = await bench.openEvent(10, 2)
    const decided = await bench.stock.decide({
      eventId,
      operationId: `${eventId}:legs`,
      legs: [
        { quantity: 5, from: ['UNALLOCATED'], to: 'HELD' },
        { quantity: 4, from: ['UNALLOCATED', 'SAFETY'], to: 'HELD' },
        { quantity: 2, from: ['SAFETY'], to: 'HELD' },
      ],
      reason: 'test',
      actor: null,
    })
    expect(decided.kind).toBe('SHORT')
    expect((await bench.ledger.read(eventId)).balances).toMatchObject({ UNALLOCATED: 8, SAFETY: 2, HELD: 0 })
  })

  it('moves nothing twice for one operation id, at once or later', async () => {
    const eventId = await bench.openEvent(10)
    const results = await times(20, () => bench.hold(eventId, `${eventId}:same`, 3))
    expect(done(results)).toBe(20)
    expect((await bench.hold(eventId, `${eventId}:same`, 3)).kind).toBe('DONE')
    // The gate has forgotten the operation, the ledger has not.
    await bench.redis.del(`event:{${eventId}}:op:${eventId}:same`)
    expect(await bench.hold(eventId, `${eventId}:same`, 3)).toMatchObject({ kind: 'DONE', repeated: true })
    expect((await bench.ledger.read(eventId)).balances).toMatchObject({ UNALLOCATED: 7, HELD: 3 })
    await bench.expectSound(eventId)
  })

  it('refuses to change or remove what is written', async () => {
    const eventId = await bench.openEvent(10)
    await bench.hold(eventId, `${eventId}:kept`)
    for (const sql of [
      'UPDATE stock_movements SET quantity = 5',
      'DELETE FROM stock_movements',
      'TRUNCATE stock_movements CASCADE',
      "UPDATE stock_operations SET outcome = 'VOIDED'",
    ]) {
      await expect(bench.prisma.$executeRawUnsafe(sql)).rejects.toThrow(/append-only/)
    }
  })

  it('cannot write balances that do not add up or fall below zero', async () => {
    const eventId = await bench.openEvent(10)
    const change = (sql: string) =>
      bench.prisma.$executeRawUnsafe(`UPDATE balances SET ${sql} WHERE event_id = '${eventId}'`)
    await expect(change('held = held + 1')).rejects.toThrow(/balances_sum_to_capacity/)
    await expect(change('held = held - 1, unallocated = unallocated + 1')).rejects.toThrow(
      /balances_no_negative_account/,
    )
    await expect(change('oversold = 1, unallocated = unallocated - 1')).rejects.toThrow(/balances_no_negative_account/)
  })
})

describe('crashes between gate and ledger', () => {
  it('before the ledger: a repeat finishes it, and without one the sweep gives the units back', async () => {
    const eventId = await bench.openEvent(10)
    const unhook = onDebugPoint('after-gate-before-ledger', () => {
      throw new Error('killed')
    })
    await expect(bench.hold(eventId, `${eventId}:repeated`, 2)).rejects.toThrow('killed')
    await expect(bench.hold(eventId, `${eventId}:abandoned`, 3)).rejects.toThrow('killed')
    unhook()
    expect((await bench.gate.read(eventId))?.balances.UNALLOCATED).toBe(5)
    expect((await bench.hold(eventId, `${eventId}:repeated`, 2)).kind).toBe('DONE')
    expect(await sweepPending(bench.gate, bench.ledger, eventId, 0)).toMatchObject({ givenBack: 1 })
    expect((await bench.ledger.read(eventId)).balances).toMatchObject({ UNALLOCATED: 8, HELD: 2 })
    await bench.expectSound(eventId)
    // Given back for good: even a commit that was only slow does not come after it.
    expect((await bench.hold(eventId, `${eventId}:abandoned`, 3)).kind).toBe('VOIDED')
    await bench.expectSound(eventId)
  })

  it('after the ledger: the sweep acknowledges, nothing is lost or doubled', async () => {
    const eventId = await bench.openEvent(10)
    const unhook = onDebugPoint('after-ledger-before-acknowledge', () => {
      throw new Error('killed')
    })
    await expect(bench.hold(eventId, `${eventId}:written`, 4)).rejects.toThrow('killed')
    unhook()
    expect(await sweepPending(bench.gate, bench.ledger, eventId, 0)).toMatchObject({ acknowledged: 1, givenBack: 0 })
    expect(await bench.hold(eventId, `${eventId}:written`, 4)).toMatchObject({ kind: 'DONE', repeated: true })
    expect((await bench.ledger.read(eventId)).balances).toMatchObject({ UNALLOCATED: 6, HELD: 4 })
    await bench.expectSound(eventId)
  })
})

describe('a Redis that forgot', () => {
  it('everything: loaded anew from the ledger by the next decision', async () => {
    const eventId = await bench.openEvent(10)
    await bench.hold(eventId, `${eventId}:before`, 4)
    await bench.redis.flushall()
    const results = await times(50, (index) => bench.hold(eventId, `${eventId}:${index}`))
    expect(done(results)).toBe(6)
    await bench.expectSound(eventId)
  })

  it('the last writes: noticed by the next decision, no unit is given out twice', async () => {
    const eventId = await bench.openEvent(10)
    await bench.hold(eventId, `${eventId}:early`, 1)
    const dump = await bench.redis.dumpBuffer(`event:{${eventId}}:stock`)
    await times(8, (index) => bench.hold(eventId, `${eventId}:late${index}`))
    await bench.redis.restore(`event:{${eventId}}:stock`, 0, dump, 'REPLACE')
    expect((await bench.gate.read(eventId))?.balances.UNALLOCATED).toBe(9)
    const results = await times(20, (index) => bench.hold(eventId, `${eventId}:after${index}`))
    expect(done(results)).toBe(1)
    expect(bench.rebuilds.some(({ eventId: id, cause }) => id === eventId && cause === 'lost_writes')).toBe(true)
    await bench.expectSound(eventId)
  })

  it('negative control: without the fence the same rollback gives units out twice at the gate', async () => {
    const eventId = await bench.openEvent(10)
    await bench.hold(eventId, `${eventId}:early`, 1)
    const dump = await bench.redis.dumpBuffer(`event:{${eventId}}:stock`)
    await times(9, (index) => bench.hold(eventId, `${eventId}:late${index}`))
    await bench.redis.restore(`event:{${eventId}}:stock`, 0, dump, 'REPLACE')
    const legs = [{ quantity: 1, from: ['UNALLOCATED' as const], to: 'HELD' as const }]
    const taken = await times(20, (index) => bench.gate.take(eventId, { operationId: `${eventId}:gate${index}`, legs }))
    expect(taken.filter(({ kind }) => kind === 'TAKEN')).toHaveLength(9)
  })

  it('rebuilds 100,000 movements and keeps decisions of the old epoch out', async () => {
    const eventId = await bench.openEvent(200_000)
    await bench.prisma.$executeRawUnsafe(`
      INSERT INTO stock_operations (operation_id, event_id, epoch, seq, outcome, reason)
      SELECT '${eventId}:m' || n, '${eventId}', 1, n, 'COMMITTED', 'test' FROM generate_series(1, 100000) n`)
    await bench.prisma.$executeRawUnsafe(`
      INSERT INTO stock_movements (operation_id, part, event_id, from_account, to_account, quantity)
      SELECT '${eventId}:m' || n, 0, '${eventId}', 'UNALLOCATED', 'HELD', 1 FROM generate_series(1, 100000) n`)
    await bench.prisma.$executeRawUnsafe(
      `UPDATE balances SET unallocated = 100000, held = 100000 WHERE event_id = '${eventId}'`,
    )
    const report = await bench.rebuilder.rebuild(eventId, 'operator')
    console.log(`100,000 movements rebuilt in ${Math.round(report.seconds * 1000)} ms`)
    expect(report.corrected).toEqual([])
    expect((await bench.gate.read(eventId))?.balances).toMatchObject({ UNALLOCATED: 100_000, HELD: 100_000 })
    const stale = { operationId: `${eventId}:old`, epoch: 1, seq: 100_001, reason: 'test', actor: null, movements: [] }
    expect(await bench.ledger.exclusive(eventId, (book) => book.record([stale]))).toEqual(['STALE'])
  })
})
