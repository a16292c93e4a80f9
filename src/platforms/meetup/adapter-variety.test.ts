import { describe, expect, it } from 'vitest'
import { scripted, type Asked, type Told } from '../../../test/support/stub-platform.js'
import type { Cursor, OrderPage } from '../port.js'
import { classify } from './classify.js'
import { COUNTS, PAGE } from './fixtures.test-support.js'
import { BULK, LISTING, listingOf, PROTECT, valueOf } from './harness.test-support.js'
import { MeetupAdapter } from './meetup-adapter.js'
import { EVENT_COUNTS, RSVP_PAGE, SET_LIMIT, type Operation } from './operations.js'
import { requestToken } from './token-request.js'

// What the documentation leaves open, as others may have it than our simulator does.

const kindOf = (json: unknown, status: number, operation: Operation) =>
  classify({ kind: 'ANSWER', status, headers: {}, json }, operation)

describe('errors of other servers', () => {
  it.each<[string, unknown, number]>([
    ['graphql-java', { errors: [{ message: 'x', extensions: { classification: 'ValidationError' } }] }, 200],
    ['a server with codes', { errors: [{ message: 'x', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] }, 400],
    ['a server without', { errors: [{ message: 'x', locations: [{ line: 1, column: 1 }] }] }, 200],
  ])('knows a query that is refused as such by %s', (_name, body, status) => {
    for (const operation of [EVENT_COUNTS, SET_LIMIT]) {
      expect(kindOf(body, status, operation)).toMatchObject({ kind: 'REJECTED', code: 'VALIDATION_ERROR' })
    }
  })

  it('leaves open what became of an operation that may have begun', () => {
    const located = { message: 'x', locations: [{ line: 1, column: 1 }] }
    for (const body of [
      { errors: [{ message: 'x' }] },
      { errors: [located], data: null },
      { errors: [{ ...located, path: ['editEvent'] }] },
      { errors: [{ ...located, path: ['editEvent'] }], data: { editEvent: null } },
    ]) {
      expect(kindOf(body, 200, SET_LIMIT).kind).toBe('UNKNOWN')
    }
  })

  it('takes what there is where only a name could not be shown, or only a part of what a write left', () => {
    const about = (...path: (string | number)[]) => [{ message: 'x', path }]
    const data = PAGE.data
    expect(kindOf({ data, errors: about('event', 'rsvps', 'edges', 0, 'node', 'member') }, 200, RSVP_PAGE).kind).toBe(
      'OK',
    )
    expect(kindOf({ data, errors: about('event', 'rsvps', 'edges', 0, 'node') }, 200, RSVP_PAGE).kind).toBe(
      'UNAVAILABLE',
    )
    expect(kindOf({ data, errors: about('event', 'maxTickets') }, 200, RSVP_PAGE).kind).toBe('UNAVAILABLE')
    const edited = { data: { editEvent: { event: { maxTickets: null }, errors: null } } }
    expect(kindOf({ ...edited, errors: about('editEvent', 'event', 'maxTickets') }, 200, SET_LIMIT).kind).toBe('OK')
    expect(kindOf({ ...edited, errors: about('editEvent') }, 200, SET_LIMIT).kind).toBe('UNKNOWN')
  })

  it.each([
    ['UNAUTHORIZED', 'UNAUTHORIZED'],
    ['permission_denied', 'FORBIDDEN'],
    ['NOT_AUTHORIZED', 'FORBIDDEN'],
  ])('knows the code %s', (code, kind) => {
    const body = { errors: [{ message: 'x', extensions: { code } }], data: { event: null } }
    expect(kindOf(body, 200, EVENT_COUNTS).kind).toBe(kind)
  })
})

const rsvp = (n: number, guestsCount = 0, status = 'YES') => ({
  id: n,
  status,
  guestsCount,
  updated: `2026-11-18T08:0${n % 10}:00-05:00`,
  isHost: false,
  member: null,
})

/** A server that reads no query: it answers by what is named in it. */
async function adapterTo(answer: (operation: string, asked: Asked) => Told) {
  const { http, asked, url } = await scripted('MEETUP', (one) => {
    const { query } = one.body as { query: string }
    return answer(/(?:query|mutation) (\w+)/.exec(query)?.[1] ?? '', one)
  })
  const config = { apiUrl: `${url}/gql-ext`, credentials: { accessToken: 't' } }
  const adapter = new MeetupAdapter({ config, http, now: () => new Date() })
  return { adapter, asked }
}

const eventOf = (fields: object, rsvps: object): Told => ({
  json: { data: { event: { ...COUNTS.data.event, ...fields, rsvps } } },
})

describe('a list', () => {
  it.each([
    ['that says so', false],
    ['that only its empty page ends', true],
  ])('of two full pages %s is whole', async (_name, emptyEnd) => {
    const { adapter } = await adapterTo((_operation, { body }) => {
      const { after } = (body as { variables: { after: string | null } }).variables
      const page = Number(after ?? 0)
      const edges = page < 2 ? [{ node: rsvp(page) }] : []
      const hasNextPage = emptyEnd ? edges.length > 0 : page < 1
      return eventOf({}, { totalCount: 2, edges, pageInfo: { hasNextPage, endCursor: String(page + 1) } })
    })
    const orders = new Set<string>()
    let cursor: Cursor | null = null
    for (let calls = 0; calls < 10; calls++) {
      const page: OrderPage = valueOf(await adapter.listOrders(LISTING, 'full', cursor, BULK))
      for (const { orderId } of page.snapshots) orders.add(orderId)
      cursor = page.nextCursor
      if (!page.done) continue
      expect(page.platformCount).toBe(2)
      expect([...orders]).toEqual(['0', '1'])
      return
    }
    throw new Error('the list does not end')
  })

  it('of hidden members only is doubted twice, then taken for that, and proves nothing', async () => {
    const hidden = { totalCount: 3, edges: [] as object[], pageInfo: { hasNextPage: false, endCursor: null } }
    const { adapter } = await adapterTo(() => eventOf({}, hidden))
    const look = () => adapter.listOrders(LISTING, 'full', null, BULK)
    for (const kind of ['THROTTLED', 'THROTTLED', 'OK', 'OK']) expect((await look()).kind).toBe(kind)
    const page = valueOf(await look())
    expect(page).toMatchObject({ snapshots: [], done: true })
    expect(page.platformCount).toBeGreaterThan(0)
    expect((await adapter.listOrders(listingOf('2'), 'full', null, BULK)).kind).toBe('THROTTLED')
    hidden.edges.push({ node: rsvp(1) })
    expect(valueOf(await look()).snapshots).toHaveLength(1)
    hidden.edges.pop()
    expect((await look()).kind).toBe('THROTTLED')
  })

  it('that is empty and claims a next page is never believed', async () => {
    const { adapter } = await adapterTo(() =>
      eventOf({}, { totalCount: 3, edges: [], pageInfo: { hasNextPage: true, endCursor: 'x' } }),
    )
    for (let i = 0; i < 5; i++) {
      expect((await adapter.listOrders(LISTING, 'full', null, BULK)).kind).toBe('THROTTLED')
    }
  })
})

describe('a row that makes no sense', () => {
  const broken: [string, unknown, string | null][] = [
    ['no id', { ...rsvp(1), id: undefined }, null],
    ['an unknown status', { ...rsvp(1), status: 'PERHAPS' }, '1'],
    ['no guests', { ...rsvp(1), guestsCount: null }, '1'],
    ['a million guests', { ...rsvp(1), guestsCount: 1_000_000 }, '1'],
    ['no time of change', { ...rsvp(1), updated: undefined }, '1'],
    ['a time without a zone', { ...rsvp(1), updated: '2026-11-18T08:01:00' }, '1'],
    ['nothing', null, null],
    ['a text', 'rsvp', null],
  ]

  it.each(broken)(
    '(%s) is set aside, its neighbours are read, and the list vouches for nothing',
    async (_, row, id) => {
      const edges = [{ node: rsvp(3) }, { node: row }, { node: rsvp(2, 1) }]
      const { adapter } = await adapterTo(() =>
        eventOf({}, { totalCount: 3, edges, pageInfo: { hasNextPage: false, endCursor: null } }),
      )
      const page = valueOf(await adapter.listOrders(LISTING, 'full', null, BULK))
      expect(page.snapshots.map(({ orderId }) => orderId)).toEqual(['3', '2'])
      expect(page.unreadable).toEqual([{ orderId: id, reason: expect.stringContaining('rsvp') as unknown }])
      expect(page.done).toBe(true)
      expect(page.platformCount).toBeGreaterThan(3)
      const changed = valueOf(await adapter.listOrders(LISTING, 'changed', page.nextCursor, BULK))
      expect(changed.unreadable).toHaveLength(1)
      expect((await adapter.readChannel(LISTING, BULK)).kind).toBe('OK')
    },
  )
})

describe('a list without an end', () => {
  it.each<[string, (page: number) => string]>([
    ['that names one page again and again', () => 'x'],
    ['that goes in a circle', (page) => String((page + 1) % 3)],
    ['that always goes on', (page) => String(page + 1)],
  ])('%s is given up within a bound of calls', async (_name, nextOf) => {
    let page = 0
    const { adapter, asked } = await adapterTo(() => {
      const endCursor = nextOf(page++)
      const edges = Array.from({ length: 50 }, (_, row) => ({ node: rsvp(row) }))
      return eventOf({}, { totalCount: 150, edges, pageInfo: { hasNextPage: true, endCursor } })
    })
    let cursor: Cursor | null = null
    for (;;) {
      const read = await adapter.listOrders(LISTING, 'full', cursor, BULK)
      if (read.kind !== 'OK') {
        expect(read.kind).toBe('UNAVAILABLE')
        break
      }
      expect(read.value.done).toBe(false)
      cursor = read.value.nextCursor
    }
    expect(asked.length).toBeLessThan(20)
  })

  it('whose pages stay empty is said to be out of order', async () => {
    const { adapter, asked } = await adapterTo(() =>
      eventOf({}, { totalCount: 3, edges: [], pageInfo: { hasNextPage: true, endCursor: 'x' } }),
    )
    for (let look = 0; look < 5; look++) await adapter.listOrders(LISTING, 'full', null, BULK)
    expect((await adapter.listOrders(LISTING, 'full', null, BULK)).kind).toBe('UNAVAILABLE')
    expect(asked).toHaveLength(6)
  })
})

describe('what a page shows of the event', () => {
  const look = async (fields: object) => {
    const rsvps = { totalCount: 1, edges: [{ node: rsvp(1) }], pageInfo: { hasNextPage: false, endCursor: null } }
    const { adapter } = await adapterTo(() => eventOf(fields, rsvps))
    return valueOf(await adapter.listOrders(LISTING, 'full', null, BULK)).observed
  }

  it.each([
    ['ACTIVE', 'LIVE'],
    ['CANCELLED', 'CANCELLED'],
    ['CANCELLED_PERM', 'CANCELLED'],
    ['PAST', 'ENDED'],
    ['DRAFT', 'UNKNOWN'],
    [undefined, 'UNKNOWN'],
    ['constructor', 'UNKNOWN'],
  ])('status %s is %s', async (status, state) => {
    expect(await look({ status, maxTickets: 80 })).toMatchObject({ cap: 80, state })
  })

  it('its limit is known to be none, or is not known', async () => {
    expect(await look({ maxTickets: null })).toMatchObject({ cap: 'UNLIMITED' })
    expect(await look({ maxTickets: 'many' })).toMatchObject({ cap: null })
    expect(await look({ maxTickets: 80, eventType: 'HYBRID' })).toMatchObject({ cap: null })
  })

  it('is of the instant at which it was asked for', async () => {
    const { http, url } = await scripted('MEETUP', () =>
      eventOf({}, { totalCount: 0, edges: [], pageInfo: { hasNextPage: false } }),
    )
    const config = { apiUrl: `${url}/gql-ext`, credentials: { accessToken: 't' } }
    const now = new Date('2026-11-18T13:00:00Z')
    const adapter = new MeetupAdapter({ config, http, now: () => now })
    const page = valueOf(await adapter.listOrders(LISTING, 'full', null, BULK))
    expect(page.observed?.asOf).toEqual(new Date('2026-11-18T13:00:00Z'))
    expect(valueOf(await adapter.readChannel(LISTING, BULK)).asOf).toEqual(new Date('2026-11-18T13:00:00Z'))
  })
})

describe('a schema whose events have no type', () => {
  it('is asked for it once, and read all the same', async () => {
    const { adapter, asked } = await adapterTo((_operation, { body }) => {
      const { query } = body as { query: string }
      if (query.includes('eventType')) {
        return { json: { errors: [{ message: 'x', extensions: { classification: 'ValidationError' } }] } }
      }
      return eventOf({}, { totalCount: 1, edges: [{ node: rsvp(1) }], pageInfo: { hasNextPage: false } })
    })
    expect(valueOf(await adapter.readChannel(LISTING, PROTECT))).toMatchObject({ cap: 40, sold: 1 })
    expect(asked).toHaveLength(2)
    valueOf(await adapter.listOrders(LISTING, 'full', null, BULK))
    expect(asked).toHaveLength(2)
    valueOf(await adapter.listOrders(LISTING, 'full', null, BULK))
    expect(asked).toHaveLength(3)
  })
})

describe('guests', () => {
  it.each([
    ['heeded', true, 5 + 2 + 1],
    ['not heeded', false, 5 + 2],
  ])('where the filter is %s: hidden members bring some only where they must', async (_name, heeded, sold) => {
    const rows = [rsvp(1, 2), rsvp(2), rsvp(3)]
    const { adapter } = await adapterTo((operation) => {
      const edges = rows.filter(({ guestsCount }) => !heeded || guestsCount > 0).map((node) => ({ node }))
      // Two members are hidden, one of them among those with guests.
      const totalCount = operation === 'EventGuests' && heeded ? 2 : 5
      const counts = { totalCount, yesCount: 5, noCount: 0, waitlistCount: 0 }
      return eventOf({ maxTickets: 40 }, { ...counts, edges, pageInfo: { hasNextPage: false, endCursor: null } })
    })
    expect(valueOf(await adapter.readChannel(LISTING, PROTECT))).toMatchObject({ cap: 40, sold })
  })
})

describe('a token', () => {
  it.each([
    [3_600, 3_600],
    ['1800', 1_800],
    [undefined, 3_600],
    [0, null],
    ['soon', null],
  ])('that lives %s seconds', async (expires_in, seconds) => {
    const { http, url } = await scripted('MEETUP', () => ({ json: { access_token: 'a', expires_in } }))
    const now = new Date('2026-11-18T13:00:00Z')
    const grant = { clientKey: 'c', refreshToken: 'r' }
    const granted = await requestToken({ http, url, now: () => now, lane: 'protect', grant })
    if (seconds === null) expect(granted).toMatchObject({ kind: 'REJECTED', code: 'CONTRACT' })
    else expect(valueOf(granted).expiresAt).toBe(now.getTime() + seconds * 1_000)
  })
})

describe('a mutation that shows nothing of the event', () => {
  /** An event that is told what to be and shows it in readings only, and there only if it `heeds`. */
  async function eventThat(heeds: boolean, yes = 0) {
    const state = { maxTickets: 40, closed: false }
    const { adapter } = await adapterTo((operation, { body }) => {
      const { input } = (body as { variables: { input?: { rsvpSettings?: { rsvpLimit: number } } } }).variables
      const field = { SetLimit: 'editEvent', Close: 'closeEventRsvps', Open: 'openEventRsvps' }[operation]
      if (heeds && operation === 'SetLimit') state.maxTickets = input?.rsvpSettings?.rsvpLimit ?? 0
      if (heeds && operation === 'Close') state.closed = true
      if (heeds && operation === 'Open') state.closed = false
      if (field) return { json: { data: { [field]: { event: null, errors: heeds ? null : [] } } } }
      const counts = { totalCount: yes, yesCount: yes, noCount: 0, waitlistCount: 0, edges: [], pageInfo: {} }
      const { maxTickets, closed: rsvpsClosed } = state
      return eventOf({ maxTickets, guestLimit: 0, rsvpSettings: { rsvpsClosed } }, counts)
    })
    return { adapter, state }
  }

  it('is confirmed by a reading', async () => {
    const { adapter, state } = await eventThat(true)
    expect(valueOf(await adapter.writeCap(LISTING, 30, PROTECT))).toMatchObject({ cap: 30, mode: 'OPEN' })
    const closed = valueOf(await adapter.setMode(LISTING, 'WAITLIST_ONLY', 0, PROTECT))
    expect(closed).toMatchObject({ cap: 1, mode: 'WAITLIST_ONLY' })
    expect(state).toEqual({ maxTickets: 1, closed: true })
    expect(valueOf(await adapter.setMode(LISTING, 'OPEN', 20, PROTECT))).toMatchObject({ cap: 20, mode: 'OPEN' })
    expect(state).toEqual({ maxTickets: 20, closed: false })
  })

  it('is in doubt where the reading shows otherwise', async () => {
    const { adapter } = await eventThat(false)
    expect((await adapter.writeCap(LISTING, 30, PROTECT)).kind).toBe('UNKNOWN')
    expect((await adapter.setMode(LISTING, 'WAITLIST_ONLY', 0, PROTECT)).kind).toBe('UNKNOWN')
  })
})
