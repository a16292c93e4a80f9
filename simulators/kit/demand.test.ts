import { expect, it } from 'vitest'
import { Demand } from './demand.js'
import type { Clock } from './clock.js'
import { seededRandom } from './random.js'

/** A clock whose sleeps end immediately, so that a plan of minutes runs instantly. */
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

it('demand stops at the maximum number of buyers, counts rejections and cancels a share of the orders', async () => {
  const { demand, orders, parties } = run(1, 200)
  await demand.tasks.drain(5_000)
  const { buyers, bought, rejected, cancelled } = demand.counts
  expect([buyers, bought + rejected]).toEqual([400, 400])
  expect(rejected).toBeGreaterThan(0)
  expect(orders.size).toBe(bought - cancelled)
  expect(cancelled).toBeGreaterThan(0)
  expect(new Set(parties)).toEqual(new Set([1, 2, 4]))
})

it('demand repeats for the same seed', async () => {
  const [first, second] = [run(5, 50), run(5, 50)]
  await Promise.all([first.demand.tasks.drain(5_000), second.demand.tasks.drain(5_000)])
  expect(second.parties).toEqual(first.parties)
  expect(second.demand.counts).toEqual(first.demand.counts)
})

it('demand rejects a plan with a rate of 0', () => {
  const ports = { random: seededRandom(1), clock: instantClock() }
  const shop = { buy: () => null, cancel: () => undefined }
  const plan = { ratePerSecond: 0, partySizes: [1], cancelProbability: 0, maxBuyers: 1 }
  expect(() => new Demand(ports, plan, shop)).toThrow(RangeError)
})
