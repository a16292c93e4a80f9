import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createRedis } from '../../../src/infrastructure/redis/create-redis.js'
import { IoredisHealth } from '../../../src/infrastructure/redis/ioredis-health.js'
import { SystemClock } from '../../../src/infrastructure/time/system-time.js'
import { Ledger, type LedgerTransaction, type LedgerEntry, type CommitResult } from '../../../src/stock/ledger.js'
import { Stock } from '../../../src/stock/stock.js'
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.js'
import { redis as command } from '../../support/servers/embedded.js'
import { startRedis, type DedicatedRedis } from '../../support/servers/redis.js'
import { openStock, requestOf, toHeld, type StockBench } from '../../support/fixtures/stock.js'
import { until } from '../../support/service/test-system.js'
import { PrismaLedgerStore } from '../../../src/adapters/prisma/stock/ledger-store.js'
import { prismaOf } from '../../../src/infrastructure/prisma/transaction.js'

let database: TestDatabase
let server: DedicatedRedis
let bench: StockBench
const closers: (() => Promise<void> | void)[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  server = await startRedis()
  bench = openStock(database.url, server.url)
})
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})
afterAll(async () => {
  await bench?.close()
  await server?.stop()
  await database?.drop()
})

const countHolds = async (of: Pick<StockBench, 'hold'>, eventId: string, name: string, count: number) => {
  const all = Array.from({ length: count }, (_, index) => of.hold(eventId, `${eventId}:${name}${index}`))
  return (await Promise.all(all)).filter((movements) => movements !== null).length
}
const rebuildsOf = (of: StockBench, eventId: string) => of.rebuilds.filter((report) => report.eventId === eventId)

describe('The stock gate', () => {
  it('is rebuilt after a Redis restart that lost nothing', async () => {
    const eventId = await bench.openEvent(10)
    await countHolds(bench, eventId, 'before', 4)
    await server.restart()
    await until(async () => expect(await bench.gate.read(eventId)).toBeNull())
    expect(await countHolds(bench, eventId, 'after', 20)).toBe(6)
    expect(rebuildsOf(bench, eventId).map(({ cause }) => cause)).toContain('not_loaded')
    await bench.expectSound(eventId)
  })

  it('is rebuilt after Redis was restored from an older copy', async () => {
    const eventId = await bench.openEvent(10)
    await countHolds(bench, eventId, 'early', 1)
    server.copy()
    await countHolds(bench, eventId, 'late', 8)
    await server.restart({ fromCopy: true })
    await until(async () =>
      expect(await command(server.url, 'HGET', `event:{${eventId}}:stock`, 'UNALLOCATED')).toBe('9'),
    )
    expect(await until(() => countHolds(bench, eventId, 'after', 20))).toBe(1)
    expect(rebuildsOf(bench, eventId).map(({ cause }) => cause)).not.toContain('lost_writes')
    await bench.expectSound(eventId)
  })

  it('is rebuilt on a promoted replica that missed writes', async () => {
    const replica = await startRedis({ settings: [`replicaof 127.0.0.1 ${server.port}`, 'repl-diskless-sync-delay 0'] })
    closers.push(() => replica.stop())
    const eventId = await bench.openEvent(10)
    await countHolds(bench, eventId, 'early', 1)
    const unallocated = () => command(replica.url, 'HGET', `event:{${eventId}}:stock`, 'UNALLOCATED')
    await until(async () => expect(await unallocated()).toBe('9'))
    const probe = createRedis(replica.url, 'health')
    closers.push(() => probe.disconnect())
    await until(() => expect(probe.status).toBe('ready'))
    await expect(new IoredisHealth(probe, new SystemClock()).observe()).rejects.toThrow(/READONLY/)
    await command(replica.url, 'REPLICAOF', 'NO', 'ONE')
    await countHolds(bench, eventId, 'late', 8)
    expect(await unallocated()).toBe('9')
    const promoted = openStock(database.url, replica.url)
    closers.push(() => promoted.close())
    expect(await countHolds(promoted, eventId, 'after', 20)).toBe(1)
    await promoted.expectSound(eventId)
    // The ledger fences the gate of the old primary: its operations have an older epoch.
    expect(await countHolds(bench, eventId, 'stale', 5)).toBe(0)
  })

  it('is rebuilt when the ledger was restored from a backup and the gate is newer', async () => {
    const eventId = await bench.openEvent(10)
    await bench.rebuilder.rebuild(eventId, 'operator')
    await bench.rebuilder.rebuild(eventId, 'operator')
    await bench.prisma.eventLedger.update({ where: { eventId }, data: { epoch: 1 } })
    expect(await countHolds(bench, eventId, 'after', 3)).toBe(3)
    await bench.expectSound(eventId)
  })
})

/** The ledger without its fences: records operations of any epoch, under the next free sequence number. */
class UnfencedLedger extends Ledger {
  override exclusive<T>(eventId: string, work: (ledger: LedgerTransaction) => Promise<T>): Promise<T> {
    return super.exclusive(eventId, async (ledger) => {
      const last = await prismaOf(ledger).stockOperation.aggregate({ where: { eventId }, _max: { seq: true } })
      let seq = (last._max.seq ?? 0) + 1
      const record = ledger.record.bind(ledger)
      const unfenced = (entries: readonly LedgerEntry[]): Promise<CommitResult[]> =>
        record(entries.map((entry) => ({ ...entry, epoch: ledger.epoch, seq: seq++ })))
      return work(Object.assign(ledger, { record: unfenced }))
    })
  }
}

describe('A ledger without fences (negative control)', () => {
  it('leaves a gate with more units than the ledger after the same rollback', async () => {
    const eventId = await bench.openEvent(10)
    await countHolds(bench, eventId, 'early', 1)
    const dump = await bench.redis.dumpBuffer(`event:{${eventId}}:stock`)
    await countHolds(bench, eventId, 'late', 5)
    await bench.redis.restore(`event:{${eventId}}:stock`, 0, dump, 'REPLACE')
    const ledger = new UnfencedLedger(new PrismaLedgerStore(bench.prisma))
    const unfenced = new Stock(bench.gate, ledger, bench.rebuilder, () => undefined)
    const request = requestOf(toHeld(1), `${eventId}:unfenced`)
    expect(await unfenced.transact(eventId, (tx) => tx.post(request))).not.toBeNull()
    const [gate, recorded] = [await bench.gate.read(eventId), await bench.ledger.read(eventId)]
    expect(gate?.balances.UNALLOCATED).toBe(8)
    expect(recorded.balances.UNALLOCATED).toBe(3)
    // With the fences the next operation detects it.
    expect(await bench.hold(eventId, `${eventId}:fenced`)).not.toBeNull()
    await bench.expectSound(eventId)
  })
})
