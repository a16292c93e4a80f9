import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { startTestSystem, until, type Listings, type TestSystem } from '../../support/service/test-system.js'

let system: TestSystem
beforeAll(async () => {
  system = await startTestSystem()
})
afterAll(() => system?.close())

const PLATFORMS = ['EVENTBRITE', 'LUMA', 'MEETUP'] as const
const stockOf = (eventId: string) => system.stock(eventId)
const rowOf = async (eventId: string, platform: string) => {
  const row = (await stockOf(eventId)).channels.find((one) => one.platform === platform)
  if (!row) throw new Error(`no channel for ${platform}`)
  return row
}
const command = (eventId: string, action: string) =>
  system.app.call('POST', `/events/${eventId}/${action}`, { token: system.token })
const patch = (eventId: string, body: object) =>
  system.app.call('PATCH', `/events/${eventId}`, { token: system.token, body })
const exposureOf = (listings: Listings) =>
  Object.values(system.truth(listings).exposure).reduce((sum, one) => sum + one, 0)
const untilConfirmed = (
  eventId: string,
  caps: Partial<Record<(typeof PLATFORMS)[number], number>>,
  withinMs?: number,
) =>
  until(async () => {
    for (const [platform, cap] of Object.entries(caps)) {
      expect(await rowOf(eventId, platform)).toMatchObject({ desiredCap: cap, confirmedCap: cap, mode: 'OPEN' })
    }
  }, withinMs)
const buy = (listings: Listings, quantity: number) =>
  system.eventbrite.control.buy({ eventId: listings.eventbrite, quantity })
const register = (listings: Listings, email: string, quantity: number) =>
  system.luma.control.register({ eventId: listings.luma, name: 'Eve', email, quantity })

describe('An event on sale', () => {
  it('imports its listings with their sales and caps, and lowers caps before it raises others', async () => {
    const listings = system.list({ eventbrite: 80, luma: 10, meetup: null })
    for (let index = 0; index < 6; index++) buy(listings, 2)
    register(listings, 'early@example.com', 3)
    system.meetup.control.rsvp(listings.meetup, { guests: 1 })
    const eventId = await system.createEvent(100, listings)
    // Without the freeze, the channels that just sold would receive more units.
    expect((await command(eventId, 'freeze')).status).toBe(200)
    await untilConfirmed(eventId, { EVENTBRITE: 30, LUMA: 30, MEETUP: 30 })
    expect(await stockOf(eventId)).toMatchObject({ sold: 17, safetyStock: { total: 10, remaining: 10 }, oversold: 0 })
    expect(exposureOf(listings)).toBe(90)
  })

  it('opens and closes its channels when it is paused, resumed and closed', async () => {
    const listings = system.list()
    const eventId = await system.createEvent(50, listings)
    // Without the freeze, the sale below would move units to Eventbrite.
    expect((await command(eventId, 'freeze')).status).toBe(200)
    await untilConfirmed(eventId, { EVENTBRITE: 15, LUMA: 15, MEETUP: 15 })
    buy(listings, 3)
    await until(async () => expect((await stockOf(eventId)).sold).toBe(3))
    expect((await command(eventId, 'pause')).body).toMatchObject({ state: 'PAUSED' })
    await until(async () => {
      for (const platform of PLATFORMS) expect((await rowOf(eventId, platform)).mode).toBe('WAITLIST_ONLY')
    })
    expect(buy(listings, 1).orderId).toBeNull()
    expect((await command(eventId, 'resume')).body).toMatchObject({ state: 'ON_SALE' })
    await untilConfirmed(eventId, { EVENTBRITE: 15, LUMA: 15, MEETUP: 15 })
    expect(buy(listings, 1).orderId).not.toBeNull()
    expect((await command(eventId, 'close')).body).toMatchObject({ state: 'CLOSED' })
    expect((await command(eventId, 'resume')).status).toBe(409)
    await until(async () => {
      for (const platform of PLATFORMS) expect((await rowOf(eventId, platform)).mode).toBe('WAITLIST_ONLY')
    })
  })

  it('raises its capacity immediately and lowers it as the platforms release units', async () => {
    const listings = system.list()
    const eventId = await system.createEvent(100, listings)
    await untilConfirmed(eventId, { EVENTBRITE: 30, LUMA: 30, MEETUP: 30 })
    expect((await patch(eventId, { capacity: 200 })).body).toMatchObject({ capacity: 200, targetCapacity: 200 })
    await untilConfirmed(eventId, { EVENTBRITE: 60, LUMA: 60, MEETUP: 60 })
    for (let index = 0; index < 10; index++) buy(listings, 2)
    await until(async () => expect((await stockOf(eventId)).sold).toBe(20))
    expect((await patch(eventId, { capacity: 19 })).status).toBe(409)
    expect((await patch(eventId, { capacity: 80 })).body).toMatchObject({ targetCapacity: 80 })
    await until(async () => {
      expect(await stockOf(eventId)).toMatchObject({ capacity: 80, safetyStock: { total: 8, remaining: 8 } })
      expect(exposureOf(listings)).toBeLessThanOrEqual(72)
    }, 40_000)
  })

  it('keeps cancelled tickets off sale after a red alarm until it is reopened', async () => {
    const listings = system.list()
    const eventId = await system.createEvent(20, listings)
    await untilConfirmed(eventId, { EVENTBRITE: 6, LUMA: 6, MEETUP: 6 })
    const orders = [buy(listings, 3), buy(listings, 3)]
    register(listings, 'a@example.com', 6)
    system.meetup.control.rsvp(listings.meetup, { guests: 2 })
    system.meetup.control.rsvp(listings.meetup, { guests: 2 })
    await until(async () => expect(await stockOf(eventId)).toMatchObject({ state: 'RED_ALARM', sold: 18 }))
    system.eventbrite.control.refund(orders[0]?.orderId ?? '')
    await until(async () => {
      expect(await stockOf(eventId)).toMatchObject({ state: 'RED_ALARM', sold: 15, unallocated: 3 })
      expect(system.truth(listings).exposure.EVENTBRITE).toBe(3)
    })
    expect(buy(listings, 1).orderId).toBeNull()
    expect((await command(eventId, 'reopen')).body).toMatchObject({ state: 'ON_SALE' })
    // They go to the channels that sell best.
    await until(() => expect(exposureOf(listings)).toBe(18))
  })

  it('records oversold tickets and moves exactly the excess guests at Luma to the waitlist', async () => {
    const listings = system.list()
    const eventId = await system.createEvent(10, listings, { safetyStockRatio: 0, softCapRatio: 1 })
    // Without the freeze, unsold units of Luma would move to the others.
    expect((await command(eventId, 'freeze')).status).toBe(200)
    await untilConfirmed(eventId, { EVENTBRITE: 4, LUMA: 3, MEETUP: 3 })
    buy(listings, 4)
    system.meetup.control.rsvp(listings.meetup, { guests: 2 })
    await until(async () => expect((await stockOf(eventId)).sold).toBe(7))
    // The cap is raised manually, and Luma oversells.
    system.luma.control.setCap(listings.luma, 8)
    system.luma.control.setCap(listings.luma, 8, system.luma.control.truth(listings.luma).ticketTypes[0]?.id)
    for (const [index, quantity] of [2, 1, 1, 2].entries()) register(listings, `over${index}@example.com`, quantity)
    await until(async () => {
      const { sold, oversold } = await stockOf(eventId)
      expect({ sold, oversold }).toEqual({ sold: 10, oversold: 0 })
      expect(system.luma.control.truth(listings.luma)).toMatchObject({ sold: 3, waitlisted: 2 })
    }, 40_000)
    const movedMails = { where: { kind: 'MOVED_TO_WAITLIST' } }
    await until(async () => expect(await system.app.app.get(PrismaService).mail.count(movedMails)).toBeGreaterThan(0))
    const alerts = await system.app.call<{ items: { kind: string; platform: string }[] }>(
      'GET',
      '/alerts?kind=OVERSOLD',
      { token: system.token },
    )
    expect(alerts.body.items.length).toBeGreaterThan(0)
    expect(alerts.body.items.every(({ platform }) => platform === 'LUMA')).toBe(true)
  })

  it('reclaims unsold units of other channels before it moves guests to a waitlist', async () => {
    const listings = system.list()
    const eventId = await system.createEvent(30, listings, { safetyStockRatio: 0, softCapRatio: 1 })
    expect((await command(eventId, 'freeze')).status).toBe(200)
    await untilConfirmed(eventId, { EVENTBRITE: 10, LUMA: 10, MEETUP: 10 })
    // The cap is raised manually, and Luma sells units that are allocated to the others.
    system.luma.control.setCap(listings.luma, 20)
    system.luma.control.setCap(listings.luma, 20, system.luma.control.truth(listings.luma).ticketTypes[0]?.id)
    for (let index = 0; index < 8; index++) register(listings, `taken${index}@example.com`, 2)
    await until(async () => {
      expect(await stockOf(eventId)).toMatchObject({ sold: 16, oversold: 0, available: 14 })
      for (const platform of ['EVENTBRITE', 'MEETUP'])
        expect(await rowOf(eventId, platform)).toMatchObject({ confirmedCap: 7, mode: 'OPEN' })
      expect(exposureOf(listings)).toBe(30)
    })
    expect(system.luma.control.truth(listings.luma)).toMatchObject({ sold: 16, waitlisted: 0 })
    const alerts = await system.app.call<{ items: { eventId: string }[] }>('GET', '/alerts?kind=OVERSOLD', {
      token: system.token,
    })
    // The excess was covered within seconds, so that no alert is needed.
    expect(alerts.body.items.filter((alert) => alert.eventId === eventId)).toEqual([])
  })

  it('rebalances units to the fastest channel within the pool, and applies nothing on a dry run', async () => {
    const listings = system.list()
    const eventId = await system.createEvent(100, listings)
    await untilConfirmed(eventId, { EVENTBRITE: 30, LUMA: 30, MEETUP: 30 })
    const before = await stockOf(eventId)
    const dry = await system.app.call<{ moves: object[]; applied: boolean }>('POST', `/events/${eventId}/rebalance`, {
      token: system.token,
      body: { dryRun: true },
    })
    expect(dry).toMatchObject({ status: 200, body: { applied: false } })
    for (let index = 0; index < 25; index++) register(listings, `fast${index}@example.com`, 1)
    await until(async () => expect((await rowOf(eventId, 'LUMA')).desiredCap).toBeGreaterThan(30))
    await until(async () => {
      const row = await rowOf(eventId, 'LUMA')
      expect(row.confirmedCap).toBe(row.desiredCap)
    })
    expect(exposureOf(listings)).toBeLessThanOrEqual(90)
    expect((await stockOf(eventId)).capacity).toBe(before.capacity)
  })
})
