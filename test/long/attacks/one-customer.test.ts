import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Rebuilder } from '../../../src/stock/gate/rebuild.js'
import { SoftCap } from '../../../src/channels/soft-cap.js'
import type { ApiResponse } from '../../support/service/app.js'
import { BUYER, Sales, tally, type HoldBody, type Person } from '../../support/fixtures/sales.js'

const ATTACK_MS = 20_000
const CONCURRENT = 8
const LIMIT = 60

let sales: Sales

beforeAll(async () => {
  sales = await Sales.start({ env: { CUSTOMER_RATE_LIMIT: `${LIMIT}/60` } })
})

afterAll(() => sales?.stop())

interface Attack {
  responses: ApiResponse<HoldBody>[]
  /** Most tickets that were held at once. */
  held: number
}

/** Holds as much as possible, and confirms or releases it, without a pause. */
async function attack(eventId: string, by: Person, until: number): Promise<Attack> {
  const result: Attack = { responses: [], held: 0 }
  const loop = async (index: number) => {
    for (let round = 0; performance.now() < until; round++) {
      const quantity = [1_000, 900, 100, 11, 10, 1][round % 6] ?? 1
      const hold = await sales.hold(eventId, { quantity }, { by })
      result.responses.push(hold)
      if (hold.status !== 201) continue
      const { HELD } = await sales.balances(eventId)
      result.held = Math.max(result.held, HELD)
      const ended =
        index % 2 === 0 ? await sales.release(hold.body.id, { by }) : await sales.confirm(hold.body.id, { by })
      result.responses.push(ended)
    }
  }
  await Promise.all(Array.from({ length: CONCURRENT }, (_, index) => loop(index)))
  return result
}

/** Buys single tickets until the end; latencies of its holds in ms. */
async function buyUntil(eventId: string, until: number): Promise<number[]> {
  const latencies: number[] = []
  while (performance.now() < until) {
    const by = await sales.buyer()
    const started = performance.now()
    const { id } = await sales.createHold(eventId, { quantity: 1 }, by)
    latencies.push(performance.now() - started)
    expect((await sales.confirm(id, { by, body: { buyer: BUYER } })).status).toBe(200)
  }
  return latencies
}

const quantile = (values: readonly number[], share: number) =>
  Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0)

describe('One customer against a house of 1,000', () => {
  it('has at most 10 tickets, closes nothing and delays no other buyer', async () => {
    const eventId = await sales.event({ capacity: 1_000, softCapRatio: 0.9, maxHeldPerCustomer: undefined })
    const attacker = await sales.buyer()
    const until = performance.now() + ATTACK_MS
    const [{ responses, held }, latencies] = await Promise.all([
      attack(eventId, attacker, until),
      buyUntil(eventId, until),
    ])
    await sales.service.app.get(SoftCap).check(eventId)
    const stock = await sales.service.call<{ state: string }>('GET', `/events/${eventId}/stock`, {
      token: sales.admin.token,
    })
    const bought = await sales.prisma.hold.aggregate({
      where: { accountId: attacker.id, state: 'CONFIRMED' },
      _sum: { quantity: true },
    })
    const movements = await sales.prisma.stockMovement.count({ where: { eventId } })
    const { seconds } = await sales.service.app.get(Rebuilder).rebuild(eventId, 'operator')
    const accepted = responses.filter(({ status }) => status !== 429)
    console.log('one customer', {
      requests: responses.length,
      responses: tally(responses),
      held,
      bought: bought._sum.quantity,
      movements,
      rebuildMs: Math.round(seconds * 1000),
      others: { bought: latencies.length, p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99) },
    })
    expect(accepted.length).toBeLessThanOrEqual(LIMIT)
    // Others hold one each at a time.
    expect(held).toBeLessThanOrEqual(11)
    expect(bought._sum.quantity ?? 0).toBeLessThanOrEqual(10)
    expect(stock.body).toMatchObject({ state: 'ON_SALE' })
    expect(latencies.length).toBeGreaterThan(10)
    await sales.expectSound(eventId)
  }, 120_000)
})
