import { describe, expect, it } from 'vitest'
import {
  startStubPlatform,
  type StubRequest,
  type StubResponse,
} from '../../../test/support/platforms/stub-platform.js'
import type { Cursor, OrderPage } from '../port.js'
import { classifyResponse } from './client/outcomes.js'
import { COUNTS, PAGE } from './fixtures.test-support.js'
import { BULK, LISTING, listingOf, PROTECT, valueOf } from './harness.test-support.js'
import { MeetupAdapter } from './meetup-adapter.js'
import { EVENT_COUNTS, RSVP_PAGE, SET_LIMIT, type Operation } from './client/operations.js'
import { requestToken } from './access/token-request.js'

// Behaviour that Meetup does not document and that may differ from the simulator's.

const kindOf = (json: unknown, status: number, operation: Operation) =>
  classifyResponse({ kind: 'RESPONSE', status, headers: {}, json }, operation)

describe('classifyResponse with errors of other servers', () => {
  it.each<[string, unknown, number]>([
    ['graphql-java', { errors: [{ message: 'x', extensions: { classification: 'ValidationError' } }] }, 200],
    [
      'a server with error codes',
      { errors: [{ message: 'x', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] },
      400,
    ],
    ['a server without error codes', { errors: [{ message: 'x', locations: [{ line: 1, column: 1 }] }] }, 200],
  ])('detects a query refused as invalid by %s', (_name, body, status) => {
    for (const operation of [EVENT_COUNTS, SET_LIMIT]) {
      expect(kindOf(body, status, operation)).toMatchObject({ kind: 'REJECTED', code: 'VALIDATION_ERROR' })
    }
  })

  it('returns UNKNOWN for an operation that may have been executed', () => {
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

  it('accepts a response in which only a name, or only a part of a written event, is missing', () => {
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
  ])('maps the error code %s to %s', (code, kind) => {
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

/** A server that does not parse queries: it responds by the name of the operation. */
async function adapterFor(respond: (operation: string, request: StubRequest) => StubResponse) {
  const { http, requests, url } = await startStubPlatform('MEETUP', (request) => {
    const { query } = request.body as { query: string }
    return respond(/(?:query|mutation) (\w+)/.exec(query)?.[1] ?? '', request)
  })
  const config = { apiUrl: `${url}/gql-ext`, credentials: { accessToken: 't' } }
  const adapter = new MeetupAdapter({ config, http, now: () => new Date() })
  return { adapter, requests }
}

const eventOf = (fields: object, rsvps: object): StubResponse => ({
  json: { data: { event: { ...COUNTS.data.event, ...fields, rsvps } } },
})

describe('MeetupAdapter.listOrders', () => {
  it.each([
    ['its last page', false],
    ['an empty page', true],
  ])('completes a list of two full pages that ends with %s', async (_name, emptyEnd) => {
    const { adapter } = await adapterFor((_operation, { body }) => {
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

  it('retries an empty list twice, then accepts it as hidden members only, without confirming its count', async () => {
    const hidden = { totalCount: 3, edges: [] as object[], pageInfo: { hasNextPage: false, endCursor: null } }
    const { adapter } = await adapterFor(() => eventOf({}, hidden))
    const list = () => adapter.listOrders(LISTING, 'full', null, BULK)
    for (const kind of ['THROTTLED', 'THROTTLED', 'OK', 'OK']) expect((await list()).kind).toBe(kind)
    const page = valueOf(await list())
    expect(page).toMatchObject({ snapshots: [], done: true })
    expect(page.platformCount).toBeGreaterThan(0)
    expect((await adapter.listOrders(listingOf('2'), 'full', null, BULK)).kind).toBe('THROTTLED')
    hidden.edges.push({ node: rsvp(1) })
    expect(valueOf(await list()).snapshots).toHaveLength(1)
    hidden.edges.pop()
    expect((await list()).kind).toBe('THROTTLED')
  })

  it('returns THROTTLED for an empty page that claims a next page', async () => {
    const { adapter } = await adapterFor(() =>
      eventOf({}, { totalCount: 3, edges: [], pageInfo: { hasNextPage: true, endCursor: 'x' } }),
    )
    for (let i = 0; i < 5; i++) {
      expect((await adapter.listOrders(LISTING, 'full', null, BULK)).kind).toBe('THROTTLED')
    }
  })
})

describe('MeetupAdapter.listOrders with an invalid row', () => {
  const broken: [string, unknown, string | null][] = [
    ['no id', { ...rsvp(1), id: undefined }, null],
    ['an unknown status', { ...rsvp(1), status: 'PERHAPS' }, '1'],
    ['no guests', { ...rsvp(1), guestsCount: null }, '1'],
    ['a million guests', { ...rsvp(1), guestsCount: 1_000_000 }, '1'],
    ['no time of change', { ...rsvp(1), updated: undefined }, '1'],
    ['a time without a zone', { ...rsvp(1), updated: '2026-11-18T08:01:00' }, '1'],
    ['null', null, null],
    ['a string', 'rsvp', null],
  ]

  it.each(broken)(
    'reports it as unreadable, reads the others, and does not confirm the count: %s',
    async (_, row, id) => {
      const edges = [{ node: rsvp(3) }, { node: row }, { node: rsvp(2, 1) }]
      const { adapter } = await adapterFor(() =>
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

describe('MeetupAdapter.listOrders with an endless list', () => {
  it.each<[string, (page: number) => string]>([
    ['the same next page', () => 'x'],
    ['a cycle of pages', (page) => String((page + 1) % 3)],
    ['ever new pages', (page) => String(page + 1)],
  ])('fails within a limited number of calls: %s', async (_name, nextOf) => {
    let page = 0
    const { adapter, requests } = await adapterFor(() => {
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
    expect(requests.length).toBeLessThan(20)
  })

  it('returns UNAVAILABLE after five reads of an empty page that claims a next page', async () => {
    const { adapter, requests } = await adapterFor(() =>
      eventOf({}, { totalCount: 3, edges: [], pageInfo: { hasNextPage: true, endCursor: 'x' } }),
    )
    for (let read = 0; read < 5; read++) await adapter.listOrders(LISTING, 'full', null, BULK)
    expect((await adapter.listOrders(LISTING, 'full', null, BULK)).kind).toBe('UNAVAILABLE')
    expect(requests).toHaveLength(6)
  })
})

describe('the event observed on a page of MeetupAdapter.listOrders', () => {
  const observe = async (fields: object) => {
    const rsvps = { totalCount: 1, edges: [{ node: rsvp(1) }], pageInfo: { hasNextPage: false, endCursor: null } }
    const { adapter } = await adapterFor(() => eventOf(fields, rsvps))
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
  ])('has status %s as state %s', async (status, state) => {
    expect(await observe({ status, maxTickets: 80 })).toMatchObject({ cap: 80, state })
  })

  it('has an unlimited cap, or an unknown one if the limit is invalid or per venue', async () => {
    expect(await observe({ maxTickets: null })).toMatchObject({ cap: 'UNLIMITED' })
    expect(await observe({ maxTickets: 'many' })).toMatchObject({ cap: null })
    expect(await observe({ maxTickets: 80, eventType: 'HYBRID' })).toMatchObject({ cap: null })
  })

  it('is dated to the instant of the request', async () => {
    const { http, url } = await startStubPlatform('MEETUP', () =>
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

describe('MeetupAdapter with a schema without event types', () => {
  it('requests the type once, and reads events without it', async () => {
    const { adapter, requests } = await adapterFor((_operation, { body }) => {
      const { query } = body as { query: string }
      if (query.includes('eventType')) {
        return { json: { errors: [{ message: 'x', extensions: { classification: 'ValidationError' } }] } }
      }
      return eventOf({}, { totalCount: 1, edges: [{ node: rsvp(1) }], pageInfo: { hasNextPage: false } })
    })
    expect(valueOf(await adapter.readChannel(LISTING, PROTECT))).toMatchObject({ cap: 40, sold: 1 })
    expect(requests).toHaveLength(2)
    valueOf(await adapter.listOrders(LISTING, 'full', null, BULK))
    expect(requests).toHaveLength(2)
    valueOf(await adapter.listOrders(LISTING, 'full', null, BULK))
    expect(requests).toHaveLength(3)
  })
})

describe('MeetupAdapter.readChannel with guests', () => {
  it.each([
    ['applied', true, 5 + 2 + 1],
    ['ignored', false, 5 + 2],
  ])(
    'counts guests of hidden members only if the list shows that they have some (filter %s)',
    async (_name, filters, sold) => {
      const rows = [rsvp(1, 2), rsvp(2), rsvp(3)]
      const { adapter } = await adapterFor((operation) => {
        const edges = rows.filter(({ guestsCount }) => !filters || guestsCount > 0).map((node) => ({ node }))
        // Two members are hidden, one of them among those with guests.
        const totalCount = operation === 'EventGuests' && filters ? 2 : 5
        const counts = { totalCount, yesCount: 5, noCount: 0, waitlistCount: 0 }
        return eventOf({ maxTickets: 40 }, { ...counts, edges, pageInfo: { hasNextPage: false, endCursor: null } })
      })
      expect(valueOf(await adapter.readChannel(LISTING, PROTECT))).toMatchObject({ cap: 40, sold })
    },
  )
})

describe('requestToken', () => {
  it.each([
    [3_600, 3_600],
    ['1800', 1_800],
    [undefined, 3_600],
    [0, null],
    ['soon', null],
  ])('reads a lifetime of %s seconds', async (expires_in, seconds) => {
    const { http, url } = await startStubPlatform('MEETUP', () => ({ json: { access_token: 'a', expires_in } }))
    const now = new Date('2026-11-18T13:00:00Z')
    const grant = { clientKey: 'c', refreshToken: 'r' }
    const granted = await requestToken({ http, url, now: () => now, lane: 'protect', grant })
    if (seconds === null) expect(granted).toMatchObject({ kind: 'REJECTED', code: 'CONTRACT' })
    else expect(valueOf(granted).expiresAt).toBe(now.getTime() + seconds * 1_000)
  })
})

describe('MeetupAdapter with mutations that do not return the event', () => {
  /** An event whose state is shown by reads only; mutations have an effect if `applies`. */
  async function eventThat(applies: boolean, yes = 0) {
    const state = { maxTickets: 40, closed: false }
    const { adapter } = await adapterFor((operation, { body }) => {
      const { input } = (body as { variables: { input?: { rsvpSettings?: { rsvpLimit: number } } } }).variables
      const field = { SetLimit: 'editEvent', Close: 'closeEventRsvps', Open: 'openEventRsvps' }[operation]
      if (applies && operation === 'SetLimit') state.maxTickets = input?.rsvpSettings?.rsvpLimit ?? 0
      if (applies && operation === 'Close') state.closed = true
      if (applies && operation === 'Open') state.closed = false
      if (field) return { json: { data: { [field]: { event: null, errors: applies ? null : [] } } } }
      const counts = { totalCount: yes, yesCount: yes, noCount: 0, waitlistCount: 0, edges: [], pageInfo: {} }
      const { maxTickets, closed: rsvpsClosed } = state
      return eventOf({ maxTickets, guestLimit: 0, rsvpSettings: { rsvpsClosed } }, counts)
    })
    return { adapter, state }
  }

  it('confirms a write by a read', async () => {
    const { adapter, state } = await eventThat(true)
    expect(valueOf(await adapter.writeCap(LISTING, 30, PROTECT))).toMatchObject({ cap: 30, mode: 'OPEN' })
    const closed = valueOf(await adapter.setMode(LISTING, 'WAITLIST_ONLY', 0, PROTECT))
    expect(closed).toMatchObject({ cap: 1, mode: 'WAITLIST_ONLY' })
    expect(state).toEqual({ maxTickets: 1, closed: true })
    expect(valueOf(await adapter.setMode(LISTING, 'OPEN', 20, PROTECT))).toMatchObject({ cap: 20, mode: 'OPEN' })
    expect(state).toEqual({ maxTickets: 20, closed: false })
  })

  it('returns UNKNOWN if the read shows another state', async () => {
    const { adapter } = await eventThat(false)
    expect((await adapter.writeCap(LISTING, 30, PROTECT)).kind).toBe('UNKNOWN')
    expect((await adapter.setMode(LISTING, 'WAITLIST_ONLY', 0, PROTECT)).kind).toBe('UNKNOWN')
  })
})
