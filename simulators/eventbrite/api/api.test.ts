import { afterEach, describe, expect, it } from 'vitest'
import { startTestHarness, type TestHarness } from '../harness.test-support.js'

let harness: TestHarness

afterEach(() => harness.close())

describe('API conventions', () => {
  it('redirects to the trailing slash and rejects other methods, legacy routes and unknown paths', async () => {
    harness = await startTestHarness()
    const { id } = harness.control.createEvent()
    const moved = await harness.call('GET', `/events/${id}/attendees?status=attending`)
    expect([moved.status, moved.headers.get('location')]).toEqual([301, `/v3/events/${id}/attendees/?status=attending`])
    expect((await harness.call('POST', `/events/${id}`, { json: {} })).body.error).toBe('PERMANENTLY_MOVED')
    for (const method of ['PUT', 'PATCH']) expect((await harness.call(method, `/events/${id}/`)).status).toBe(405)
    expect((await harness.call('POST', '/orders/', { json: {} })).status).toBe(405)
    expect((await harness.call('POST', `/events/${id}/orders/`, { json: {} })).status).toBe(405)
    expect((await harness.call('GET', '/users/me/webhooks/')).body).toMatchObject({
      status_code: 403,
      error: 'NOT_AUTHORIZED',
    })
    expect((await harness.call('GET', '/nothing/')).body).toMatchObject({ status_code: 404, error: 'NOT_FOUND' })
    expect((await harness.call('GET', '/orders/1/')).body).toMatchObject({ status_code: 404, error: 'NOT_FOUND' })
  })

  it('authenticates bearer tokens, in the header or in the query', async () => {
    harness = await startTestHarness()
    const errors = async (authorization: string | undefined) => {
      const url = `${harness.url}/users/me/`
      const response = await fetch(url, authorization === undefined ? {} : { headers: { authorization } })
      return [response.status, ((await response.json()) as { error?: string }).error]
    }
    expect(await errors(undefined)).toEqual([401, 'NO_AUTH'])
    expect(await errors('Basic x')).toEqual([400, 'INVALID_AUTH_HEADER'])
    expect(await errors('Bearer BAD')).toEqual([401, 'INVALID_AUTH'])
    harness.toggles.patch({ invalidAuthStatus: 400 })
    expect(await errors('Bearer BAD')).toEqual([400, 'INVALID_AUTH'])
    expect(await errors('Bearer GOOD')).toEqual([200, undefined])
    expect((await fetch(`${harness.url}/users/me/?token=GOOD`)).status).toBe(200)
  })
})

describe('the rate limit', () => {
  it('reports both limits with the token in clear text, in a fixed window that starts with the first call', async () => {
    harness = await startTestHarness({ toggles: { rateLimit: 3, rateWindowMs: 3_600_000 } })
    const callApi = () => harness.call('GET', '/users/me/')
    expect((await callApi()).headers.get('x-rate-limit')).toMatch(
      /^token:GOOD 1\/3 reset=3600s, key:\w+ 1\/3 reset=3600s$/,
    )
    harness.advance(3_000_000)
    await callApi()
    await callApi()
    const rejected = await callApi()
    expect(rejected).toMatchObject({ status: 429, body: { status_code: 429, error: 'HIT_RATE_LIMIT' } })
    expect(rejected.headers.get('x-rate-limit')).toMatch(/3\/3 reset=(599|600)s/)
    expect(rejected.headers.get('retry-after')).toBeNull()
    harness.toggles.patch({ retryAfterHeader: 'yes' })
    expect(Number((await callApi()).headers.get('retry-after'))).toBeGreaterThan(590)
    harness.advance(601_000)
    expect((await callApi()).headers.get('x-rate-limit')).toContain('1/3')
  })

  it('counts calls of other users of the same app key', async () => {
    harness = await startTestHarness({ toggles: { rateLimit: 10 } })
    await harness.callControl('POST', '/app-key/spend', { calls: 10 })
    const rejected = await harness.call('GET', '/users/me/')
    expect(rejected.status).toBe(429)
    expect(rejected.headers.get('x-rate-limit')).toContain('token:GOOD 0/10')
  })
})

describe('the read lag', () => {
  it('hides recent changes and new objects unless the request carries a waypoint', async () => {
    harness = await startTestHarness()
    const { id } = harness.control.createEvent({ capacity: 50 })
    harness.advance(60_000)
    harness.knobs.patch({ readLagMs: 30_000 })
    const path = `/events/${id}/capacity_tier/`
    const written = await harness.call('POST', path, { json: { capacity_tier: { capacity_total: 20 } } })
    expect(written.body.capacity_total).toBe(20)
    const waypoint = written.headers.get('eventbrite-api-waypoint-token') ?? ''
    expect(waypoint).not.toBe('')
    expect((await harness.call('GET', path)).body.capacity_total).toBe(50)
    const headers = { 'eventbrite-api-waypoint-token': waypoint }
    const fresh = await harness.call('GET', path, { headers })
    expect(fresh.body.capacity_total).toBe(20)
    expect(fresh.headers.get('eventbrite-api-waypoint-token')).not.toBe(waypoint)
    const { orderId } = harness.control.buy({ eventId: id, quantity: 1 })
    expect((await harness.call('GET', `/orders/${orderId}/`)).status).toBe(404)
    expect((await harness.call('GET', `/orders/${orderId}/`, { headers })).status).toBe(200)
    expect(
      (await harness.call('GET', path, { headers: { 'eventbrite-api-waypoint-token': 'x' } })).body.capacity_total,
    ).toBe(50)
    harness.advance(301_000)
    harness.control.edit(id, null, { capacity_total: 30 })
    expect((await harness.call('GET', path, { headers })).body.capacity_total).toBe(20)
    harness.advance(30_000)
    expect((await harness.call('GET', path)).body.capacity_total).toBe(30)
  })
})

describe('writing capacity', () => {
  const classes = async (fields: Record<string, unknown>, plan = {}) => {
    const event = harness.control.createEvent(plan)
    const path = `/events/${event.id}/ticket_classes/${event.classes[0]?.id}/`
    return harness.call('POST', path, { json: { ticket_class: fields } })
  }

  it('rejects a class capacity of 0 and null, except for donation and tiered classes', async () => {
    harness = await startTestHarness()
    for (const capacity of [0, null, -1, 1.5, '5']) {
      expect((await classes({ capacity })).body).toMatchObject({ error: 'ARGUMENTS_ERROR' })
    }
    expect((await classes({ quantity_sold: 0 })).status).toBe(400)
    const donation = { classes: [{ capacity: 5, donation: true }] }
    expect((await classes({ capacity: 0 }, donation)).body.capacity).toBeNull()
    const tiered = { tiers: [{ quantityTotal: 9 }], classes: [{ capacity: 5, tier: 0 }] }
    expect((await classes({ capacity: null }, tiered)).body).toMatchObject({ capacity: null, quantity_total: 9 })
  })

  it('applies a change completely or not at all', async () => {
    harness = await startTestHarness()
    const { id } = harness.control.createEvent({ capacity: 10 })
    const holds = [{ name: 'Sponsors', quantity_total: 30 }]
    const json = { capacity_tier: { capacity_total: 20, holds } }
    const rejected = await harness.call('POST', `/events/${id}/capacity_tier/`, { json })
    expect(rejected.body.error).toBe('HOLD_QUANTITIES_EXCEEDS_REMAINING_CAPACITY')
    expect(harness.control.truth(id)).toMatchObject({ capacity: 10, heldBack: 0 })
  })

  it('creates holds by name, changes and deletes them by id, and keeps the custom total while there are holds', async () => {
    harness = await startTestHarness()
    const { id } = harness.control.createEvent({ capacity: 10 })
    const write = (fields: unknown) => harness.call('POST', `/events/${id}/capacity_tier/`, { json: fields })
    const created = await write({ capacity_total: 8, holds: [{ name: 'Sponsors', quantity_total: 3 }] })
    expect(created.body).toMatchObject({ capacity_total: 8, quantity_total: 5, holds: [{ name: 'Sponsors' }] })
    const [hold] = created.body.holds as { id: string }[]
    expect((await write({ capacity_total: null })).status).toBe(400)
    expect((await write({ holds: [{ id: hold?.id, quantity_total: 2 }] })).body.quantity_total).toBe(6)
    expect((await write({ holds: [{ id: 'I1', quantity_total: 2 }] })).status).toBe(400)
    expect((await write({ holds: [{ id: hold?.id, is_deleted: true }] })).body.holds).toEqual([])
    expect((await write({ capacity_total: null })).body).toMatchObject({
      capacity_total: 10,
      capacity_is_custom: false,
    })
    harness.toggles.patch({ tierWrapper: 'wrapped' })
    expect((await write({ capacity_total: 7 })).body.error).toBe('ARGUMENTS_ERROR')
    expect((await write({ capacity_tier: { capacity_total: 7 } })).body.capacity_total).toBe(7)
    harness.control.buy({ eventId: id, quantity: 5 })
    expect((await write({ capacity_tier: { capacity_total: 4 } })).body.error).toBe('CAPACITY_TOTAL_TOO_SMALL')
    expect((await harness.call('POST', `/events/${id}/`, { json: { event: { capacity: 6 } } })).body).toMatchObject({
      capacity: 6,
      capacity_is_custom: true,
    })
  })
})

describe('lists', () => {
  const items = (body: Record<string, unknown>, name: string) => body[name] as { id: string; changed: string }[]

  it('have pages of 50; the last one has no continuation', async () => {
    harness = await startTestHarness()
    const { id } = harness.control.createEvent({ capacity: 200 })
    for (let i = 0; i < 12; i++) harness.control.buy({ eventId: id, quantity: 10 })
    const seen = new Set<string>()
    let query = ''
    const sizes: number[] = []
    for (let page = 1; page <= 3; page++) {
      const { body } = await harness.call('GET', `/events/${id}/attendees/${query}`)
      const { continuation, has_more_items: more } = body.pagination as Record<string, unknown>
      for (const item of items(body, 'attendees')) seen.add(item.id)
      sizes.push(items(body, 'attendees').length)
      expect(body.pagination).toMatchObject({ object_count: 120, page_number: page, page_size: 50, page_count: 3 })
      expect([typeof continuation, more]).toEqual(page < 3 ? ['string', true] : ['undefined', false])
      query = `?continuation=${String(continuation)}`
    }
    expect([sizes, seen.size]).toEqual([[50, 50, 20], 120])
    expect(items((await harness.call('GET', `/events/${id}/attendees/?page=3`)).body, 'attendees')).toHaveLength(20)
    for (const [invalid, error] of [
      ['page=9', 'BAD_PAGE'],
      ['page=x', 'BAD_PAGE'],
      ['continuation=x', 'BAD_CONTINUATION_TOKEN'],
    ]) {
      expect((await harness.call('GET', `/events/${id}/attendees/?${invalid}`)).body.error).toBe(error)
    }
  })

  it('include the second of changed_since; last_item_seen excludes lower ids of that second', async () => {
    harness = await startTestHarness()
    const { id } = harness.control.createEvent()
    harness.control.buy({ eventId: id, quantity: 2 })
    harness.advance(10_000)
    const { attendeeIds } = harness.control.buy({ eventId: id, quantity: 3 }) as { attendeeIds: string[] }
    const all = items((await harness.call('GET', `/events/${id}/attendees/`)).body, 'attendees')
    const since = all.at(-1)?.changed ?? ''
    const list = async (query: string) =>
      items((await harness.call('GET', `/events/${id}/attendees/?${query}`)).body, 'attendees').map(({ id }) => id)
    expect(await list(`changed_since=${since}`)).toEqual(attendeeIds)
    expect(await list(`changed_since=${since}&last_item_seen=${attendeeIds[0]}`)).toEqual(attendeeIds.slice(1))
    for (const invalid of ['last_item_seen=1', 'changed_since=yesterday', 'status=odd']) {
      expect((await harness.call('GET', `/events/${id}/attendees/?${invalid}`)).body.error).toBe('ARGUMENTS_ERROR')
    }
  })

  it('omit cancelled orders by default, and always omit carts', async () => {
    harness = await startTestHarness()
    const { id } = harness.control.createEvent()
    const [active, refunded] = [1, 2].map(() => harness.control.buy({ eventId: id, quantity: 1 }).orderId ?? '')
    harness.control.openCart({ eventId: id, quantity: 1 })
    harness.control.refund(refunded ?? '')
    const list = async (path: string) => items((await harness.call('GET', path)).body, 'orders').map(({ id }) => id)
    expect(await list(`/events/${id}/orders/`)).toEqual([active])
    expect(await list(`/events/${id}/orders/?status=all_not_deleted`)).toEqual([active, refunded])
    expect(await list(`/events/${id}/orders/?status=inactive`)).toEqual([refunded])
    expect(await list('/organizations/300000000001/orders/?status=both')).toEqual([active, refunded])
    harness.toggles.patch({ defaultOrderStatus: 'both' })
    expect(await list(`/events/${id}/orders/`)).toEqual([active, refunded])
    expect((await harness.call('GET', '/organizations/300000000001/orders/?last_item_seen=1')).status).toBe(400)
    expect((await harness.call('GET', '/organizations/1/attendees/')).status).toBe(404)
  })
})
