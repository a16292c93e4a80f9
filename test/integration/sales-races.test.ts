import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { SoftCap } from '../../src/channels/soft-cap.js'
import { onDebugPoint, type DebugPoint } from '../../src/infrastructure/debug-point.js'
import { StockGate } from '../../src/inventory/gate.js'
import { Ledger } from '../../src/inventory/ledger.js'
import { PendingSweeper } from '../../src/inventory/pending-sweeper.js'
import { isOutage } from '../../src/infrastructure/outage.js'
import { HoldExpiry } from '../../src/sales/hold-expiry.js'
import { HoldResolution } from '../../src/sales/hold-resolution.js'
import type { TestApp } from '../support/app.js'
import { redis } from '../support/embedded.js'
import { patiently, Sales, tally, type HoldBody } from '../support/sales.js'

let sales: Sales
let second: TestApp

beforeAll(async () => {
  sales = await Sales.start()
  second = await sales.another()
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
  const answers = await Promise.all(times(count, () => sales.holdPatiently(eventId, body)))
  expect(tally(answers)).toEqual({ '201': count })
  return answers.map((answer) => answer.body)
}

const stateOf = async (id: string) => (await sales.prisma.hold.findUniqueOrThrow({ where: { id } })).state

describe('1,000 requests at once for 100 tickets', () => {
  it('give 100 holds and 900 refusals, over two processes', async () => {
    const eventId = await sales.event()
    const answers = await Promise.all(
      times(1000, (index) => sales.holdPatiently(eventId, { quantity: 1 }, { on: index % 2 ? second : sales.service })),
    )
    expect(tally(answers)).toEqual({ '201': 100, '409 SOLD_OUT': 900 })
    expect(await sales.mustBeSound(eventId)).toMatchObject({ HELD: 100, 'ALLOCATED:DIRECT': 0 })
  })

  it('also sell what was set aside for the direct channel while the red alarm goes off', async () => {
    sales.service.app.get(SoftCap).start()
    const eventId = await sales.event({ softCapRatio: 0.5 })
    const answers = await Promise.all(times(300, () => sales.holdPatiently(eventId, { quantity: 1 })))
    expect(tally(answers)).toEqual({ '201': 100, '409 SOLD_OUT': 200 })
    await expect
      .poll(async () => (await sales.prisma.event.findUniqueOrThrow({ where: { id: eventId } })).redAlarmSince)
      .not.toBeNull()
    await sales.mustBeSound(eventId)
  })

  it('of several tickets each never split one', async () => {
    const eventId = await sales.event()
    const answers = await Promise.all(times(300, () => sales.holdPatiently(eventId, { quantity: oneOf(1, 2, 3, 7) })))
    const held = answers.filter(({ status }) => status === 201).reduce((sum, { body }) => sum + body.quantity, 0)
    expect((await sales.mustBeSound(eventId)).HELD).toBe(held)
    expect(held).toBeGreaterThan(93)
  })
})

describe('with the check in the gate left out', () => {
  it('the same race oversells at the gate, and the ledger is what refuses', async () => {
    const eventId = await sales.event({ capacity: 10 })
    const unchecked = await sales.another()
    const granted = takeWithoutChecking(unchecked.app.get(StockGate))
    const answers = await Promise.all(times(30, () => sales.hold(eventId, { quantity: 1 }, { on: unchecked })))
    await unchecked.close()
    const refused = tally(answers)
    expect(refused).toMatchObject({ '201': 10, '503 UNAVAILABLE': expect.any(Number) })
    // Some may come when the gate has just been rebuilt, and shows nothing left.
    expect((refused['503 UNAVAILABLE'] ?? 0) + (refused['409 SOLD_OUT'] ?? 0)).toBe(20)
    expect(granted.most).toBeGreaterThan(10)
    const { balances } = await sales.service.app.get(Ledger).read(eventId)
    expect(balances).toMatchObject({ HELD: 10, 'ALLOCATED:DIRECT': 0 })
    // An honest process repairs the gate that the other one has spoilt.
    await sales.release(answers.find(({ status }) => status === 201)?.body.id ?? '')
    await sales.mustBeSound(eventId)
  })
})

/** Answers every take as if there were enough; counts how many it granted in one call at most. */
function takeWithoutChecking(gate: StockGate): { most: number } {
  const count = { most: 0 }
  const takeMany = gate.takeMany.bind(gate)
  gate.takeMany = async (eventId, takes) => {
    const plenty = takes.map((take) => ({
      ...take,
      postings: take.postings.map((posting) => ({
        ...posting,
        sources: [],
        overflow: posting.sources[0] ?? ('UNALLOCATED' as const),
      })),
    }))
    const answers = await takeMany(eventId, plenty)
    count.most = Math.max(count.most, answers.filter(({ kind }) => kind === 'TAKEN').length)
    return answers
  }
  return count
}

describe('a hold resolves once', () => {
  it('when 200 are confirmed and expire at the same millisecond', async () => {
    const eventId = await sales.event({ capacity: 200 })
    const made = await holds(eventId, 200)
    const expiresAt = new Date(Date.now() + 3_600_000)
    await sales.prisma.hold.updateMany({ where: { eventId }, data: { expiresAt } })
    // Every look at the clock falls just before or on the very end.
    sales.setClock(() => new Date(expiresAt.getTime() - oneOf(0, 1)))
    const settling = sales.service.app.get(HoldResolution)
    const expire = (holdId: string) =>
      settling.settle(eventId, { holdId, action: 'expire', buyer: null, by: null }).catch((error: unknown) => {
        if (!isOutage(error)) throw error
      })
    // In groups: requests that come together are decided together, by one look at the clock.
    for (let start = 0; start < made.length; start += 10) {
      const races = made
        .slice(start, start + 10)
        .flatMap(({ id }) => [
          () => patiently(() => sales.confirm(id)),
          () => expire(id),
          () => patiently(() => sales.confirm(id, { on: second })),
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
    expect(await sales.mustBeSound(eventId)).toMatchObject({ HELD: 0, 'SOLD:DIRECT': count.CONFIRMED })
    await settledOnceEach(made)
  })

  it('when 200 are released and confirmed at once', async () => {
    const eventId = await sales.event({ capacity: 200 })
    const made = await holds(eventId, 200)
    const races = made.flatMap(({ id }) => [
      async () => ({ id, what: 'confirm', status: (await patiently(() => sales.confirm(id))).status }),
      async () => ({ id, what: 'release', status: (await patiently(() => sales.release(id, { on: second }))).status }),
      async () => ({ id, what: 'confirm', status: (await patiently(() => sales.confirm(id, { on: second }))).status }),
    ])
    const results = await Promise.all(inAnyOrder(races).map((race) => race()))
    for (const { id } of made) {
      const confirmed = (await stateOf(id)) === 'CONFIRMED'
      const own = results.filter((result) => result.id === id)
      expect(own.filter(({ what }) => what === 'confirm').map(({ status }) => status)).toEqual(
        confirmed ? [200, 200] : [409, 409],
      )
      expect(own.find(({ what }) => what === 'release')?.status).toBe(confirmed ? 409 : 204)
    }
    const { HELD } = await sales.mustBeSound(eventId)
    expect(HELD).toBe(0)
    await settledOnceEach(made)
  })
})

/** The ledger has one operation that took, and one that settled, per hold. */
async function settledOnceEach(made: readonly HoldBody[]): Promise<void> {
  const operations = await sales.prisma.stockOperation.findMany({
    where: { OR: made.map(({ id }) => ({ operationId: { startsWith: `hold:${id}:` } })), outcome: 'COMMITTED' },
  })
  const ends = operations.map(({ operationId }) => operationId.split(':')).filter(([, , what]) => what !== 'taken')
  expect(ends).toHaveLength(made.length)
  expect(new Set(ends.map(([, id]) => id))).toEqual(new Set(made.map(({ id }) => id)))
  expect(operations).toHaveLength(2 * made.length)
}

/** As if the process died there, `count` times. */
function crashAt(point: DebugPoint, count = 1): void {
  let left = count
  const remove = onDebugPoint(point, () => {
    if (left-- > 0) throw Object.assign(new Error('power cut'), { code: 'ECONNRESET' })
  })
  unhook.push(remove)
}

const sweepNow = () => sales.service.app.get(PendingSweeper).sweepAll(-1_000)

describe('a crash', () => {
  it('between gate and ledger takes nothing, once swept; the same key may be tried again before and after', async () => {
    const eventId = await sales.event({ capacity: 5 })
    crashAt('after-gate-before-ledger')
    expect((await sales.hold(eventId, { quantity: 5 }, { key: 'a' })).status).toBe(503)
    expect((await sales.service.app.get(StockGate).read(eventId))?.balances.HELD).toBe(5)
    await sweepNow()
    expect((await sales.mustBeSound(eventId)).HELD).toBe(0)
    expect((await sales.hold(eventId, { quantity: 5 }, { key: 'a' })).status).toBe(201)
    expect((await sales.mustBeSound(eventId)).HELD).toBe(5)

    const other = await sales.event({ capacity: 5 })
    crashAt('after-gate-before-ledger')
    expect((await sales.hold(other, { quantity: 2 }, { key: 'b' })).status).toBe(503)
    expect((await sales.hold(other, { quantity: 2 }, { key: 'b' })).status).toBe(201)
    await sweepNow()
    expect((await sales.mustBeSound(other)).HELD).toBe(2)
  })

  it('after the ledger has it loses nothing: the key answers the hold', async () => {
    const eventId = await sales.event({ capacity: 5 })
    crashAt('after-ledger-before-acknowledge')
    expect((await sales.hold(eventId, { quantity: 5 }, { key: 'c' })).status).toBe(503)
    const again = await sales.hold(eventId, { quantity: 5 }, { key: 'c' })
    expect([again.status, again.body.state]).toEqual([200, 'HELD'])
    await sweepNow()
    expect((await sales.mustBeSound(eventId)).HELD).toBe(5)
  })

  it.each(['after-gate-before-ledger', 'after-ledger-before-acknowledge'] as const)(
    'while confirming (%s) sells once',
    async (point) => {
      const eventId = await sales.event({ capacity: 5 })
      const { id } = await sales.held(eventId, { quantity: 2 })
      crashAt(point)
      expect((await sales.confirm(id)).status).toBe(503)
      expect((await sales.confirm(id)).status).toBe(200)
      await sweepNow()
      expect(await sales.mustBeSound(eventId)).toMatchObject({ HELD: 0, 'SOLD:DIRECT': 2 })
    },
  )

  it('while confirming, then swept, then expired, gives back once', async () => {
    const eventId = await sales.event({ capacity: 5 })
    const { id } = await sales.held(eventId, { quantity: 2, ttlSeconds: 60 })
    crashAt('after-gate-before-ledger')
    expect((await sales.confirm(id)).status).toBe(503)
    await sweepNow()
    sales.setClock(() => new Date(Date.now() + 61_000))
    expect((await sales.confirm(id)).status).toBe(410)
    expect(await sales.mustBeSound(eventId)).toMatchObject({ HELD: 0, 'SOLD:DIRECT': 0, 'ALLOCATED:DIRECT': 5 })
  })
})

describe('an emptied Redis', () => {
  it('neither gives anything away nor locks anything: what is due comes back once', async () => {
    const eventId = await sales.event({ capacity: 200 })
    const made = await holds(eventId, 150)
    await redis(sales.redisUrl, 'FLUSHDB')
    const more = await Promise.all(times(100, () => sales.holdPatiently(eventId, { quantity: 1 })))
    expect(tally(more)).toEqual({ '201': 50, '409 SOLD_OUT': 50 })
    await redis(sales.redisUrl, 'FLUSHDB')
    expect((await sales.confirm(made[0]?.id ?? '')).status).toBe(200)
    await redis(sales.redisUrl, 'FLUSHDB')
    sales.setClock(() => new Date(Date.now() + 301_000))
    const expiry = sales.service.app.get(HoldExpiry)
    await Promise.all([expiry.sweep(), expiry.sweep(), expiry.expireDue(eventId)])
    expect(await sales.mustBeSound(eventId)).toMatchObject({ HELD: 0, 'SOLD:DIRECT': 1, 'ALLOCATED:DIRECT': 199 })
    await settledOnceEach(await holdsOf(eventId))
    expect(await expiry.sweep()).toBe(0)
  })
})

async function holdsOf(eventId: string): Promise<HoldBody[]> {
  const rows = await sales.prisma.hold.findMany({ where: { eventId } })
  return rows.map((row) => ({ ...row, expiresAt: row.expiresAt.toISOString() }))
}
