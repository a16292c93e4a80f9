import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { startTestSystem, until, type Listings, type TestSystem } from '../support/test-system.js'

let system: TestSystem
beforeAll(async () => {
  system = await startTestSystem()
})
afterAll(() => system?.close())

const PLATFORMS = ['EVENTBRITE', 'LUMA', 'MEETUP'] as const
const stockOf = (eventId: string) => system.stock(eventId)
const rowOf = async (eventId: string, platform: string) => {
  const row = (await stockOf(eventId)).channels.find((one) => one.platform === platform)
  if (!row) throw new Error(`no row of ${platform}`)
  return row
}
const act = (eventId: string, action: string) =>
  system.app.call('POST', `/events/${eventId}/${action}`, { token: system.token })
const patch = (eventId: string, body: object) =>
  system.app.call('PATCH', `/events/${eventId}`, { token: system.token, body })
const exposureOf = (listings: Listings) =>
  Object.values(system.truth(listings).exposure).reduce((sum, one) => sum + one, 0)
const confirmed = (eventId: string, caps: Partial<Record<(typeof PLATFORMS)[number], number>>, withinMs?: number) =>
  until(async () => {
    for (const [platform, cap] of Object.entries(caps)) {
      expect(await rowOf(eventId, platform)).toMatchObject({ desiredCap: cap, confirmedCap: cap, mode: 'OPEN' })
    }
  }, withinMs)
const buy = (listings: Listings, quantity: number) =>
  system.eventbrite.control.buy({ eventId: listings.eventbrite, quantity })
const register = (listings: Listings, email: string, quantity: number) =>
  system.luma.control.register({ eventId: listings.luma, name: 'Eve', email, quantity })

describe('steering an event', () => {
  it('takes listings over with their sales and caps, shrinking before growing', async () => {
    const listings = system.list({ eventbrite: 80, luma: 10, meetup: null })
    for (let index = 0; index < 6; index++) buy(listings, 2)
    register(listings, 'early@example.com', 3)
    system.meetup.control.rsvp(listings.meetup, { guests: 1 })
    const eventId = await system.createEvent(100, listings)
    // What sold a moment ago is fast, and would be given more at once.
    expect((await act(eventId, 'freeze')).status).toBe(200)
    await confirmed(eventId, { EVENTBRITE: 30, LUMA: 30, MEETUP: 30 })
    expect(await stockOf(eventId)).toMatchObject({ sold: 17, safetyStock: { total: 10, remaining: 10 }, oversold: 0 })
    expect(exposureOf(listings)).toBe(90)
  })

  it('pauses, resumes and closes', async () => {
    const listings = system.list()
    const eventId = await system.createEvent(50, listings)
    // The sale below would move units to Eventbrite.
    expect((await act(eventId, 'freeze')).status).toBe(200)
    await confirmed(eventId, { EVENTBRITE: 15, LUMA: 15, MEETUP: 15 })
    buy(listings, 3)
    await until(async () => expect((await stockOf(eventId)).sold).toBe(3))
    expect((await act(eventId, 'pause')).body).toMatchObject({ state: 'PAUSED' })
    await until(async () => {
      for (const platform of PLATFORMS) expect((await rowOf(eventId, platform)).mode).toBe('WAITLIST_ONLY')
    })
    expect(buy(listings, 1).orderId).toBeNull()
    expect((await act(eventId, 'resume')).body).toMatchObject({ state: 'ON_SALE' })
    await confirmed(eventId, { EVENTBRITE: 15, LUMA: 15, MEETUP: 15 })
    expect(buy(listings, 1).orderId).not.toBeNull()
    expect((await act(eventId, 'close')).body).toMatchObject({ state: 'CLOSED' })
    expect((await act(eventId, 'resume')).status).toBe(409)
    await until(async () => {
      for (const platform of PLATFORMS) expect((await rowOf(eventId, platform)).mode).toBe('WAITLIST_ONLY')
    })
  })

  it('raises the capacity at once and lowers it as the platforms let go', async () => {
    const listings = system.list()
    const eventId = await system.createEvent(100, listings)
    await confirmed(eventId, { EVENTBRITE: 30, LUMA: 30, MEETUP: 30 })
    expect((await patch(eventId, { capacity: 200 })).body).toMatchObject({ capacity: 200, targetCapacity: 200 })
    await confirmed(eventId, { EVENTBRITE: 60, LUMA: 60, MEETUP: 60 })
    for (let index = 0; index < 10; index++) buy(listings, 2)
    await until(async () => expect((await stockOf(eventId)).sold).toBe(20))
    expect((await patch(eventId, { capacity: 19 })).status).toBe(409)
    expect((await patch(eventId, { capacity: 80 })).body).toMatchObject({ targetCapacity: 80 })
    await until(async () => {
      expect(await stockOf(eventId)).toMatchObject({ capacity: 80, safetyStock: { total: 8, remaining: 8 } })
      expect(exposureOf(listings)).toBeLessThanOrEqual(72)
    }, 40_000)
  })

  it('after the red alarm keeps what is cancelled off sale until it is reopened', async () => {
    const listings = system.list()
    const eventId = await system.createEvent(20, listings)
    await confirmed(eventId, { EVENTBRITE: 6, LUMA: 6, MEETUP: 6 })
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
    expect((await act(eventId, 'reopen')).body).toMatchObject({ state: 'ON_SALE' })
    // They go to where they sell best.
    await until(() => expect(exposureOf(listings)).toBe(18))
  })

  it('records tickets that do not exist, and moves exactly the excess of Luma to its waitlist', async () => {
    const listings = system.list()
    const eventId = await system.createEvent(10, listings, { safetyStockRatio: 0, softCapRatio: 1 })
    // Otherwise what Luma has not sold goes to the others, and less than its share is there for its guests.
    expect((await act(eventId, 'freeze')).status).toBe(200)
    await confirmed(eventId, { EVENTBRITE: 4, LUMA: 3, MEETUP: 3 })
    buy(listings, 4)
    system.meetup.control.rsvp(listings.meetup, { guests: 2 })
    await until(async () => expect((await stockOf(eventId)).sold).toBe(7))
    // Somebody raises the cap by hand, and Luma sells what is not there.
    system.luma.control.setCap(listings.luma, 8)
    system.luma.control.setCap(listings.luma, 8, system.luma.control.truth(listings.luma).ticketTypes[0]?.id)
    for (const [index, quantity] of [2, 1, 1, 2].entries()) register(listings, `over${index}@example.com`, quantity)
    await until(async () => {
      const { sold, oversold } = await stockOf(eventId)
      expect({ sold, oversold }).toEqual({ sold: 10, oversold: 0 })
      expect(system.luma.control.truth(listings.luma)).toMatchObject({ sold: 3, waitlisted: 2 })
    }, 40_000)
    const told = { where: { kind: 'MOVED_TO_WAITLIST' } }
    await until(async () => expect(await system.app.app.get(PrismaService).mail.count(told)).toBeGreaterThan(0))
    const alerts = await system.app.call<{ items: { kind: string; platform: string }[] }>(
      'GET',
      '/alerts?kind=OVERSOLD',
      { token: system.token },
    )
    expect(alerts.body.items.length).toBeGreaterThan(0)
    expect(alerts.body.items.every(({ platform }) => platform === 'LUMA')).toBe(true)
  })

  it('takes back what the others have not sold before it turns anybody away', async () => {
    const listings = system.list()
    const eventId = await system.createEvent(30, listings, { safetyStockRatio: 0, softCapRatio: 1 })
    expect((await act(eventId, 'freeze')).status).toBe(200)
    await confirmed(eventId, { EVENTBRITE: 10, LUMA: 10, MEETUP: 10 })
    // Somebody raises the cap by hand, and Luma sells what was kept for the others.
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
    // It was covered within seconds: there is nothing for a person to do.
    expect(alerts.body.items.filter((alert) => alert.eventId === eventId)).toEqual([])
  })

  it('explains every move of a rebalance and does nothing on a dry run', async () => {
    const listings = system.list()
    const eventId = await system.createEvent(100, listings)
    await confirmed(eventId, { EVENTBRITE: 30, LUMA: 30, MEETUP: 30 })
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
