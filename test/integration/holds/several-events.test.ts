import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { TRUSTED_MS } from '../../../src/holds/creation/sold-out-check.js'
import { Ledger } from '../../../src/stock/ledger.js'
import { StockGate } from '../../../src/stock/gate/gate.js'
import { Stock } from '../../../src/stock/stock.js'
import { onDebugPoint } from '../../../src/infrastructure/debug-point.js'
import { Sales, tally } from '../../support/fixtures/sales.js'

let sales: Sales
let redis: Redis
const undo: (() => void)[] = []

beforeAll(async () => {
  sales = await Sales.start()
  redis = new Redis(sales.redisUrl)
})

afterEach(() => {
  for (const restore of undo.splice(0)) restore()
})

afterAll(async () => {
  redis?.disconnect()
  await sales?.stop()
})

const events = (count: number, fields: object = {}) =>
  Promise.all(Array.from({ length: count }, () => sales.event(fields)))

/** Records the first argument of each call. */
function watch<T extends object>(target: T, method: keyof T & string): unknown[] {
  const calls: unknown[] = []
  const original = target[method] as (...args: unknown[]) => unknown
  Object.defineProperty(target, method, {
    value: (...args: unknown[]) => {
      calls.push(args[0])
      return original.apply(target, args)
    },
    configurable: true,
  })
  undo.push(() => Reflect.deleteProperty(target, method))
  return calls
}

/** The events of each transaction in which holds were created. */
function transactions() {
  const stock = sales.service.app.get(Stock)
  return { together: watch(stock, 'transactTogether'), alone: watch(stock, 'transact') }
}

/** Then the check for sold-out events reads the gates of all of them, which takes the same time for each. */
const untilNoneIsTrusted = () => sleep(TRUSTED_MS)

const holdAll = (eventIds: readonly string[]) => Promise.all(eventIds.map((id) => sales.hold(id, { quantity: 1 })))

describe('Holds of several events', () => {
  it('are committed in one transaction, each as if it were alone', async () => {
    const [open = '', paused = '', soldOut = '', limited = ''] = await events(4)
    await sales.prisma.event.update({ where: { id: paused }, data: { pausedSince: new Date() } })
    await sales.prisma.event.update({ where: { id: limited }, data: { maxHeldPerCustomer: 1 } })
    await sales.createHold(soldOut, { quantity: 99 })
    await untilNoneIsTrusted()
    const { together, alone } = transactions()
    const requests = [open, open, paused, soldOut, soldOut, limited, limited]
    const responses = await holdAll(requests)
    const codes = responses.map(({ status, body }) => body.code ?? status)
    expect(codes).toEqual([201, 201, 'STATE_CONFLICT', 201, 'SOLD_OUT', 201, 'STATE_CONFLICT'])
    expect(new Set(together.flat())).toEqual(new Set([open, paused, soldOut, limited]))
    expect(together).toHaveLength(1)
    expect(alone).toEqual([])
    for (const [id, held] of [
      [open, 2],
      [paused, 0],
      [soldOut, 100],
      [limited, 1],
    ] as const)
      // prettier-ignore
      expect((await sales.expectSound(id)).HELD).toBe(held)
  })

  it('do not wait for an event that is locked', async () => {
    const [locked = '', ...others] = await events(4)
    let release: () => void = () => undefined
    const released = new Promise<void>((resolve) => (release = resolve))
    let isLocked: () => void = () => undefined
    const untilLocked = new Promise<void>((resolve) => (isLocked = resolve))
    const holder = sales.service.app.get(Ledger).exclusive(locked, async () => {
      isLocked()
      await released
    })
    await untilLocked
    const waiting = holdAll([locked])
    expect(tally(await holdAll(others))).toEqual({ '201': 3 })
    const state = await Promise.race([waiting, Promise.resolve('waits')])
    expect(state).toBe('waits')
    release()
    await holder
    expect(tally(await waiting)).toEqual({ '201': 1 })
    for (const id of [locked, ...others]) expect((await sales.expectSound(id)).HELD).toBe(1)
  })

  it('do not fail with an event whose gate is gone or has lost writes: it is rebuilt alone', async () => {
    const [gone = '', behind = '', ...others] = await events(4)
    await sales.createHold(behind, { quantity: 5 })
    const gate = sales.service.app.get(StockGate)
    await redis.del(`event:{${gone}}:stock`)
    await redis.hincrby(`event:{${behind}}:stock`, 'seq', -1)
    await untilNoneIsTrusted()
    const { together, alone } = transactions()
    expect(tally(await holdAll([gone, behind, ...others]))).toEqual({ '201': 4 })
    expect(together).toHaveLength(1)
    expect(new Set(alone)).toEqual(new Set([behind, gone]))
    expect((await sales.expectSound(behind)).HELD).toBe(6)
    for (const id of [gone, ...others]) expect((await sales.expectSound(id)).HELD).toBe(1)
    expect(await gate.pending(behind, 0, 10)).toEqual([])
  })

  it('are each processed alone when their transaction fails, and only the failing one is refused', async () => {
    const [failing = '', ...others] = await events(3)
    // Its holds cannot be written.
    const name = 'refuse_holds_of_one_event'
    await sales.prisma.$executeRawUnsafe(`ALTER TABLE holds ADD CONSTRAINT ${name} CHECK (event_id <> '${failing}')`)
    const { together, alone } = transactions()
    try {
      expect(tally(await holdAll([failing, ...others]))).toMatchObject({ '201': 2 })
    } finally {
      await sales.prisma.$executeRawUnsafe(`ALTER TABLE holds DROP CONSTRAINT ${name}`)
    }
    expect(together).toHaveLength(1)
    expect(new Set(alone)).toEqual(new Set([failing, ...others]))
    for (const id of others) expect((await sales.expectSound(id)).HELD).toBe(1)
    // What the gates had granted to the failed transaction is given back or confirmed.
    await expect.poll(async () => (await sales.expectSound(failing)).HELD).toBe(0)
  })

  it('are created once when the commit of their transaction is repeated with the same keys', async () => {
    const eventIds = await events(2)
    let repeated: ReturnType<typeof requests> | undefined
    const requests = () => Promise.all(eventIds.map((id) => sales.hold(id, { quantity: 2 }, { key: 'once' })))
    let calls = 0
    undo.push(
      onDebugPoint('after-gate-before-ledger', () => {
        if (calls++ === 0) repeated = requests()
      }),
    )
    const [first, second] = [await requests(), await repeated]
    expect([first, second].flatMap((responses) => responses?.map(({ status }) => status))).toEqual([201, 201, 200, 200])
    expect(second?.map(({ body }) => body.id)).toEqual(first.map(({ body }) => body.id))
    for (const id of eventIds) expect((await sales.expectSound(id)).HELD).toBe(2)
  })
})
