import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { onDebugPoint } from '../../../src/infrastructure/debug-point.js'
import { StockGate } from '../../../src/stock/gate/gate.js'
import { Stock } from '../../../src/stock/stock.js'
import { Sales } from '../../support/fixtures/sales.js'
import type { TestApp } from '../../support/service/app.js'

let sales: Sales
let second: TestApp

beforeAll(async () => {
  sales = await Sales.start()
})

// Its methods are replaced.
afterEach(() => second?.close())

afterAll(() => sales?.stop())

/** Runs `work` before the first call of the method. */
function beforeFirstCall<T extends object>(target: T, method: keyof T, work: () => unknown): void {
  const original = target[method] as (...args: unknown[]) => unknown
  let calls = 0
  const replaced = async (...args: unknown[]) => {
    if (calls++ === 0) await work()
    return original.apply(target, args)
  }
  Object.defineProperty(target, method, { value: replaced, configurable: true })
}

describe('A repeated request for the last tickets, on another instance', () => {
  it('returns the hold of the first one that is created after its key was searched for', async () => {
    second = await sales.startInstance()
    const eventId = await sales.event({ capacity: 2 })
    const request = (on: TestApp) => sales.hold(eventId, { quantity: 2 }, { key: 'last', on })
    let first: ReturnType<typeof request> | undefined
    beforeFirstCall(second.app.get(StockGate), 'read', () => (first = request(sales.service)))
    const repeated = await request(second)
    expect([(await first)?.status, repeated.status]).toEqual([201, 200])
    expect(repeated.body).toEqual((await first)?.body)
    expect((await sales.expectSound(eventId)).HELD).toBe(2)
  })

  it('returns the hold of the first one that the gate has granted and the ledger has not recorded yet', async () => {
    second = await sales.startInstance()
    const eventId = await sales.event({ capacity: 2 })
    const request = (on: TestApp) => sales.hold(eventId, { quantity: 2 }, { key: 'last', on })
    const waitsForLock = new Promise<void>((resolve) => beforeFirstCall(second.app.get(Stock), 'transact', resolve))
    let repeated: ReturnType<typeof request> | undefined
    const remove = onDebugPoint('after-gate-before-ledger', async () => {
      repeated = request(second)
      await Promise.race([repeated, waitsForLock])
    })
    const first = await request(sales.service)
    remove()
    expect([first.status, (await repeated)?.status]).toEqual([201, 200])
    expect((await repeated)?.body).toEqual(first.body)
    expect((await sales.expectSound(eventId)).HELD).toBe(2)
  })

  it('is sold out when another customer has the last tickets', async () => {
    second = await sales.startInstance()
    const eventId = await sales.event({ capacity: 2 })
    await sales.createHold(eventId, { quantity: 2 }, await sales.buyer())
    for (const on of [sales.service, second]) {
      expect((await sales.hold(eventId, { quantity: 2 }, { key: 'last', on })).body.code).toBe('SOLD_OUT')
    }
    await sales.expectSound(eventId)
  })
})
