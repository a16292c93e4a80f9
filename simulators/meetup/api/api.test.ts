import { afterEach, describe, expect, it } from 'vitest'
import { ALL, EVENT, LIMIT, RSVPS, SET_LIMIT, startTestHarness, TOKEN } from '../harness.test-support.js'
import type { SimulatorOptions } from '../server.js'

let harness: Awaited<ReturnType<typeof startTestHarness>>
async function open(options: SimulatorOptions = {}, capacity: number | null = 100) {
  harness = await startTestHarness(options)
  harness.control.createEvent({ id: EVENT, capacity })
  return harness
}
afterEach(() => harness.simulator.close())

const limitTo = (rsvpLimit: number, more: object = {}) => ({
  input: { eventId: EVENT, rsvpSettings: { rsvpLimit, ...more } },
})

describe('the GraphQL API', () => {
  it('returns validation errors with status 200, a classification and no data', async () => {
    const { graphql } = await open()
    const invalid: [string, object?][] = [
      ['{ event(id: 1) { rsvpSettings { rsvpLimit } } }'],
      ['mutation { publishEvent(id: 1) { id } }'],
      ['{ event(id: 1) { rsvps(filter: {rsvpStatus: [UPCOMING]}) { totalCount } } }'],
      [RSVPS, { id: EVENT, filter: { rsvpStatus: ['UPCOMING'] } }],
      [RSVPS, { id: EVENT, filter: { startDate: '2023-01-01T12:00:00' } }],
      [RSVPS, { id: EVENT, filter: { startDate: '2023-01-01' } }],
      [RSVPS, {}],
    ]
    for (const [query, variables] of invalid) {
      const { status, body } = await graphql(query, variables)
      expect(status).toBe(200)
      expect(body, query).not.toHaveProperty('data')
      expect(body.errors?.[0]).toMatchObject({
        message: expect.any(String) as unknown,
        locations: expect.any(Array) as unknown,
        extensions: { classification: 'ValidationError' },
      })
    }
    expect((await graphql('{ event(')).body.errors?.[0]?.extensions).toEqual({ classification: 'InvalidSyntax' })
    const zoned = { id: EVENT, filter: { startDate: '2023-01-01T12:00:00-05:00' } }
    expect((await graphql(RSVPS, zoned)).body.errors).toBeUndefined()
  })

  it('returns errors of a mutation in its payload, and null for an unknown event', async () => {
    const { graphql, control } = await open({ toggles: { limitBelowYes: 'refuse' } })
    expect((await graphql(LIMIT, { id: '1' })).body).toEqual({ data: { event: null } })
    control.rsvp(EVENT)
    control.rsvp(EVENT)
    const codeOf = async (variables: object) =>
      (await graphql(SET_LIMIT, variables)).body.data?.editEvent?.errors?.[0]?.code
    expect(await codeOf(limitTo(1))).toBe('invalid_rsvp_limit')
    expect(await codeOf(limitTo(-1))).toBe('invalid_rsvp_limit')
    expect(await codeOf(limitTo(5, { guestLimit: -1 }))).toBe('invalid_guest_limit')
    expect(await codeOf({ input: { eventId: '1' } })).toBe('event_not_found')
    expect(await codeOf(limitTo(2))).toBeUndefined()
    expect(control.truth(EVENT).maxTickets).toBe(2)
    control.editEvent(EVENT, { organizers: ['1'] })
    expect(await codeOf(limitTo(9))).toBe('permission_denied')
    expect((await graphql(LIMIT, { id: EVENT })).body).toEqual({ data: { event: null } })
  })

  it('returns 401 without a valid token, except for reads with unauthenticatedReads allow', async () => {
    const { graphql, control } = await open()
    expect((await graphql(LIMIT, { id: EVENT }, 'wrong')).status).toBe(401)
    expect((await graphql(LIMIT, { id: EVENT }, null)).status).toBe(401)
    control.toggles.patch({ unauthenticatedReads: 'allow' })
    expect((await graphql(LIMIT, { id: EVENT }, null)).body.data?.event?.maxTickets).toBe(100)
    expect((await graphql(SET_LIMIT, limitTo(5), null)).status).toBe(401)
    control.setProActive(false)
    expect((await graphql(LIMIT, { id: EVENT })).status).toBe(401)
  })

  it('denies access to email addresses unless emailVisible is on', async () => {
    const { graphql, control } = await open()
    control.rsvp(EVENT)
    const query = 'query Emails($id: ID!) { event(id: $id) { rsvps { edges { node { member { email } } } } } }'
    expect((await graphql(query, { id: EVENT })).body.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' })
    control.toggles.patch({ emailVisible: 'yes' })
    expect((await graphql(query, { id: EVENT })).text).toContain('@example.com')
  })
})

describe('editing an event', () => {
  it.each([
    ['kept', 1],
    ['reset', 2],
  ] as const)('keeps or resets omitted settings, with omittedSettings %s', async (omittedSettings, guestLimit) => {
    const { graphql, control } = await open({ toggles: { omittedSettings } })
    control.editEvent(EVENT, { guestLimit: 1 })
    const { body } = await graphql(SET_LIMIT, limitTo(50))
    expect(body.data?.editEvent).toEqual({ event: { id: EVENT, maxTickets: 50, guestLimit }, errors: null })
  })

  it.each(['yes', 'no'] as const)(
    'closes RSVPs and resets or keeps the settings, with closeWipesSettings %s',
    async (closeWipesSettings) => {
      const { graphql, control } = await open({ toggles: { closeWipesSettings } })
      const close = `mutation { closeEventRsvps(input: {eventId: "${EVENT}"}) { event { maxTickets rsvpSettings { rsvpsClosed } } errors { code } } }`
      const expected = { maxTickets: closeWipesSettings === 'yes' ? null : 100, rsvpSettings: { rsvpsClosed: true } }
      expect((await graphql(close)).body.data).toEqual({ closeEventRsvps: { event: expected, errors: null } })
      expect(control.rsvp(EVENT)).toMatchObject({ reason: 'CLOSED' })
      const reopen = `mutation { openEventRsvps(input: {eventId: "${EVENT}"}) { event { rsvpSettings { rsvpsClosed } } } }`
      expect((await graphql(reopen)).text).toContain('"rsvpsClosed":false')
      expect(control.rsvp(EVENT).status).toBe('YES')
    },
  )

  it('sums the limits of the venues of a hybrid event, and accepts times in milliseconds', async () => {
    const { graphql, control, clock } = await open()
    control.createEvent({ id: '2', eventType: 'HYBRID', capacity: 9 })
    const venueOptions = [
      { venueId: '1', rsvpLimit: 3 },
      { venueId: 'online', rsvpLimit: 4 },
    ]
    await graphql(SET_LIMIT, { input: { eventId: '2', venueOptions } })
    expect(control.truth('2').maxTickets).toBe(7)
    await graphql(SET_LIMIT, limitTo(9, { rsvpCloseTime: String(clock.now() - 1_000) }))
    expect(control.rsvp(EVENT)).toMatchObject({ reason: 'CLOSED' })
    await graphql(SET_LIMIT, limitTo(9, { rsvpCloseDuration: 'PT0S' }))
    expect(control.rsvp(EVENT).status).toBe('YES')
  })

  it('keeps the RSVPs when the id of a recurring event changes', async () => {
    const { graphql, control } = await open()
    control.rsvp(EVENT)
    const { eventId, token } = control.rollEventId(EVENT)
    expect(control.truth(eventId)).toMatchObject({ token, sold: 1 })
    expect((await graphql(LIMIT, { id: EVENT })).body.data?.event).toBeNull()
    expect((await graphql(LIMIT, { id: eventId })).body.data?.event?.maxTickets).toBe(100)
  })
})

describe('RSVP lists', () => {
  it('contain YES and ATTENDED by default, and only HAVENT with a filter for it', async () => {
    const { graphql, control } = await open()
    const ids = ['YES', 'ATTENDED', 'NO', 'HAVENT', 'NO_SHOW'].map((status) => {
      const { rsvpId } = control.rsvp(EVENT)
      control.mark(rsvpId ?? '', status as 'YES')
      return rsvpId
    })
    const list = async (filter?: object) => {
      const { body } = await graphql(RSVPS, { id: EVENT, filter })
      return body.data?.event?.rsvps?.edges.map(({ node }) => node.id)
    }
    expect(await list()).toEqual([ids[0], ids[1]])
    expect(await list({ rsvpStatus: ['NO', 'NO_SHOW'] })).toEqual([ids[2], ids[4]])
    expect(await list({ rsvpStatus: ['YES', 'HAVENT'] })).toEqual([ids[3]])
    control.rsvp(EVENT, { guests: 2 })
    expect(await list({ onlyWithGuests: true })).toHaveLength(1)
    expect(await list({ onlyHosts: true })).toHaveLength(0)
  })

  it('are paged by offsets in the current list, which repeats a row after a change', async () => {
    const { graphql, control, clock } = await open()
    const ids = Array.from({ length: 5 }, () => {
      clock.advance(1_000)
      return control.rsvp(EVENT).rsvpId
    })
    const sort = { sortField: 'DATETIME', sortOrder: 'DESC' }
    const first = (await graphql(RSVPS, { id: EVENT, first: 2, filter: { rsvpStatus: ALL }, sort })).body.data?.event
      ?.rsvps
    expect(first?.edges.map(({ node, cursor }) => [node.id, cursor])).toEqual([
      [ids[4], 'MA=='],
      [ids[3], 'MQ=='],
    ])
    expect(first?.pageInfo).toMatchObject({ hasNextPage: true, endCursor: 'MQ==' })
    expect(first?.edges[0]?.node.updated).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}-05:00$/)
    control.cancel(ids[0] ?? '')
    const next = { id: EVENT, first: 2, after: 'MQ==', filter: { rsvpStatus: ALL }, sort }
    const second = (await graphql(RSVPS, next)).body.data?.event?.rsvps
    // The cancelled RSVP moved to the top, so one row is repeated.
    expect(second?.edges.map(({ node }) => node.id)).toEqual([ids[3], ids[2]])
    expect((await graphql(RSVPS, { ...next, after: 'nonsense' })).body.errors?.[0]?.message).toBe('invalid cursor')
  })

  it('count hidden members, and limit first to maxFirst', async () => {
    const { graphql, control } = await open({ toggles: { maxFirst: 3, pointsLimit: 1_000 } })
    for (let i = 0; i < 5; i++) control.rsvp(EVENT, { hidden: i === 0, guests: i % 2 })
    const page = async () => (await graphql(RSVPS, { id: EVENT, first: 1_000 })).body.data?.event?.rsvps
    expect(await page()).toMatchObject({ totalCount: 5, yesCount: 5, pageInfo: { hasNextPage: true } })
    expect((await page())?.edges).toHaveLength(3)
    control.toggles.patch({ yesCountIsHeads: 'yes' })
    expect((await page())?.yesCount).toBe(7)
  })

  it('lag behind writes, but not in the response to a write', async () => {
    const { graphql, control, clock } = await open({ knobs: { readLagMs: 2_000 } })
    control.rsvp(EVENT)
    clock.advance(3_000)
    control.rsvp(EVENT)
    expect((await graphql(SET_LIMIT, limitTo(7))).body.data?.editEvent?.event?.maxTickets).toBe(7)
    const read = async () => (await graphql(RSVPS, { id: EVENT })).body.data?.event
    expect(await read()).toMatchObject({ maxTickets: 100, rsvps: { totalCount: 1 } })
    clock.advance(2_100)
    expect(await read()).toMatchObject({ maxTickets: 7, rsvps: { totalCount: 2 } })
  })
})

describe('rate limit points', () => {
  it('are spent by price, not spent by rejected calls, and available again in the next window', async () => {
    const { graphql, control, clock } = await open({ toggles: { pointsLimit: 25 } })
    const used = () => control.points()[0]?.used
    await graphql(LIMIT, { id: EVENT })
    expect(used()).toBe(5)
    await graphql(SET_LIMIT, limitTo(5))
    expect(used()).toBe(15)
    await graphql('{ event(id: 1) { nonsense } }')
    expect(used()).toBe(15)
    const { status, body } = await graphql(RSVPS, { id: EVENT, first: 100 })
    expect(status).toBe(200)
    expect(body.data).toBeNull()
    expect(body.errors?.[0]).toMatchObject({
      message: 'Too many requests, please try again shortly.',
      path: ['event'],
      extensions: { code: 'RATE_LIMITED', consumedPoints: 40 },
    })
    const resetAt = String(body.errors?.[0]?.extensions?.['resetAt'])
    expect(Date.parse(resetAt) - clock.now()).toBeGreaterThan(55_000)
    expect(used()).toBe(15)
    clock.advance(60_000)
    expect((await graphql(RSVPS, { id: EVENT, first: 100 })).body.errors).toBeUndefined()
  })

  it.each(['fixed', 'sliding'] as const)('are counted in a %s window', async (windowKind) => {
    const { graphql, clock } = await open({ toggles: { pointsLimit: 20, windowKind } })
    await graphql(SET_LIMIT, limitTo(5))
    clock.advance(59_000)
    await graphql(SET_LIMIT, limitTo(6))
    clock.advance(1_500)
    await graphql(SET_LIMIT, limitTo(7))
    const { body } = await graphql(SET_LIMIT, limitTo(8))
    // A fixed window allows twice its limit around its end.
    expect(body.errors?.[0]?.extensions?.['code']).toBe(windowKind === 'fixed' ? undefined : 'RATE_LIMITED')
  })

  it.each(['client', 'client+member'] as const)('are counted with budgetScope %s', async (budgetScope) => {
    const other = { token: 'other', memberId: '70000098' }
    const { graphql, control } = await open({
      toggles: { pointsLimit: 10, budgetScope },
      credentials: { accessTokens: [TOKEN, other] },
    })
    await graphql(SET_LIMIT, limitTo(5))
    await graphql(SET_LIMIT, limitTo(6), 'other')
    expect(control.truth(EVENT).maxTickets).toBe(budgetScope === 'client' ? 5 : 6)
  })

  it('return empty pages when they run out, with throttleAsEmptyPage', async () => {
    const { graphql, control } = await open({ toggles: { pointsLimit: 3, throttleAsEmptyPage: 'yes' } })
    control.rsvp(EVENT)
    expect((await graphql(RSVPS, { id: EVENT })).body.data?.event?.rsvps).toMatchObject({ totalCount: 1, edges: [] })
    expect((await graphql(SET_LIMIT, limitTo(5))).body.errors?.[0]?.extensions?.['code']).toBe('RATE_LIMITED')
  })
})
