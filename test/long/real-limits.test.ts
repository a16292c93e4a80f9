import { expect, it } from 'vitest'
import { redis as command } from '../support/embedded.js'
import { AS_CONFIGURED, runLimitsTrial } from '../support/limits-trial.js'
import { startWatchedTestSystem } from '../support/outage.js'
import { until } from '../support/test-system.js'

// Twenty events, which take longer, are `npm run bench -- limits`.
const EVENTS = 6

it('six events at the limits that exist: caps, a sale, Redis killed in it, sold to the end', async () => {
  const result = await runLimitsTrial({
    events: EVENTS,
    capacity: 70,
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

it('Redis emptied in a sale at these limits: the next sale is counted, and a larger cap is in force', async () => {
  const system = await startWatchedTestSystem({ pace: 1, env: AS_CONFIGURED })
  const channelsOf = async (id: string) =>
    (await system.stock(id)).channels.filter(({ platform }) => platform !== 'DIRECT')
  try {
    const listings = system.list({ eventbrite: 100, luma: 100, meetup: null })
    const eventId = await system.createEvent(100, listings)
    const inForce = async () => {
      for (const { platform, confirmedCap, desiredCap } of await channelsOf(eventId)) {
        expect(confirmedCap, platform).toBe(desiredCap)
      }
    }
    const counted = async (tickets: number) => {
      const sold = (await channelsOf(eventId)).find(({ platform }) => platform === 'MEETUP')?.sold
      expect(sold).toBe(tickets)
    }
    await until(inForce, 60_000)
    for (let i = 0; i < 5; i++) system.meetup.control.rsvp(listings.meetup)
    await until(() => counted(5), 60_000)

    await command(system.redis.url, 'FLUSHALL')
    const emptied = performance.now()
    for (let i = 0; i < 3; i++) system.meetup.control.rsvp(listings.meetup)
    const raised = await system.app.call('PATCH', `/events/${eventId}`, { token: system.token, body: { capacity: 160 } })
    expect(raised.status).toBe(200)
    await until(() => counted(8), 60_000)
    const countedMs = Math.round(performance.now() - emptied)
    await until(async () => {
      const caps = (await channelsOf(eventId)).map(({ confirmedCap }) => confirmedCap ?? 0)
      expect(caps.reduce((sum, cap) => sum + cap, 0)).toBeGreaterThan(90)
      await inForce()
    }, 60_000)
    console.log('emptied', { countedMs, raisedMs: Math.round(performance.now() - emptied) })
  } finally {
    await system.close()
  }
}, 300_000)
