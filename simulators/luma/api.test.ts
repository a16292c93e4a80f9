import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lumaApi, type LumaApi } from '../../test/support/luma-api.js'
import { systemClock, type Clock } from '../kit/index.js'
import { startSimulator, type LumaSimulator } from './server.js'

let simulator: LumaSimulator
let api: LumaApi
/** The platform's time stands still unless a test moves it. */
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

const self = (caller: LumaApi = api) => caller.get('/v1/users/get-self')

describe('keys and limits', () => {
  it('lets nobody in without a key of its own', async () => {
    for (const key of ['', 'calendar2']) {
      const answer = await self(lumaApi(simulator, key))
      expect(answer).toMatchObject({ status: 401, body: { message: 'Invalid API key' } })
    }
  })

  it('counts 200 calls a minute of either kind, then refuses all of them for a minute', async () => {
    const { eventId } = simulator.control.createEvent()
    const calls = await Promise.all(
      Array.from({ length: 200 }, (_, number) =>
        number % 2 ? self() : api.post('/v1/events/update', { event_id: eventId, name: `Name ${number}` }),
      ),
    )
    expect(calls.every(({ status }) => status === 200)).toBe(true)
    expect(calls.map(({ headers }) => Number(headers.get('x-ratelimit-remaining'))).toSorted((a, b) => a - b)[0]).toBe(
      0,
    )
    ahead = 59_000
    const refused = await self()
    expect(refused).toMatchObject({ status: 429, body: { message: 'Rate limit exceeded' } })
    expect(Number(refused.headers.get('retry-after'))).toBe(60)
    expect(Number(refused.headers.get('x-ratelimit-reset')) * 1_000).toBeGreaterThan(clock.now() + 58_000)
    ahead = 100_000
    expect((await self()).status).toBe(429)
    ahead = 120_000
    expect((await self()).status).toBe(200)
    expect(simulator.trace.query().calls.filter(({ status }) => status === 429)).toHaveLength(2)
  })

  it('gives organizations 500, and every key its own count', async () => {
    const organization = lumaApi(simulator, 'organization')
    const calls = await Promise.all(Array.from({ length: 210 }, () => self(organization)))
    expect(calls.every(({ status }) => status === 200)).toBe(true)
    expect((await self()).headers.get('x-ratelimit-remaining')).toBe('199')
    expect(calls[0]?.headers.get('x-ratelimit-limit')).toBe('500')
  })

  it('says the reset in ISO form where the toggle has it', async () => {
    simulator.toggles.patch({ resetHeader: 'iso' })
    expect((await self()).headers.get('x-ratelimit-reset')).toMatch(/^\d{4}-\d\d-\d\dT/)
  })
})

describe('what is shown', () => {
  it('never shows a capacity or a count of an event, nor a count of a type', async () => {
    const { eventId } = simulator.control.createEvent({ maxCapacity: 77, ticketTypes: [{ maxCapacity: 55 }] })
    simulator.control.register({ eventId, quantity: 2, email: 'a@example.com' })
    const event = await api.get('/v1/events/get', { event_id: eventId })
    expect(event.body).toMatchObject({ id: eventId, platform: 'luma', waitlist_status: 'enabled' })
    expect(JSON.stringify(event.body)).not.toMatch(/capacity|77|sold|count/)
    const types = await api.get('/v1/events/ticket-types/list', { event_id: eventId })
    expect(types.body).toMatchObject({ entries: [{ max_capacity: 55 }] })
    expect(JSON.stringify(types.body)).not.toMatch(/sold|registered|count/)
  })

  it('leaves hidden types out unless asked for them', async () => {
    const { eventId } = simulator.control.createEvent({ ticketTypes: [{}, { isHidden: true }] })
    const list = async (query: Record<string, string>) =>
      (await api.get('/v1/events/ticket-types/list', { event_id: eventId, ...query })).body['entries']
    expect(await list({})).toHaveLength(1)
    expect(await list({ include_hidden: 'true' })).toHaveLength(2)
  })

  it('pages guests to its own maximum, by status, sorted, with nulls where they were asked for', async () => {
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

  it('finds a guest by id, key, ticket and email', async () => {
    const { eventId } = simulator.control.createEvent()
    const { guestId, ticketIds } = simulator.control.register({ eventId, email: 'Cy@example.com' })
    const key = simulator.control.guests(eventId).find(({ id }) => id === guestId)?.key
    for (const id of [guestId, key, ticketIds[0], 'cy@example.com']) {
      const { body } = await api.get('/v1/events/guests/get', { event_id: eventId, id: id ?? '' })
      expect(body).toMatchObject({ id: guestId, approval_status: 'approved', event_ticket_orders: [{}] })
    }
  })
})

describe('what hosts do by the API', () => {
  it('moves a guest with all tickets to the waitlist, refunds and frees the places', async () => {
    const { control } = simulator
    const { eventId } = control.createEvent({ ticketTypes: [{ maxCapacity: 2, type: 'paid', cents: 700 }] })
    const { guestId } = control.register({ eventId, quantity: 2, email: 'a@example.com' })
    const body = { event_id: eventId, guest_id: guestId, status: 'waitlist', should_refund: true, message: 'Sorry' }
    const silent = { ...body, send_email: false }
    expect((await api.post('/v1/events/guests/update-status', silent)).status).toBe(400)
    expect((await api.post('/v1/events/guests/update-status', { ...body, message: 'x'.repeat(201) })).status).toBe(400)
    expect(await api.post('/v1/events/guests/update-status', body)).toMatchObject({ status: 200, body: {} })
    expect(control.guests(eventId).find(({ id }) => id === guestId)).toMatchObject({
      status: 'waitlist',
      refundedCents: 1_400,
    })
    expect(control.truth(eventId)).toMatchObject({ sold: 0, mode: 'OPEN' })
  })

  it('adds guests by email, once, with no ids back, and not beyond the cap', async () => {
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

  it('cancels an event in two steps and for good', async () => {
    const { eventId } = simulator.control.createEvent({ ticketTypes: [{ type: 'paid', cents: 500 }] })
    simulator.control.register({ eventId, email: 'a@example.com' })
    const asked = await api.post('/v1/events/cancel/request', { event_id: eventId })
    expect(asked.body).toMatchObject({ is_paid: true, guest_count: 1 })
    const cancel = { event_id: eventId, cancellation_token: asked.body['cancellation_token'] }
    expect((await api.post('/v1/events/cancel', cancel)).status).toBe(400)
    expect((await api.post('/v1/events/cancel', { ...cancel, should_refund: true })).status).toBe(200)
    expect((await api.get('/v1/events/get', { event_id: eventId })).status).toBe(404)
  })

  it('refuses unknown fields and wrong values by name, and changes nothing', async () => {
    const { eventId } = simulator.control.createEvent({ maxCapacity: 5 })
    for (const wrong of [{ capacity: 5 }, { max_capacity: 'many' }, { max_capacity: 1.5 }, { visibility: 'secret' }]) {
      const answer = await api.post('/v1/events/update', { event_id: eventId, ...wrong })
      expect(answer).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining(Object.keys(wrong)[0] ?? '') as unknown },
      })
    }
    expect(simulator.control.truth(eventId).eventCap).toBe(5)
  })
})

describe('the control surface', () => {
  it('does over HTTP what the direct methods do', async () => {
    const made = await api.command('events', {
      id: 'evt-EXAMPLE1',
      maxCapacity: 3,
      ticketTypes: [{ id: 'evtticktyp-EXAMPLE1' }],
    })
    expect(made.body).toMatchObject({ eventId: 'evt-EXAMPLE1', cap: 3, ticketTypes: [{ id: 'evtticktyp-EXAMPLE1' }] })
    const event = { eventId: 'evt-EXAMPLE1' }
    const { body } = await api.command('register', { ...event, quantity: 2, email: 'a@example.com' })
    await api.command('check-in', { ...event, guestId: body['guestId'] })
    expect((await api.ask('truth?eventId=evt-EXAMPLE1')).body).toMatchObject({ sold: 2, mode: 'OPEN' })
    await api.command('cancel', { ...event, guestId: body['guestId'] })
    await api.command('events/cap', { ...event, cap: 9 })
    const { caps } = (await api.ask('trace?eventId=evt-EXAMPLE1')).body as { caps: { cap: number; sold: number }[] }
    expect(caps.map(({ cap, sold }) => [cap, sold])).toEqual([
      [3, 0],
      [3, 2],
      [3, 2],
      [3, 0],
      [9, 0],
    ])
  })

  it('names what is wrong', async () => {
    expect((await api.command('register', { eventId: 'evt-none' })).status).toBe(404)
    expect((await api.command('register', {})).body).toEqual({ error: 'eventId is required' })
    expect((await api.command('register', { eventId: 'x', quantity: 0 })).status).toBe(400)
    await api.command('events', { id: 'evt-1' })
    expect((await api.command('events', { id: 'evt-1' })).status).toBe(400)
  })
})
