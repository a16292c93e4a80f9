import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { SoftCap } from '../../../src/channels/soft-cap.js'
import { BackgroundTasks } from '../../../src/infrastructure/background/background-tasks.js'
import { onDebugPoint, type DebugPoint } from '../../../src/infrastructure/debug-point.js'
import { StockGate } from '../../../src/stock/gate/gate.js'
import { Ledger } from '../../../src/stock/ledger.js'
import { PendingSweeper } from '../../../src/stock/gate/pending-sweeper.js'
import { isOutage } from '../../../src/infrastructure/errors/outage.js'
import { HoldExpiry } from '../../../src/holds/hold-expiry.js'
import { HoldResolution } from '../../../src/holds/hold-resolution.js'
import type { TestApp } from '../../support/service/app.js'
import { redis } from '../../support/servers/embedded.js'
import { retryWhileUnavailable, Sales, tally, type HoldBody } from '../../support/fixtures/sales.js'

let sales: Sales
let second: TestApp

beforeAll(async () => {
  sales = await Sales.start()
  second = await sales.startInstance()
})

afterAll(async () => {
  await second?.close()
  await sales?.stop()
})

const unhook: (() => void)[] = []
afterEach(() => {
  sales.setClock(() => new Date())
  for (const remove of unhook.splice(0)) remove()
})

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i))
const oneOf = <T>(...choices: T[]): T => choices[Math.floor(Math.random() * choices.length)] as T
const inAnyOrder = <T>(items: readonly T[]): T[] =>
  items
    .map((item) => ({ item, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)

async function holds(eventId: string, count: number, body: object = { quantity: 1 }): Promise<HoldBody[]> {
  const responses = await Promise.all(times(count, () => sales.holdWithRetries(eventId, body)))
  expect(tally(responses)).toEqual({ '201': count })
  return responses.map((response) => response.body)
}

const stateOf = async (id: string) => (await sales.prisma.hold.findUniqueOrThrow({ where: { id } })).state

describe('Concurrent hold requests', () => {
  it('create 100 holds and 900 rejections from 1,000 requests for 100 tickets, across two processes', async () => {
    const eventId = await sales.event()
    const responses = await Promise.all(
      times(1000, (index) =>
        sales.holdWithRetries(eventId, { quantity: 1 }, { on: index % 2 ? second : sales.service }),
      ),
    )
    expect(tally(responses)).toEqual({ '201': 100, '409 SOLD_OUT': 900 })
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 100, 'ALLOCATED:DIRECT': 0 })
  })

  it('sell the whole allocation of the direct channel while the red alarm is raised', async () => {
    sales.service.app.get(BackgroundTasks).start(SoftCap)
    const eventId = await sales.event({ softCapRatio: 0.5 })
    const buy = async () => {
      const hold = await sales.holdWithRetries(eventId, { quantity: 1 })
      if (hold.status === 201) expect((await sales.confirm(hold.body.id)).status).toBe(200)
      return hold
    }
    const responses = await Promise.all(times(300, buy))
    expect(tally(responses)).toEqual({ '201': 100, '409 SOLD_OUT': 200 })
    await expect
      .poll(async () => (await sales.prisma.event.findUniqueOrThrow({ where: { id: eventId } })).redAlarmSince)
      .not.toBeNull()
    await sales.expectSound(eventId)
  })

  it('never grant a part of the requested tickets', async () => {
    const eventId = await sales.event()
    const responses = await Promise.all(
      times(300, () => sales.holdWithRetries(eventId, { quantity: oneOf(1, 2, 3, 7) })),
    )
    const held = responses.filter(({ status }) => status === 201).reduce((sum, { body }) => sum + body.quantity, 0)
    expect((await sales.expectSound(eventId)).HELD).toBe(held)
    expect(held).toBeGreaterThan(93)
  })
})

describe('A stock gate without its check (negative control)', () => {
  it('oversells in the same race, and the ledger rejects the excess', async () => {
    const eventId = await sales.event({ capacity: 10 })
    const unchecked = await sales.startInstance()
    const granted = takeWithoutChecking(unchecked.app.get(StockGate))
    const responses = await Promise.all(times(30, () => sales.hold(eventId, { quantity: 1 }, { on: unchecked })))
    await unchecked.close()
    const refused = tally(responses)
    expect(refused).toMatchObject({ '201': 10, '503 UNAVAILABLE': expect.any(Number) })
    // Some may arrive just after a gate rebuild, when no units are left.
    expect((refused['503 UNAVAILABLE'] ?? 0) + (refused['409 SOLD_OUT'] ?? 0)).toBe(20)
    expect(Math.max(...granted.values())).toBeGreaterThan(10)
    const { balances } = await sales.service.app.get(Ledger).read(eventId)
    expect(balances).toMatchObject({ HELD: 10, 'ALLOCATED:DIRECT': 0 })
    // A correct process repairs the gate that the other one has corrupted.
    await sales.release(responses.find(({ status }) => status === 201)?.body.id ?? '')
    await sales.expectSound(eventId)
  })
})

/** Grants every operation as if there were enough units; returns how many were granted in each epoch. */
function takeWithoutChecking(gate: StockGate): Map<number, number> {
  const granted = new Map<number, number>()
  const takeMany = gate.takeMany.bind(gate)
  gate.takeMany = async (eventId, operations) => {
    const unchecked = operations.map((operation) => ({
      ...operation,
      postings: operation.postings.map((posting) => ({
        ...posting,
        sources: [],
        overflow: posting.sources[0] ?? ('UNALLOCATED' as const),
      })),
    }))
    const responses = await takeMany(eventId, unchecked)
    for (const response of responses)
      if (response.kind === 'TAKEN') granted.set(response.epoch, (granted.get(response.epoch) ?? 0) + 1)
    return responses
  }
  return granted
}

describe('A hold', () => {
  it('is resolved once when 200 holds are confirmed and expire in the same millisecond', async () => {
    const eventId = await sales.event({ capacity: 200 })
    const created = await holds(eventId, 200)
    const expiresAt = new Date(Date.now() + 3_600_000)
    await sales.prisma.hold.updateMany({ where: { eventId }, data: { expiresAt } })
    // Every read of the clock returns the expiry or the millisecond before it.
    sales.setClock(() => new Date(expiresAt.getTime() - oneOf(0, 1)))
    const resolution = sales.service.app.get(HoldResolution)
    const expire = (holdId: string) =>
      resolution.resolve(eventId, { holdId, action: 'expire', buyer: null, by: null }).catch((error: unknown) => {
        if (!isOutage(error)) throw error
      })
    // In groups: concurrent requests are processed together, with one read of the clock.
    for (let start = 0; start < created.length; start += 10) {
      const races = created
        .slice(start, start + 10)
        .flatMap(({ id }) => [
          () => retryWhileUnavailable(() => sales.confirm(id)),
          () => expire(id),
          () => retryWhileUnavailable(() => sales.confirm(id, { on: second })),
        ])
      await Promise.all(inAnyOrder(races).map((race) => race()))
    }
    sales.setClock(() => new Date(expiresAt.getTime() + 1))
    await sales.service.app.get(HoldExpiry).sweep()
    const states = await sales.prisma.hold.groupBy({ by: ['state'], where: { eventId }, _count: true })
    const count = Object.fromEntries(states.map(({ state, _count }) => [state, _count]))
    expect((count.CONFIRMED ?? 0) + (count.EXPIRED ?? 0)).toBe(200)
    expect(count.CONFIRMED).toBeGreaterThan(0)
    expect(count.EXPIRED).toBeGreaterThan(0)
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 0, 'SOLD:DIRECT': count.CONFIRMED })
    await expectResolvedOnce(created)
  })

  it('is resolved once when 200 holds are released and confirmed concurrently', async () => {
    const eventId = await sales.event({ capacity: 200 })
    const created = await holds(eventId, 200)
    const races = created.flatMap(({ id }) => [
      async () => ({ id, action: 'confirm', status: (await retryWhileUnavailable(() => sales.confirm(id))).status }),
      async () => ({
        id,
        action: 'release',
        status: (await retryWhileUnavailable(() => sales.release(id, { on: second }))).status,
      }),
      async () => ({
        id,
        action: 'confirm',
        status: (await retryWhileUnavailable(() => sales.confirm(id, { on: second }))).status,
      }),
    ])
    const results = await Promise.all(inAnyOrder(races).map((race) => race()))
    for (const { id } of created) {
      const confirmed = (await stateOf(id)) === 'CONFIRMED'
      const own = results.filter((result) => result.id === id)
      expect(own.filter(({ action }) => action === 'confirm').map(({ status }) => status)).toEqual(
        confirmed ? [200, 200] : [409, 409],
      )
      expect(own.find(({ action }) => action === 'release')?.status).toBe(confirmed ? 409 : 204)
    }
    const { HELD } = await sales.expectSound(eventId)
    expect(HELD).toBe(0)
    await expectResolvedOnce(created)
  })
})

/** Expects one operation in the ledger that created each hold, and one that resolved it. */
async function expectResolvedOnce(created: readonly HoldBody[]): Promise<void> {
  const operations = await sales.prisma.stockOperation.findMany({
    where: { OR: created.map(({ id }) => ({ operationId: { startsWith: `hold:${id}:` } })), outcome: 'COMMITTED' },
  })
  const resolutions = operations
    .map(({ operationId }) => operationId.split(':'))
    .filter(([, , action]) => action !== 'taken')
  expect(resolutions).toHaveLength(created.length)
  expect(new Set(resolutions.map(([, id]) => id))).toEqual(new Set(created.map(({ id }) => id)))
  expect(operations).toHaveLength(2 * created.length)
}

/** Simulates a crash at the point, `count` times. */
function crashAt(point: DebugPoint, count = 1): void {
  let left = count
  const remove = onDebugPoint(point, () => {
    if (left-- > 0) throw Object.assign(new Error('power cut'), { code: 'ECONNRESET' })
  })
  unhook.push(remove)
}

const sweepNow = () => sales.service.app.get(PendingSweeper).sweepAll(-1_000)

describe('A crash', () => {
  it('takes no units between gate and ledger after a sweep, and the key can be retried before and after it', async () => {
    const eventId = await sales.event({ capacity: 5 })
    crashAt('after-gate-before-ledger')
    expect((await sales.hold(eventId, { quantity: 5 }, { key: 'a' })).status).toBe(503)
    expect((await sales.service.app.get(StockGate).read(eventId))?.balances.HELD).toBe(5)
    await sweepNow()
    expect((await sales.expectSound(eventId)).HELD).toBe(0)
    expect((await sales.hold(eventId, { quantity: 5 }, { key: 'a' })).status).toBe(201)
    expect((await sales.expectSound(eventId)).HELD).toBe(5)

    const other = await sales.event({ capacity: 5 })
    crashAt('after-gate-before-ledger')
    expect((await sales.hold(other, { quantity: 2 }, { key: 'b' })).status).toBe(503)
    expect((await sales.hold(other, { quantity: 2 }, { key: 'b' })).status).toBe(201)
    await sweepNow()
    expect((await sales.expectSound(other)).HELD).toBe(2)
  })

  it('loses nothing after the ledger commit: a retry with the key returns the hold', async () => {
    const eventId = await sales.event({ capacity: 5 })
    crashAt('after-ledger-before-acknowledge')
    expect((await sales.hold(eventId, { quantity: 5 }, { key: 'c' })).status).toBe(503)
    const again = await sales.hold(eventId, { quantity: 5 }, { key: 'c' })
    expect([again.status, again.body.state]).toEqual([200, 'HELD'])
    await sweepNow()
    expect((await sales.expectSound(eventId)).HELD).toBe(5)
  })

  it.each(['after-gate-before-ledger', 'after-ledger-before-acknowledge'] as const)(
    'sells once during a confirmation (%s)',
    async (point) => {
      const eventId = await sales.event({ capacity: 5 })
      const { id } = await sales.createHold(eventId, { quantity: 2 })
      crashAt(point)
      expect((await sales.confirm(id)).status).toBe(503)
      expect((await sales.confirm(id)).status).toBe(200)
      await sweepNow()
      expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 0, 'SOLD:DIRECT': 2 })
    },
  )

  it('releases the tickets once during a confirmation that is followed by a sweep and the expiry', async () => {
    const eventId = await sales.event({ capacity: 5 })
    const { id } = await sales.createHold(eventId, { quantity: 2, ttlSeconds: 60 })
    crashAt('after-gate-before-ledger')
    expect((await sales.confirm(id)).status).toBe(503)
    await sweepNow()
    sales.setClock(() => new Date(Date.now() + 61_000))
    expect((await sales.confirm(id)).status).toBe(410)
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 0, 'SOLD:DIRECT': 0, 'ALLOCATED:DIRECT': 5 })
  })
})

describe('An emptied Redis', () => {
  it('neither oversells nor blocks tickets, and overdue holds are released once', async () => {
    const eventId = await sales.event({ capacity: 200 })
    const created = await holds(eventId, 150)
    await redis(sales.redisUrl, 'FLUSHDB')
    const more = await Promise.all(times(100, () => sales.holdWithRetries(eventId, { quantity: 1 })))
    expect(tally(more)).toEqual({ '201': 50, '409 SOLD_OUT': 50 })
    await redis(sales.redisUrl, 'FLUSHDB')
    expect((await sales.confirm(created[0]?.id ?? '')).status).toBe(200)
    await redis(sales.redisUrl, 'FLUSHDB')
    sales.setClock(() => new Date(Date.now() + 301_000))
    const expiry = sales.service.app.get(HoldExpiry)
    await Promise.all([expiry.sweep(), expiry.sweep()])
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 0, 'SOLD:DIRECT': 1, 'ALLOCATED:DIRECT': 199 })
    await expectResolvedOnce(await holdsOf(eventId))
  })
})

async function holdsOf(eventId: string): Promise<HoldBody[]> {
  const rows = await sales.prisma.hold.findMany({ where: { eventId } })
  return rows.map((row) => ({ ...row, expiresAt: row.expiresAt.toISOString() }))
}
