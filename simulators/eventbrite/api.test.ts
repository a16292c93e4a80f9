import { afterEach, describe, expect, it } from 'vitest'
import { startTestBench, type TestBench } from './test-client.js'

let bench: TestBench

afterEach(() => bench.close())

describe('conventions', () => {
  it('the trailing slash, the verbs, the legacy routes', async () => {
    bench = await startTestBench()
    const { id } = bench.control.createEvent()
    const moved = await bench.call('GET', `/events/${id}/attendees?status=attending`)
    expect([moved.status, moved.headers.get('location')]).toEqual([301, `/v3/events/${id}/attendees/?status=attending`])
    expect((await bench.call('POST', `/events/${id}`, { json: {} })).body.error).toBe('PERMANENTLY_MOVED')
    for (const method of ['PUT', 'PATCH']) expect((await bench.call(method, `/events/${id}/`)).status).toBe(405)
    expect((await bench.call('POST', '/orders/', { json: {} })).status).toBe(405)
    expect((await bench.call('POST', `/events/${id}/orders/`, { json: {} })).status).toBe(405)
    expect((await bench.call('GET', '/users/me/webhooks/')).body).toMatchObject({
      status_code: 403,
      error: 'NOT_AUTHORIZED',
    })
    expect((await bench.call('GET', '/nothing/')).body).toMatchObject({ status_code: 404, error: 'NOT_FOUND' })
    expect((await bench.call('GET', '/orders/1/')).body).toMatchObject({ status_code: 404, error: 'NOT_FOUND' })
  })

  it('bearer tokens', async () => {
    bench = await startTestBench()
    const errors = async (authorization: string | undefined) => {
      const url = `${bench.url}/users/me/`
      const response = await fetch(url, authorization === undefined ? {} : { headers: { authorization } })
      return [response.status, ((await response.json()) as { error?: string }).error]
    }
    expect(await errors(undefined)).toEqual([401, 'NO_AUTH'])
    expect(await errors('Basic x')).toEqual([400, 'INVALID_AUTH_HEADER'])
    expect(await errors('Bearer BAD')).toEqual([401, 'INVALID_AUTH'])
    bench.toggles.patch({ invalidAuthStatus: 400 })
    expect(await errors('Bearer BAD')).toEqual([400, 'INVALID_AUTH'])
    expect(await errors('Bearer GOOD')).toEqual([200, undefined])
    expect((await fetch(`${bench.url}/users/me/?token=GOOD`)).status).toBe(200)
  })
})

describe('limits', () => {
  it('two buckets, told in every answer with the token in clear; a fixed window from the first call', async () => {
    bench = await startTestBench({ toggles: { rateLimit: 3, rateWindowMs: 3_600_000 } })
    const ask = () => bench.call('GET', '/users/me/')
    expect((await ask()).headers.get('x-rate-limit')).toMatch(/^token:GOOD 1\/3 reset=3600s, key:\w+ 1\/3 reset=3600s$/)
    bench.advance(3_000_000)
    await ask()
    await ask()
    const refused = await ask()
    expect(refused).toMatchObject({ status: 429, body: { status_code: 429, error: 'HIT_RATE_LIMIT' } })
    expect(refused.headers.get('x-rate-limit')).toMatch(/3\/3 reset=(599|600)s/)
    expect(refused.headers.get('retry-after')).toBeNull()
    bench.toggles.patch({ retryAfterHeader: 'yes' })
    expect(Number((await ask()).headers.get('retry-after'))).toBeGreaterThan(590)
    bench.advance(601_000)
    expect((await ask()).headers.get('x-rate-limit')).toContain('1/3')
  })

  it('the app key is shared with other customers', async () => {
    bench = await startTestBench({ toggles: { rateLimit: 10 } })
    await bench.ask('POST', '/app-key/spend', { calls: 10 })
    const refused = await bench.call('GET', '/users/me/')
    expect(refused.status).toBe(429)
    expect(refused.headers.get('x-rate-limit')).toContain('token:GOOD 0/10')
  })
})

describe('read lag', () => {
  it('shows the past, and new objects not at all, unless a waypoint is sent', async () => {
    bench = await startTestBench()
    const { id } = bench.control.createEvent({ capacity: 50 })
    bench.advance(60_000)
    bench.knobs.patch({ readLagMs: 30_000 })
    const path = `/events/${id}/capacity_tier/`
    const written = await bench.call('POST', path, { json: { capacity_tier: { capacity_total: 20 } } })
    expect(written.body.capacity_total).toBe(20)
    const waypoint = written.headers.get('eventbrite-api-waypoint-token') ?? ''
    expect(waypoint).not.toBe('')
    expect((await bench.call('GET', path)).body.capacity_total).toBe(50)
    const headers = { 'eventbrite-api-waypoint-token': waypoint }
    const fresh = await bench.call('GET', path, { headers })
    expect(fresh.body.capacity_total).toBe(20)
    expect(fresh.headers.get('eventbrite-api-waypoint-token')).not.toBe(waypoint)
    const { orderId } = bench.control.buy({ eventId: id, quantity: 1 })
    expect((await bench.call('GET', `/orders/${orderId}/`)).status).toBe(404)
    expect((await bench.call('GET', `/orders/${orderId}/`, { headers })).status).toBe(200)
    expect(
      (await bench.call('GET', path, { headers: { 'eventbrite-api-waypoint-token': 'x' } })).body.capacity_total,
    ).toBe(50)
    bench.advance(301_000)
    bench.control.edit(id, null, { capacity_total: 30 })
    expect((await bench.call('GET', path, { headers })).body.capacity_total).toBe(20)
    bench.advance(30_000)
    expect((await bench.call('GET', path)).body.capacity_total).toBe(30)
  })
})

describe('what is written', () => {
  const classes = async (fields: Record<string, unknown>, plan = {}) => {
    const event = bench.control.createEvent(plan)
    const path = `/events/${event.id}/ticket_classes/${event.classes[0]?.id}/`
    return bench.call('POST', path, { json: { ticket_class: fields } })
  }

  it('a class takes neither 0 nor null, unless it is a donation or tiered', async () => {
    bench = await startTestBench()
    for (const capacity of [0, null, -1, 1.5, '5']) {
      expect((await classes({ capacity })).body).toMatchObject({ error: 'ARGUMENTS_ERROR' })
    }
    expect((await classes({ quantity_sold: 0 })).status).toBe(400)
    const donation = { classes: [{ capacity: 5, donation: true }] }
    expect((await classes({ capacity: 0 }, donation)).body.capacity).toBeNull()
    const tiered = { tiers: [{ quantityTotal: 9 }], classes: [{ capacity: 5, tier: 0 }] }
    expect((await classes({ capacity: null }, tiered)).body).toMatchObject({ capacity: null, quantity_total: 9 })
  })

  it('a change is all or nothing', async () => {
    bench = await startTestBench()
    const { id } = bench.control.createEvent({ capacity: 10 })
    const holds = [{ name: 'Sponsors', quantity_total: 30 }]
    const json = { capacity_tier: { capacity_total: 20, holds } }
    const refused = await bench.call('POST', `/events/${id}/capacity_tier/`, { json })
    expect(refused.body.error).toBe('HOLD_QUANTITIES_EXCEEDS_REMAINING_CAPACITY')
    expect(bench.control.truth(id)).toMatchObject({ capacity: 10, heldBack: 0 })
  })

  it('holds are made by name, changed and deleted by id; a custom total cannot be unset over them', async () => {
    bench = await startTestBench()
    const { id } = bench.control.createEvent({ capacity: 10 })
    const write = (fields: unknown) => bench.call('POST', `/events/${id}/capacity_tier/`, { json: fields })
    const made = await write({ capacity_total: 8, holds: [{ name: 'Sponsors', quantity_total: 3 }] })
    expect(made.body).toMatchObject({ capacity_total: 8, quantity_total: 5, holds: [{ name: 'Sponsors' }] })
    const [hold] = made.body.holds as { id: string }[]
    expect((await write({ capacity_total: null })).status).toBe(400)
    expect((await write({ holds: [{ id: hold?.id, quantity_total: 2 }] })).body.quantity_total).toBe(6)
    expect((await write({ holds: [{ id: 'I1', quantity_total: 2 }] })).status).toBe(400)
    expect((await write({ holds: [{ id: hold?.id, is_deleted: true }] })).body.holds).toEqual([])
    expect((await write({ capacity_total: null })).body).toMatchObject({
      capacity_total: 10,
      capacity_is_custom: false,
    })
    bench.toggles.patch({ tierWrapper: 'wrapped' })
    expect((await write({ capacity_total: 7 })).body.error).toBe('ARGUMENTS_ERROR')
    expect((await write({ capacity_tier: { capacity_total: 7 } })).body.capacity_total).toBe(7)
    bench.control.buy({ eventId: id, quantity: 5 })
    expect((await write({ capacity_tier: { capacity_total: 4 } })).body.error).toBe('CAPACITY_TOTAL_TOO_SMALL')
    expect((await bench.call('POST', `/events/${id}/`, { json: { event: { capacity: 6 } } })).body).toMatchObject({
      capacity: 6,
      capacity_is_custom: true,
    })
  })
})

describe('lists', () => {
  const items = (body: Record<string, unknown>, name: string) => body[name] as { id: string; changed: string }[]

  it('come in pages of 50; the last has no continuation', async () => {
    bench = await startTestBench()
    const { id } = bench.control.createEvent({ capacity: 200 })
    for (let i = 0; i < 12; i++) bench.control.buy({ eventId: id, quantity: 10 })
    const seen = new Set<string>()
    let query = ''
    const sizes: number[] = []
    for (let page = 1; page <= 3; page++) {
      const { body } = await bench.call('GET', `/events/${id}/attendees/${query}`)
      const { continuation, has_more_items: more } = body.pagination as Record<string, unknown>
      for (const item of items(body, 'attendees')) seen.add(item.id)
      sizes.push(items(body, 'attendees').length)
      expect(body.pagination).toMatchObject({ object_count: 120, page_number: page, page_size: 50, page_count: 3 })
      expect([typeof continuation, more]).toEqual(page < 3 ? ['string', true] : ['undefined', false])
      query = `?continuation=${String(continuation)}`
    }
    expect([sizes, seen.size]).toEqual([[50, 50, 20], 120])
    expect(items((await bench.call('GET', `/events/${id}/attendees/?page=3`)).body, 'attendees')).toHaveLength(20)
    for (const [bad, error] of [
      ['page=9', 'BAD_PAGE'],
      ['page=x', 'BAD_PAGE'],
      ['continuation=x', 'BAD_CONTINUATION_TOKEN'],
    ]) {
      expect((await bench.call('GET', `/events/${id}/attendees/?${bad}`)).body.error).toBe(error)
    }
  })

  it('changed_since is inclusive to the second; last_item_seen breaks the tie by id', async () => {
    bench = await startTestBench()
    const { id } = bench.control.createEvent()
    bench.control.buy({ eventId: id, quantity: 2 })
    bench.advance(10_000)
    const { attendeeIds } = bench.control.buy({ eventId: id, quantity: 3 }) as { attendeeIds: string[] }
    const all = items((await bench.call('GET', `/events/${id}/attendees/`)).body, 'attendees')
    const since = all.at(-1)?.changed ?? ''
    const list = async (query: string) =>
      items((await bench.call('GET', `/events/${id}/attendees/?${query}`)).body, 'attendees').map((one) => one.id)
    expect(await list(`changed_since=${since}`)).toEqual(attendeeIds)
    expect(await list(`changed_since=${since}&last_item_seen=${attendeeIds[0]}`)).toEqual(attendeeIds.slice(1))
    for (const bad of ['last_item_seen=1', 'changed_since=yesterday', 'status=odd']) {
      expect((await bench.call('GET', `/events/${id}/attendees/?${bad}`)).body.error).toBe('ARGUMENTS_ERROR')
    }
  })

  it('of orders hide cancelled ones by default; carts never show', async () => {
    bench = await startTestBench()
    const { id } = bench.control.createEvent()
    const [kept, gone] = [1, 2].map(() => bench.control.buy({ eventId: id, quantity: 1 }).orderId ?? '')
    bench.control.openCart({ eventId: id, quantity: 1 })
    bench.control.refund(gone ?? '')
    const list = async (path: string) => items((await bench.call('GET', path)).body, 'orders').map((one) => one.id)
    expect(await list(`/events/${id}/orders/`)).toEqual([kept])
    expect(await list(`/events/${id}/orders/?status=all_not_deleted`)).toEqual([kept, gone])
    expect(await list(`/events/${id}/orders/?status=inactive`)).toEqual([gone])
    expect(await list('/organizations/300000000001/orders/?status=both')).toEqual([kept, gone])
    bench.toggles.patch({ defaultOrderStatus: 'both' })
    expect(await list(`/events/${id}/orders/`)).toEqual([kept, gone])
    expect((await bench.call('GET', '/organizations/300000000001/orders/?last_item_seen=1')).status).toBe(400)
    expect((await bench.call('GET', '/organizations/1/attendees/')).status).toBe(404)
  })
})
