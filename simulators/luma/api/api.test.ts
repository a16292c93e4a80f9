import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lumaApi, type LumaApi } from '../../../test/support/platforms/luma-api.js'
import { systemClock, type Clock } from '../../kit/index.js'
import { startSimulator, type LumaSimulator } from '../server.js'

let simulator: LumaSimulator
let api: LumaApi
/** The platform's clock is stopped; tests advance it by setting `ahead`. */
let started = 0
let ahead = 0
const clock: Clock = { now: () => started + ahead, sleep: (ms, signal) => systemClock.sleep(ms, signal) }
const CREDENTIALS = [
  { key: 'calendar', kind: 'calendar' },
  { key: 'organization', kind: 'organization' },
] as const

beforeEach(async () => {
  started = Date.now()
  ahead = 0
  simulator = await startSimulator({ clock, credentials: CREDENTIALS, toggles: { invitedPerRegistration: 10 } })
  api = lumaApi(simulator, 'calendar')
})
afterEach(() => simulator.close())

const getSelf = (caller: LumaApi = api) => caller.get('/v1/users/get-self')

describe('API keys and the rate limit', () => {
  it('rejects a missing or unknown key', async () => {
    for (const key of ['', 'calendar2']) {
      const response = await getSelf(lumaApi(simulator, key))
      expect(response).toMatchObject({ status: 401, body: { message: 'Invalid API key' } })
    }
  })

  it('counts reads and writes, and rejects every call for a minute after 200 per minute', async () => {
    const { eventId } = simulator.control.createEvent()
    const calls = await Promise.all(
      Array.from({ length: 200 }, (_, number) =>
        number % 2 ? getSelf() : api.post('/v1/events/update', { event_id: eventId, name: `Name ${number}` }),
      ),
    )
    expect(calls.every(({ status }) => status === 200)).toBe(true)
    expect(calls.map(({ headers }) => Number(headers.get('x-ratelimit-remaining'))).toSorted((a, b) => a - b)[0]).toBe(
      0,
    )
    ahead = 59_000
    const rejected = await getSelf()
    expect(rejected).toMatchObject({ status: 429, body: { message: 'Rate limit exceeded' } })
    expect(Number(rejected.headers.get('retry-after'))).toBe(60)
    expect(Number(rejected.headers.get('x-ratelimit-reset')) * 1_000).toBeGreaterThan(clock.now() + 58_000)
    ahead = 100_000
    expect((await getSelf()).status).toBe(429)
    ahead = 120_000
    expect((await getSelf()).status).toBe(200)
    expect(simulator.trace.query().calls.filter(({ status }) => status === 429)).toHaveLength(2)
  })

  it('allows 500 calls to organization keys and counts every key separately', async () => {
    const organization = lumaApi(simulator, 'organization')
    const calls = await Promise.all(Array.from({ length: 210 }, () => getSelf(organization)))
    expect(calls.every(({ status }) => status === 200)).toBe(true)
    expect((await getSelf()).headers.get('x-ratelimit-remaining')).toBe('199')
    expect(calls[0]?.headers.get('x-ratelimit-limit')).toBe('500')
  })

  it('reports the reset as an ISO time with resetHeader iso', async () => {
    simulator.toggles.patch({ resetHeader: 'iso' })
    expect((await getSelf()).headers.get('x-ratelimit-reset')).toMatch(/^\d{4}-\d\d-\d\dT/)
  })
})

describe('reading events, ticket types and guests', () => {
  it('shows no capacity and no count of an event, and no count of a ticket type', async () => {
    const { eventId } = simulator.control.createEvent({ maxCapacity: 77, ticketTypes: [{ maxCapacity: 55 }] })
    simulator.control.register({ eventId, quantity: 2, email: 'a@example.com' })
    const event = await api.get('/v1/events/get', { event_id: eventId })
    expect(event.body).toMatchObject({ id: eventId, platform: 'luma', waitlist_status: 'enabled' })
    expect(JSON.stringify(event.body)).not.toMatch(/capacity|\b77\b|sold|count/)
    const types = await api.get('/v1/events/ticket-types/list', { event_id: eventId })
    expect(types.body).toMatchObject({ entries: [{ max_capacity: 55 }] })
    expect(JSON.stringify(types.body)).not.toMatch(/sold|registered|count/)
  })

  it('omits hidden ticket types unless include_hidden is set', async () => {
    const { eventId } = simulator.control.createEvent({ ticketTypes: [{}, { isHidden: true }] })
    const list = async (query: Record<string, string>) =>
      (await api.get('/v1/events/ticket-types/list', { event_id: eventId, ...query })).body['entries']
    expect(await list({})).toHaveLength(1)
    expect(await list({ include_hidden: 'true' })).toHaveLength(2)
  })

  it('lists guests by status in pages up to its own maximum, sorted with nulls first or last', async () => {
    const { eventId } = simulator.control.createEvent()
    for (let number = 0; number < 15; number++) {
      ahead += 1_000
      simulator.control.register({ eventId, email: `b.${number}@example.com` })
    }
    simulator.toggles.patch({ maxPageSize: 6 })
    const query = { event_id: eventId, approval_status: 'approved', pagination_limit: '50' }
    const emails: unknown[] = []
    let cursor: unknown = null
    for (let page = 0; page < 3; page++) {
      const { body } = await api.get('/v1/events/guests/list', {
        ...query,
        sort_column: 'registered_at',
        sort_direction: 'desc nulls last',
        ...(typeof cursor === 'string' ? { pagination_cursor: cursor } : {}),
      })
      emails.push(...(body['entries'] as { user_email: string }[]).map(({ user_email }) => user_email))
      cursor = body['next_cursor']
      expect(body['has_more']).toBe(page < 2)
    }
    expect(emails).toEqual(Array.from({ length: 15 }, (_, number) => `b.${14 - number}@example.com`))
    const all = { event_id: eventId, sort_column: 'registered_at' }
    const first = async (sort_direction: string) => {
      const { body } = await api.get('/v1/events/guests/list', { ...all, sort_direction })
      return (body['entries'] as { registered_at: unknown }[])[0]?.registered_at ?? null
    }
    expect(await first('desc')).toBeNull()
    expect(await first('desc nulls last')).not.toBeNull()
    const { body } = await api.get('/v1/events/guests/list', { event_id: eventId, approval_status: 'invited' })
    expect(body['has_more']).toBe(true)
    expect(simulator.control.guests(eventId).filter(({ status }) => status === 'invited')).toHaveLength(150)
  })

  it('finds a guest by id, key, ticket id and email', async () => {
    const { eventId } = simulator.control.createEvent()
    const { guestId, ticketIds } = simulator.control.register({ eventId, email: 'Cy@example.com' })
    const key = simulator.control.guests(eventId).find(({ id }) => id === guestId)?.key
    for (const id of [guestId, key, ticketIds[0], 'cy@example.com']) {
      const { body } = await api.get('/v1/events/guests/get', { event_id: eventId, id: id ?? '' })
      expect(body).toMatchObject({ id: guestId, approval_status: 'approved', event_ticket_orders: [{}] })
    }
  })
})

describe('changes by hosts through the API', () => {
  it('moving a guest to the waitlist refunds and frees all tickets', async () => {
    const { control } = simulator
    const { eventId } = control.createEvent({ ticketTypes: [{ maxCapacity: 2, type: 'paid', cents: 700 }] })
    const { guestId } = control.register({ eventId, quantity: 2, email: 'a@example.com' })
    const body = { event_id: eventId, guest_id: guestId, status: 'waitlist', should_refund: true, message: 'Sorry' }
    const withoutEmail = { ...body, send_email: false }
    expect((await api.post('/v1/events/guests/update-status', withoutEmail)).status).toBe(400)
    expect((await api.post('/v1/events/guests/update-status', { ...body, message: 'x'.repeat(201) })).status).toBe(400)
    expect(await api.post('/v1/events/guests/update-status', body)).toMatchObject({ status: 200, body: {} })
    expect(control.guests(eventId).find(({ id }) => id === guestId)).toMatchObject({
      status: 'waitlist',
      refundedCents: 1_400,
    })
    expect(control.truth(eventId)).toMatchObject({ sold: 0, mode: 'OPEN' })
  })

  it('adds guests by email once, returns no ids and rejects guests beyond the cap', async () => {
    const { control } = simulator
    const { eventId, ticketTypes } = control.createEvent({ ticketTypes: [{ maxCapacity: 3 }] })
    const ticket = { event_ticket_type_id: ticketTypes[0]?.id }
    const guests = [{ email: 'a@example.com' }, { email: 'b@example.com', name: 'Bo' }]
    for (let round = 0; round < 2; round++) {
      const added = await api.post('/v1/events/guests/add', { event_id: eventId, guests, ticket })
      expect(added).toMatchObject({ status: 200, body: {} })
    }
    expect(control.truth(eventId).sold).toBe(2)
    const beyond = { event_id: eventId, guests: [{ email: 'c@example.com' }], tickets: [ticket, ticket] }
    expect((await api.post('/v1/events/guests/add', beyond)).status).toBe(400)
    expect(control.truth(eventId).sold).toBe(2)
  })

  it('cancels an event permanently, in two steps', async () => {
    const { eventId } = simulator.control.createEvent({ ticketTypes: [{ type: 'paid', cents: 500 }] })
    simulator.control.register({ eventId, email: 'a@example.com' })
    const requested = await api.post('/v1/events/cancel/request', { event_id: eventId })
    expect(requested.body).toMatchObject({ is_paid: true, guest_count: 1 })
    const cancel = { event_id: eventId, cancellation_token: requested.body['cancellation_token'] }
    expect((await api.post('/v1/events/cancel', cancel)).status).toBe(400)
    expect((await api.post('/v1/events/cancel', { ...cancel, should_refund: true })).status).toBe(200)
    expect((await api.get('/v1/events/get', { event_id: eventId })).status).toBe(404)
  })

  it('rejects unknown fields and invalid values by name, and changes nothing', async () => {
    const { eventId } = simulator.control.createEvent({ maxCapacity: 5 })
    for (const invalid of [
      { capacity: 5 },
      { max_capacity: 'many' },
      { max_capacity: 1.5 },
      { visibility: 'secret' },
    ]) {
      const response = await api.post('/v1/events/update', { event_id: eventId, ...invalid })
      expect(response).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining(Object.keys(invalid)[0] ?? '') as unknown },
      })
    }
    expect(simulator.control.truth(eventId).eventCap).toBe(5)
  })
})

describe('the control routes', () => {
  it('offer the control methods over HTTP', async () => {
    const created = await api.command('events', {
      id: 'evt-EXAMPLE1',
      maxCapacity: 3,
      ticketTypes: [{ id: 'evtticktyp-EXAMPLE1' }],
    })
    expect(created.body).toMatchObject({
      eventId: 'evt-EXAMPLE1',
      cap: 3,
      ticketTypes: [{ id: 'evtticktyp-EXAMPLE1' }],
    })
    const event = { eventId: 'evt-EXAMPLE1' }
    const { body } = await api.command('register', { ...event, quantity: 2, email: 'a@example.com' })
    await api.command('check-in', { ...event, guestId: body['guestId'] })
    expect((await api.query('truth?eventId=evt-EXAMPLE1')).body).toMatchObject({ sold: 2, mode: 'OPEN' })
    await api.command('cancel', { ...event, guestId: body['guestId'] })
    await api.command('events/cap', { ...event, cap: 9 })
    const { caps } = (await api.query('trace?eventId=evt-EXAMPLE1')).body as { caps: { cap: number; sold: number }[] }
    expect(caps.map(({ cap, sold }) => [cap, sold])).toEqual([
      [3, 0],
      [3, 2],
      [3, 2],
      [3, 0],
      [9, 0],
    ])
  })

  it('reject invalid input with an error message', async () => {
    expect((await api.command('register', { eventId: 'evt-none' })).status).toBe(404)
    expect((await api.command('register', {})).body).toEqual({ error: 'eventId is required' })
    expect((await api.command('register', { eventId: 'x', quantity: 0 })).status).toBe(400)
    await api.command('events', { id: 'evt-1' })
    expect((await api.command('events', { id: 'evt-1' })).status).toBe(400)
  })
})
