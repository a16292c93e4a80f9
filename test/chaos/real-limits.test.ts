import { expect, it } from 'vitest'
import { runLimitsTrial } from '../support/limits-trial.js'

// Twenty events, which take longer, are `npm run bench -- limits`.
const EVENTS = 6

it('six events at the limits that exist: caps, a sale, Redis killed in it, sold to the end', async () => {
  const result = await runLimitsTrial({
    events: EVENTS,
    buyersPerSecond: 0.25,
    saleMs: 20_000,
    patienceMs: 100_000,
  })
  console.log(`${EVENTS} events at limit scale 1`, result)
  expect(result.violations, 'exposure above the pool at some instant').toEqual([])
  expect(result.samples).toBeGreaterThan(100)
  expect(result.refused, 'calls refused by the platforms').toEqual({ eventbrite: 0, luma: 0, meetup: 0 })
  // Budgets allow 30 s.
  expect(result.capsInForceMs, 'first caps in force').toBeLessThanOrEqual(60_000)
  expect(result.closedMs, 'Redis killed: every closing confirmed').toBeLessThanOrEqual(15_000)
  expect(result.lastSaleMs, 'Redis killed: the last ticket sold').toBeLessThanOrEqual(15_000)
  expect(result.recoveredMs, 'Redis back: normal, and counted right').toBeLessThanOrEqual(60_000)
  expect(result.sellThrough).toBeGreaterThanOrEqual(0.97)
}, 600_000)
