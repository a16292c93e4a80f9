import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HoldExpiry } from '../../../src/holds/hold-expiry.js'
import { Sales } from '../../support/fixtures/sales.js'
import { RunClock, runs, statusOf } from '../../support/model/model-run.js'
import { Race } from '../../support/model/race.js'
import type { TestApp } from '../../support/service/app.js'

const NUM_RUNS = 30

let sales: Sales
let first: TestApp
let second: TestApp

beforeAll(async () => {
  sales = await Sales.start()
  first = sales.service
  second = await sales.startInstance()
})

afterAll(async () => {
  await second?.close()
  await sales?.stop()
})

describe('Requests in any order of their steps', () => {
  it('resolve a hold once: confirmed by both, released, or expired', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const clock = new RunClock(sales.service, second)
        const eventId = await sales.event({ capacity: 3 })
        const { id } = await sales.createHold(eventId, { quantity: 2, ttlSeconds: 60 })
        const results = await new Race(scheduler, [first, second]).run({
          confirm: () => sales.confirm(id),
          repeated: () => sales.confirm(id, { on: second }),
          release: () => sales.release(id, { on: second }),
          expire: () => {
            clock.advance(60_000)
            return first.app.get(HoldExpiry).sweep()
          },
        })
        const { state } = (await sales.get(id)).body
        const { confirm, repeated, release } = results
        expect([state, ...[confirm, repeated, release].map(statusOf)]).toEqual(
          {
            CONFIRMED: ['CONFIRMED', '200', '200', '409 STATE_CONFLICT'],
            RELEASED: ['RELEASED', '409 STATE_CONFLICT', '409 STATE_CONFLICT', '204'],
            EXPIRED: ['EXPIRED', '410 HOLD_EXPIRED', '410 HOLD_EXPIRED', '204'],
          }[state],
        )
        if (state === 'CONFIRMED') expect(confirm.body.tickets).toEqual(repeated.body.tickets)
        const sold = state === 'CONFIRMED' ? 2 : 0
        expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 0, 'SOLD:DIRECT': sold })
        await expectResolvedOnce(id)
      }),
      runs(NUM_RUNS),
    )
  })

  it('hold the last tickets once, in full, and for a repeated request only once', async () => {
    const quantities = fc.tuple(...[1, 2, 3, 4].map(() => fc.integer({ min: 1, max: 3 })))
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), quantities, async (scheduler, [a = 1, b = 1, c = 1, d = 1]) => {
        const eventId = await sales.event({ capacity: 3 })
        const hold = (quantity: number, on: TestApp, key: string) => () =>
          sales.hold(eventId, { quantity }, { on, key })
        const results = await new Race(scheduler, [first, second]).run({
          a: hold(a, first, 'a'),
          aRepeated: hold(a, second, 'a'),
          b: hold(b, second, 'b'),
          c: hold(c, first, 'c'),
          d: hold(d, second, 'd'),
        })
        const { a: once, aRepeated: again } = results
        const pair = [once, again].map(statusOf).toSorted()
        expect([
          ['200', '201'],
          ['409 SOLD_OUT', '409 SOLD_OUT'],
        ]).toContainEqual(pair)
        const granted = Object.values(results).filter(({ status }) => status === 201)
        const held = granted.reduce((sum, { body }) => sum + body.quantity, 0)
        expect(await sales.expectSound(eventId)).toMatchObject({ HELD: held, 'ALLOCATED:DIRECT': 3 - held })
        const refused = [[a, once], [b, results.b], [c, results.c], [d, results.d]] as const // prettier-ignore
        for (const [quantity, { status }] of refused) if (status === 409) expect(quantity).toBeGreaterThan(3 - held)
      }),
      runs(NUM_RUNS),
    )
  })
})

/** I5: one operation took its units, one resolved it. */
async function expectResolvedOnce(holdId: string): Promise<void> {
  const operationId = { startsWith: `hold:${holdId}:` }
  expect(await sales.prisma.stockOperation.count({ where: { operationId, outcome: 'COMMITTED' } })).toBe(2)
}
