import { expect, it } from 'vitest'
import { Demand } from './buyers.js'
import type { Clock } from './clock.js'
import { seededRandom } from './random.js'

/** Time that passes at once, so that a plan of minutes runs in a moment. */
function instantClock(): Clock {
  let now = 0
  return {
    now: () => now,
    sleep: (ms) => {
      now += ms
      return Promise.resolve()
    },
  }
}

function run(seed: number, stock: number) {
  const orders = new Map<string, number>()
  const parties: number[] = []
  const plan = { ratePerSecond: 10, partySizes: [1, 1, 2, 4], cancelProbability: 0.2, maxBuyers: 400 }
  const demand = new Demand({ random: seededRandom(seed), clock: instantClock() }, plan, {
    buy: ({ email }, size) => {
      parties.push(size)
      if (orders.size >= stock) return null
      orders.set(email, size)
      return email
    },
    cancel: (orderId) => void orders.delete(orderId),
  })
  demand.start()
  demand.start()
  return { demand, orders, parties }
}

it('brings so many buyers and no more, turns away whom the shop turns away, and cancels a share', async () => {
  const { demand, orders, parties } = run(1, 200)
  await demand.tasks.drain(5_000)
  const { buyers, bought, turnedAway, cancelled } = demand.counts
  expect([buyers, bought + turnedAway]).toEqual([400, 400])
  expect(turnedAway).toBeGreaterThan(0)
  expect(orders.size).toBe(bought - cancelled)
  expect(cancelled).toBeGreaterThan(0)
  expect(new Set(parties)).toEqual(new Set([1, 2, 4]))
})

it('is the same again from the same seed', async () => {
  const [first, again] = [run(5, 50), run(5, 50)]
  await Promise.all([first.demand.tasks.drain(5_000), again.demand.tasks.drain(5_000)])
  expect(again.parties).toEqual(first.parties)
  expect(again.demand.counts).toEqual(first.demand.counts)
})

it('refuses a plan without demand', () => {
  const ports = { random: seededRandom(1), clock: instantClock() }
  const shop = { buy: () => null, cancel: () => undefined }
  const plan = { ratePerSecond: 0, partySizes: [1], cancelProbability: 0, maxBuyers: 1 }
  expect(() => new Demand(ports, plan, shop)).toThrow(RangeError)
})
