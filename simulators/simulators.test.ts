import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startSimulator as startEventbrite } from './eventbrite/server.js'
import type { ListingRef, ListingTruth, Simulator } from './kit/index.js'
import { startSimulator as startLuma } from './luma/server.js'
import { startSimulator as startMeetup } from './meetup/server.js'

const NOTHING = { retryDelaysMs: [], timeoutMs: 100, concurrency: 5 }
const STARTS: [string, () => Promise<Simulator>][] = [
  ['Eventbrite', () => startEventbrite({ webhookPace: 0, toggles: { webhookRetries: 0 } })],
  ['Luma', () => startLuma({ sender: NOTHING })],
  ['Meetup', () => startMeetup({ seed: 1 })],
]

describe.each(STARTS)('the %s simulator', (_name, start) => {
  let simulator: Simulator
  let listing: ListingRef
  const truth = (): ListingTruth => simulator.listings.truth(listing)
  const control = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${simulator.controlUrl}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }

  beforeEach(async () => {
    simulator = await start()
    listing = simulator.listings.create({ capacity: 5, part: 'event', ticketTypes: 1 })
  })
  afterEach(() => simulator.close())

  it('sells up to the capacity, takes cancelled tickets back, and knows every order', () => {
    const { listings } = simulator
    const first = listings.sell(listing, 2)
    const second = listings.sell(listing, 3)
    expect(listings.sell(listing, 1)).toBeNull()
    expect(truth()).toMatchObject({ capacity: 5, sold: 5, carts: 0, onSale: false, state: 'LIVE' })
    listings.cancel(listing, first ?? '')
    expect(truth()).toMatchObject({ sold: 3, onSale: true })
    const sold = truth().orders.filter(({ tickets }) => tickets > 0)
    expect(sold).toEqual([{ orderId: second, tickets: 3 }])
  })

  it('counts an open cart until it is paid for', () => {
    const cart = simulator.listings.openCart(listing, 2)
    expect(truth()).toMatchObject({ sold: 0, carts: 2 })
    const orderId = simulator.listings.completeCart(listing, cart ?? '')
    expect(truth()).toMatchObject({ sold: 2, carts: 0 })
    expect(truth().orders.filter(({ tickets }) => tickets > 0)).toEqual([{ orderId, tickets: 2 }])
  })

  it('sells to applicants once the organizer approves them, where it has applications', () => {
    const { applications } = simulator.listings
    if (!applications) return expect(truth().applicants).toBe(0)
    listing = simulator.listings.create({ capacity: 5, part: 'event', ticketTypes: 1, requireApproval: true })
    const [approved, declined] = [applications.apply(listing, 2), applications.apply(listing, 1)]
    const cart = simulator.listings.openCart(listing, 1)
    const paid = simulator.listings.completeCart(listing, cart ?? '')
    expect(truth()).toMatchObject({ sold: 0, carts: 0, applicants: 4 })
    expect(applications.approve(listing, approved ?? '')).toBe(true)
    applications.decline(listing, declined ?? '')
    simulator.listings.cancel(listing, paid ?? '')
    expect(truth()).toMatchObject({ sold: 2, applicants: 0 })
    expect(truth().orders.filter(({ tickets }) => tickets > 0)).toEqual([{ orderId: approved, tickets: 2 }])
  })

  it('shows changes of the organizer', () => {
    simulator.listings.setCapacity(listing, 9)
    expect(truth().capacity).toBe(9)
    simulator.listings.cancelEvent(listing)
    expect(truth()).toMatchObject({ onSale: false })
    expect(truth().state).not.toBe('LIVE')
  })

  it('has the same functions over HTTP', async () => {
    const path = `/listings/${listing.eventId}`
    const sold = await control('POST', `${path}/sales`, { tickets: 2 })
    expect(sold.body).toEqual({ orderId: truth().orders.find(({ tickets }) => tickets === 2)?.orderId })
    expect((await control('GET', path)).body).toEqual(truth())
    await control('POST', `${path}/orders/${String(sold.body['orderId'])}/cancel`)
    expect(truth().sold).toBe(0)
    expect((await control('POST', `${path}/sales`, { tickets: 0 })).status).toBe(400)
    expect((await control('POST', '/listings/nosuch/sales', {})).status).toBe(404)
    const created = await control('POST', '/listings', { capacity: 3 })
    expect(simulator.listings.truth(created.body as unknown as ListingRef).capacity).toBe(3)
  })

  it('injects faults in process and over HTTP', async () => {
    expect((await control('POST', '/faults', { fault: 'serverError', calls: 1 })).status).toBe(200)
    expect((await control('GET', '/faults')).body).toEqual({ items: simulator.faults.list() })
    const call = () =>
      fetch(simulator.url, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })
    await call()
    await control('DELETE', '/faults')
    expect(simulator.faults.list()).toEqual([])
    expect((await control('POST', '/faults', { fault: 'nosuch' })).status).toBe(400)
  })

  it('lists the values of its toggles, the default first', async () => {
    const options = simulator.toggles.options()
    expect(Object.keys(options).length).toBeGreaterThan(5)
    const current: Record<string, unknown> = { ...simulator.toggles.current }
    for (const [name, [initial, ...others]] of Object.entries(options)) {
      expect(current[name]).toBe(initial)
      expect(others.length).toBeGreaterThan(0)
    }
    expect((await control('GET', '/toggles/options')).body).toEqual(options)
  })

  it('holds webhooks back and sends them on demand', async () => {
    simulator.deliveries.hold()
    simulator.listings.subscribe(listing, 'http://127.0.0.1:9/hook')
    simulator.listings.sell(listing, 1)
    const held = simulator.deliveries.list()
    expect(held.length).toBeGreaterThan(0)
    expect(held.every(({ state }) => state === 'HELD')).toBe(true)
    const [first] = held
    expect((await control('POST', `/outbox/${first?.id}/drop`)).status).toBe(200)
    expect((await control('POST', '/outbox/999/duplicate')).status).toBe(404)
    expect((await control('POST', '/outbox/release', { order: [] })).status).toBe(200)
    expect(simulator.deliveries.list().map(({ state }) => state)).toEqual(
      held.map((_, index) => (index === 0 ? 'DROPPED' : 'SENT')),
    )
  })
})
