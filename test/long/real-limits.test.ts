import { expect, it } from 'vitest'
import { redis as command } from '../support/servers/embedded.js'
import { DEFAULT_INTERVALS, runLimitsTrial } from '../support/load/limits-trial.js'
import { startWatchedTestSystem } from '../support/service/outage.js'
import { until } from '../support/service/test-system.js'

// `npm run bench -- limits` runs twenty events, which takes longer.
const EVENTS = 6

it('Six events at the real rate limits get their caps, recover when Redis is killed during the sale, and sell out', async () => {
  const result = await runLimitsTrial({
    events: EVENTS,
    capacity: 70,
    buyersPerSecond: 0.25,
    saleMs: 20_000,
    maxWaitMs: 100_000,
  })
  console.log(`${EVENTS} events at limit scale 1`, result)
  expect(result.violations, 'events whose exposure exceeded the pool').toEqual([])
  expect(result.samples).toBeGreaterThan(100)
  expect(result.refused, 'calls refused by the platforms').toEqual({ eventbrite: 0, luma: 0, meetup: 0 })
  // The budgets allow for 30 s.
  expect(result.capsInForceMs, 'first caps in force').toBeLessThanOrEqual(60_000)
  expect(result.closedMs, 'all channels confirmed closed after Redis was killed').toBeLessThanOrEqual(15_000)
  expect(result.lastSaleMs, 'last sale after Redis was killed').toBeLessThanOrEqual(15_000)
  expect(result.countedMs, 'normal mode and correct counts after Redis restarted').toBeLessThanOrEqual(60_000)
  expect(result.recoveredMs, 'every channel on sale again after Redis restarted').toBeLessThanOrEqual(60_000)
  expect(result.sellThrough).toBeGreaterThanOrEqual(0.97)
}, 600_000)

it('An event at the real rate limits counts sales and applies a larger cap after Redis is emptied during a sale', async () => {
  const system = await startWatchedTestSystem({ pace: 1, env: DEFAULT_INTERVALS })
  const channelsOf = async (id: string) =>
    (await system.stock(id)).channels.filter(({ platform }) => platform !== 'DIRECT')
  try {
    const listings = system.list({ eventbrite: 100, luma: 100, meetup: null })
    const eventId = await system.createEvent(100, listings)
    const expectInForce = async () => {
      for (const { platform, confirmedCap, desiredCap } of await channelsOf(eventId)) {
        expect(confirmedCap, platform).toBe(desiredCap)
      }
    }
    const expectCounted = async (tickets: number) => {
      const sold = (await channelsOf(eventId)).find(({ platform }) => platform === 'MEETUP')?.sold
      expect(sold).toBe(tickets)
    }
    await until(expectInForce, 60_000)
    for (let i = 0; i < 5; i++) system.meetup.control.rsvp(listings.meetup)
    await until(() => expectCounted(5), 60_000)

    await command(system.redis.url, 'FLUSHALL')
    const emptiedAt = performance.now()
    for (let i = 0; i < 3; i++) system.meetup.control.rsvp(listings.meetup)
    const raised = await system.app.call('PATCH', `/events/${eventId}`, {
      token: system.token,
      body: { capacity: 160 },
    })
    expect(raised.status).toBe(200)
    await until(() => expectCounted(8), 60_000)
    const countedMs = Math.round(performance.now() - emptiedAt)
    await until(async () => {
      const caps = (await channelsOf(eventId)).map(({ confirmedCap }) => confirmedCap ?? 0)
      expect(caps.reduce((sum, cap) => sum + cap, 0)).toBeGreaterThan(90)
      await expectInForce()
    }, 60_000)
    console.log('emptied', { countedMs, raisedMs: Math.round(performance.now() - emptiedAt) })
  } finally {
    await system.close()
  }
}, 300_000)
