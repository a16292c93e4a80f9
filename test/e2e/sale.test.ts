import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestSystem, until, type Listings, type TestSystem } from '../support/service/test-system.js'

let system: TestSystem
let listings: Listings
let eventId: string

beforeAll(async () => {
  system = await startTestSystem()
  listings = system.list()
  eventId = await system.createEvent(200, listings)
})
afterAll(() => system?.close())

const channel = async (platform: string) => {
  const found = (await system.stock(eventId)).channels.find((one) => one.platform === platform)
  if (!found) throw new Error(`no channel for ${platform}`)
  return found
}

/** The ledger's sold counts and valid tickets match the platforms. */
async function expectAgreement(): Promise<void> {
  const { sold } = system.truth(listings)
  for (const platform of ['EVENTBRITE', 'LUMA', 'MEETUP'] as const)
    expect((await channel(platform)).sold).toBe(sold[platform])
  const tickets = await system.app.call<{ items: unknown[] }>(
    'GET',
    `/events/${eventId}/tickets?limit=100&state=VALID`,
    {
      token: system.token,
    },
  )
  expect(tickets.body.items).toHaveLength(Math.min(100, sold.EVENTBRITE + sold.LUMA + sold.MEETUP))
}

describe('An event on three platforms', () => {
  it('sets initial caps that together do not exceed the capacity', async () => {
    await until(async () => {
      for (const platform of ['EVENTBRITE', 'LUMA', 'MEETUP']) {
        expect(await channel(platform)).toMatchObject({ desiredCap: 60, confirmedCap: 60, exposure: 60, mode: 'OPEN' })
      }
    })
    const { exposure } = system.truth(listings)
    expect(exposure).toEqual({ EVENTBRITE: 60, LUMA: 60, MEETUP: 60 })
    expect(await system.stock(eventId)).toMatchObject({
      capacity: 200,
      sold: 0,
      held: 0,
      available: 200,
      state: 'ON_SALE',
      safetyStock: { total: 20, remaining: 20 },
      softCap: { ratio: 0.9, threshold: 180, redAlarm: false },
      oversold: 0,
    })
  })

  it('records every sale and cancellation and makes cancelled tickets available again', async () => {
    const orders = Array.from({ length: 8 }, () =>
      system.eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 2 }),
    )
    const guests = Array.from({ length: 8 }, (_, index) =>
      system.luma.control.register({
        eventId: listings.luma,
        name: 'Cy',
        email: `cy${index}@example.com`,
        quantity: 2,
      }),
    )
    const rsvps = Array.from({ length: 5 }, () => system.meetup.control.rsvp(listings.meetup, { guests: 1 }))
    await until(async () => {
      expect((await system.stock(eventId)).sold).toBe(42)
      await expectAgreement()
    })
    const [order] = orders
    if (order?.orderId) system.eventbrite.control.refund(order.orderId)
    system.luma.control.cancel(listings.luma, guests[0]?.guestId ?? '')
    const [rsvp] = rsvps
    if (rsvp?.rsvpId) system.meetup.control.cancel(rsvp.rsvpId)
    await until(async () => {
      expect((await system.stock(eventId)).sold).toBe(36)
      await expectAgreement()
    })
    const stock = await system.stock(eventId)
    expect(stock.channels.reduce((sum, one) => sum + one.allocation, 0) + stock.unallocated + stock.inTransit).toBe(
      180 - 36,
    )
  })

  it('lists orders, tickets and movements page by page without duplicates and rejects invalid queries', async () => {
    const list = async (path: string) => {
      const response = await system.app.call<{ items: { id: string }[]; nextCursor: string | null }>('GET', path, {
        token: system.token,
      })
      expect(response.status).toBe(200)
      return response.body
    }
    for (const resource of ['orders', 'tickets', 'movements']) {
      const ids: string[] = []
      let cursor: string | null = ''
      while (cursor !== null) {
        const page: Awaited<ReturnType<typeof list>> = await list(
          `/events/${eventId}/${resource}?limit=7${cursor && `&cursor=${cursor}`}`,
        )
        expect(page.items.length).toBeLessThanOrEqual(7)
        ids.push(...page.items.map(({ id }) => id))
        cursor = page.nextCursor
      }
      expect(new Set(ids).size).toBe(ids.length)
      expect(ids.length).toBeGreaterThan(7)
    }
    for (const query of ['limit=0', 'limit=101', 'cursor=nonsense', 'platform=STUBHUB', 'colour=red']) {
      const response = await system.app.call('GET', `/events/${eventId}/orders?${query}`, { token: system.token })
      expect(response).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } })
    }
  })

  it('closes all platforms at the soft cap and raises a red alarm that cannot be reopened', async () => {
    // No units are in transit between platforms when the buyers arrive.
    await until(() => {
      const { EVENTBRITE, LUMA, MEETUP } = system.truth(listings).exposure
      expect(EVENTBRITE + LUMA + MEETUP).toBe(180)
    })
    const startedAt = Date.now()
    for (let index = 0; index < 200; index++) {
      system.eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 1 })
      system.luma.control.register({ eventId: listings.luma, name: 'Di', email: `di${index}@example.com`, quantity: 1 })
      system.meetup.control.rsvp(listings.meetup, {})
    }
    const { sold } = system.truth(listings)
    expect(sold.EVENTBRITE + sold.LUMA + sold.MEETUP).toBe(180)
    await until(async () => {
      const stock = await system.stock(eventId)
      expect({ sold: stock.sold, state: stock.state }).toEqual({ sold: 180, state: 'RED_ALARM' })
      expect(stock.softCap.redAlarm).toBe(true)
      for (const one of stock.channels) expect(one.mode).toBe('WAITLIST_ONLY')
      await expectAgreement()
    }, 45_000)
    console.log(`red alarm and all platforms closed ${Date.now() - startedAt} ms after the last sale`)
    const { exposure } = system.truth(listings)
    expect(exposure.EVENTBRITE + exposure.LUMA + exposure.MEETUP).toBe(180)
    const alerts = await system.app.call<{ items: { kind: string }[] }>('GET', '/alerts', { token: system.token })
    expect(alerts.body.items.map(({ kind }) => kind)).toContain('RED_ALARM')
    const reopened = await system.app.call('POST', `/events/${eventId}/reopen`, { token: system.token })
    expect(reopened).toMatchObject({ status: 409, body: { code: 'STATE_CONFLICT' } })
  })
})
