import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { CONTEXT, valueOf } from '../../../test/support/platforms/luma.js'
import {
  startStubPlatform,
  type StubRequest,
  type StubResponse,
} from '../../../test/support/platforms/stub-platform.js'
import type { Listing } from '../port.js'
import { LumaAdapter } from './luma-adapter.js'

// Behaviour that Luma does not document and that may differ from the simulator's.

const LISTING: Listing = { externalEventId: 'evt-1', externalTicketClassId: null, acknowledgedCap: null }
const NO_GUESTS = { entries: [], has_more: false }
const WEBHOOK_URL = 'https://tickets.example.com/webhooks/luma'

async function adapterFor(respond: (request: StubRequest) => StubResponse) {
  const { http, requests, url } = await startStubPlatform('LUMA', respond)
  const adapter = new LumaAdapter({ config: { apiUrl: url, apiKey: 'k' }, http, now: () => new Date(), sleep })
  return { adapter, requests, writes: () => requests.filter(({ method }) => method === 'POST').map(({ body }) => body) }
}

/** An event with these ticket types and no guests; stores writes except those that `refuse` selects. */
function eventWith(
  types: { id: string; max_capacity: number | null; is_hidden?: boolean }[],
  refuse = (_: StubRequest) => false,
) {
  return (request: StubRequest): StubResponse => {
    if (refuse(request)) return { status: 400, json: { message: 'not here' } }
    const body = request.body as Record<string, unknown>
    switch (request.path) {
      case '/v1/events/ticket-types/list':
        return { json: { entries: types } }
      case '/v1/events/ticket-types/update': {
        const type = types.find(({ id }) => id === body['event_ticket_type_id'])
        return { json: Object.assign(type ?? {}, { max_capacity: body['max_capacity'] }) }
      }
      case '/v1/events/guests/list':
        return { json: NO_GUESTS }
      default:
        return { json: {} }
    }
  }
}

describe('LumaAdapter.writeCap of an event listed as a whole', () => {
  it.each([true, false])('relies on the cap of the only type (event cap refused: %s)', async (refused) => {
    const types = [{ id: 'a', max_capacity: 80 }]
    const { adapter, writes } = await adapterFor(
      eventWith(types, ({ path }) => refused && path === '/v1/events/update'),
    )
    expect(valueOf(await adapter.writeCap(LISTING, 40, CONTEXT))).toMatchObject({ cap: 40, mode: 'OPEN' })
    expect(types).toEqual([{ id: 'a', max_capacity: 40 }])
    expect(writes()).toHaveLength(2)
  })

  it('returns REJECTED if the event cap is refused for an event with several types', async () => {
    const types = [
      { id: 'a', max_capacity: 80 },
      { id: 'b', max_capacity: 20 },
    ]
    const { adapter } = await adapterFor(eventWith(types, ({ path }) => path === '/v1/events/update'))
    expect(await adapter.writeCap(LISTING, 40, CONTEXT)).toMatchObject({ kind: 'REJECTED' })
    expect(types.map(({ max_capacity }) => max_capacity)).toEqual([80, 20])
  })
})

describe('LumaAdapter ticket types', () => {
  it('keeps the limit of hidden types, unless all types are hidden', async () => {
    const types = [
      { id: 'a', max_capacity: 50 },
      { id: 'b', max_capacity: null, is_hidden: true },
    ]
    const { adapter } = await adapterFor(eventWith(types))
    expect(valueOf(await adapter.writeCap(LISTING, 40, CONTEXT)).cap).toBe(40)
    expect(types).toMatchObject([{ max_capacity: 40 }, { max_capacity: null }])
    Object.assign(types[0] ?? {}, { max_capacity: 1, is_hidden: true })
    valueOf(await adapter.readChannel(LISTING, CONTEXT))
    expect(valueOf(await adapter.writeCap(LISTING, 40, CONTEXT)).cap).toBe(40)
    expect(types).toMatchObject([{ max_capacity: 20 }, { max_capacity: 20 }])
  })

  it('reads a cap of 0 as unknown', async () => {
    const { adapter } = await adapterFor(eventWith([{ id: 'a', max_capacity: 0 }]))
    expect(valueOf(await adapter.readChannel(LISTING, CONTEXT))).toMatchObject({ cap: null, capSource: 'none' })
  })
})

describe('LumaAdapter guest lists', () => {
  const guest = (id: string, registered_at: string | null) => ({
    id,
    approval_status: 'approved',
    registered_at,
    event_tickets: null,
  })

  it.each([
    [100, 1],
    [50, 2],
  ])('reads the list of a server that allows at most %d rows per page, in %d calls', async (maxRows, calls) => {
    const { adapter, requests } = await adapterFor(({ path, query }) => {
      if (path !== '/v1/events/guests/list') return { json: {} }
      const tooMany = Number(query.get('pagination_limit') ?? 0) > maxRows
      if (tooMany) return { status: 400, json: { message: 'pagination_limit is too large' } }
      return { json: { entries: [guest('g', '2026-11-05T18:00:00+00:00')], has_more: false, next_cursor: null } }
    })
    const page = valueOf(await adapter.listOrders(LISTING, 'changed', null, CONTEXT))
    expect(page.snapshots).toMatchObject([{ orderId: 'g', tickets: [{ ticketId: 'g#0', live: true }] }])
    expect(requests).toHaveLength(calls)
    await adapter.listOrders(LISTING, 'changed', null, CONTEXT)
    expect(requests).toHaveLength(calls + 1)
  })

  it.each([
    ['newest first', ['2026-11-05T18:00:00Z', '2026-11-05T09:00:00Z', null], true],
    ['oldest first', ['2026-11-05T09:00:00Z', '2026-11-05T18:00:00Z', '2026-11-05T09:30:00Z'], false],
  ] as const)('ends at the watermark only if the list is sorted (%s)', async (_name, times, done) => {
    const entries = times.map((time, index) => guest(`g${index}`, time))
    const { adapter } = await adapterFor(() => ({ json: { entries, has_more: true, next_cursor: 'c' } }))
    const since = { watermark: '2026-11-05T17:00:00.000Z' }
    expect(valueOf(await adapter.listOrders(LISTING, 'changed', since, CONTEXT)).done).toBe(done)
  })
})

describe('LumaAdapter.ensureWebhookSubscription', () => {
  const hook = {
    id: 'wh-1',
    url: WEBHOOK_URL,
    event_types: ['*'],
    status: 'active',
    secret: 'whsec_1',
    created_at: null,
  }

  it.each([
    ['a page', { entries: [hook], has_more: false }],
    ['only entries', { entries: [hook] }],
    ['a named list', { webhooks: [hook] }],
    ['a bare array', [hook]],
    ['wrapped items', { entries: [{ webhook: hook }] }],
    ['items without a status or a secret', [{ ...hook, status: undefined, secret: undefined }]],
  ])('finds an existing webhook in a list returned as %s', async (_name, json) => {
    const { adapter, writes } = await adapterFor(() => ({ json }))
    expect(valueOf(await adapter.ensureWebhookSubscription(WEBHOOK_URL, CONTEXT))).toMatchObject({
      id: 'wh-1',
      created: false,
    })
    expect(writes()).toEqual([])
  })

  it('returns CONTRACT, and creates nothing, if the response is not a list', async () => {
    const { adapter, writes } = await adapterFor(() => ({ json: { message: 'hello' } }))
    expect(await adapter.ensureWebhookSubscription(WEBHOOK_URL, CONTEXT)).toMatchObject({ code: 'CONTRACT' })
    expect(writes()).toEqual([])
  })

  it.each([
    ['bare', hook],
    ['wrapped', { webhook: hook }],
  ])('returns the id and secret of a new webhook (%s response)', async (_name, json) => {
    const { adapter } = await adapterFor(({ method }) => ({ json: method === 'POST' ? json : [] }))
    const ensured = valueOf(await adapter.ensureWebhookSubscription(WEBHOOK_URL, CONTEXT))
    expect(ensured).toEqual({ id: 'wh-1', created: true, secret: 'whsec_1' })
  })
})

describe('LumaAdapter with responses of other formats', () => {
  it.each([
    ['bare', { waitlist_status: 'disabled' }, false],
    ['wrapped', { event: { waitlist_status: 'enabled' } }, true],
    ['empty', {}, null],
  ])('reads the waitlist status of an event (%s response)', async (_name, event, available) => {
    const types = eventWith([{ id: 'a', max_capacity: 5 }])
    const { adapter } = await adapterFor((request) =>
      request.path === '/v1/events/get' ? { json: event } : types(request),
    )
    expect(valueOf(await adapter.readChannel(LISTING, CONTEXT)).waitlistAvailable).toBe(available)
  })

  it.each<[string, StubResponse, string]>([
    ['plain text', { status: 404, text: 'Guest not found', type: 'text/plain' }, 'OK'],
    ['no body', { status: 404 }, 'OK'],
    ['JSON', { status: 404, json: { error: 'nope' } }, 'OK'],
    ['the HTML page of a proxy', { status: 404, text: '<html>', type: 'text/html' }, 'UNAVAILABLE'],
  ])('reads a missing guest from a 404 with %s', async (_name, response, kind) => {
    const { adapter } = await adapterFor(() => response)
    expect((await adapter.getOrder(LISTING, 'g', CONTEXT)).kind).toBe(kind)
  })

  it.each([200, 201, 204])('accepts a write with status %d', async (status) => {
    const { adapter } = await adapterFor((request) =>
      request.method === 'POST' ? { status } : { json: request.path.includes('types') ? { entries: [] } : NO_GUESTS },
    )
    expect(valueOf(await adapter.writeCap(LISTING, 9, CONTEXT)).cap).toBe(9)
  })

  it.each([404, 400])('requests a missing API description (%d) only once', async (status) => {
    const { adapter, requests } = await adapterFor((request) =>
      request.path === '/openapi.json' ? { status, json: {} } : eventWith([{ id: 'a', max_capacity: 5 }])(request),
    )
    for (let i = 0; i < 3; i++) valueOf(await adapter.setMode(LISTING, 'WAITLIST_ONLY', 1, CONTEXT))
    expect(requests.filter(({ path }) => path === '/openapi.json')).toHaveLength(1)
  })
})

describe('LumaAdapter.parseDelivery', () => {
  it('distinguishes a delivery of an unknown type without data from an invalid delivery', async () => {
    const { adapter } = await adapterFor(() => ({}))
    const parse = (body: object) => adapter.parseDelivery(Buffer.from(JSON.stringify(body)))
    expect(parse({ type: 'webhook.ping' })).toMatchObject([{ kind: 'NONE' }])
    for (const body of [{}, { data: {} }, { type: 'guest.updated' }, { type: 'event.updated', data: [] }]) {
      expect(parse(body)).toBeNull()
    }
  })
})
