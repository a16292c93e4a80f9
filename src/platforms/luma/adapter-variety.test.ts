import { describe, expect, it } from 'vitest'
import { CONTEXT, valueOf } from '../../../test/support/luma.js'
import { scripted, type Asked, type Told } from '../../../test/support/stub-platform.js'
import type { Listing } from '../port.js'
import { LumaAdapter } from './luma-adapter.js'

// What the documentation leaves open, as others may have it than our simulator does.

const LISTING: Listing = { externalEventId: 'evt-1', externalTicketClassId: null, acknowledgedCap: null }
const NOBODY = { entries: [], has_more: false }
const URL_HERE = 'https://tickets.example.com/webhooks/luma'

async function adapterTo(answer: (asked: Asked) => Told) {
  const { http, asked, url } = await scripted('LUMA', answer)
  const adapter = new LumaAdapter({ config: { apiUrl: url, apiKey: 'k' }, http, now: () => new Date() })
  return { adapter, asked, writes: () => asked.filter(({ method }) => method === 'POST').map(({ body }) => body) }
}

/** An event with these ticket types and nobody in; writes are kept, but as `refuse` says. */
function eventWith(
  types: { id: string; max_capacity: number | null; is_hidden?: boolean }[],
  refuse = (_: Asked) => false,
) {
  return (asked: Asked): Told => {
    if (refuse(asked)) return { status: 400, json: { message: 'not here' } }
    const body = asked.body as Record<string, unknown>
    switch (asked.path) {
      case '/v1/events/ticket-types/list':
        return { json: { entries: types } }
      case '/v1/events/ticket-types/update': {
        const type = types.find(({ id }) => id === body['event_ticket_type_id'])
        return { json: Object.assign(type ?? {}, { max_capacity: body['max_capacity'] }) }
      }
      case '/v1/events/guests/list':
        return { json: NOBODY }
      default:
        return { json: {} }
    }
  }
}

describe('the cap of the event beside that of its only ticket type', () => {
  it.each([true, false])('may be refused (%s): the type’s is what counts', async (refused) => {
    const types = [{ id: 'a', max_capacity: 80 }]
    const { adapter, writes } = await adapterTo(eventWith(types, ({ path }) => refused && path === '/v1/events/update'))
    expect(valueOf(await adapter.writeCap(LISTING, 40, CONTEXT))).toMatchObject({ cap: 40, mode: 'OPEN' })
    expect(types).toEqual([{ id: 'a', max_capacity: 40 }])
    expect(writes()).toHaveLength(2)
  })

  it('is needed where there are several types, and a refusal of it is one', async () => {
    const types = [
      { id: 'a', max_capacity: 80 },
      { id: 'b', max_capacity: 20 },
    ]
    const { adapter } = await adapterTo(eventWith(types, ({ path }) => path === '/v1/events/update'))
    expect(await adapter.writeCap(LISTING, 40, CONTEXT)).toMatchObject({ kind: 'REJECTED' })
    expect(types.map(({ max_capacity }) => max_capacity)).toEqual([80, 20])
  })
})

describe('ticket types', () => {
  it('that are hidden keep their limit, unless all are', async () => {
    const types = [
      { id: 'a', max_capacity: 50 },
      { id: 'b', max_capacity: null, is_hidden: true },
    ]
    const { adapter } = await adapterTo(eventWith(types))
    expect(valueOf(await adapter.writeCap(LISTING, 40, CONTEXT)).cap).toBe(40)
    expect(types).toMatchObject([{ max_capacity: 40 }, { max_capacity: null }])
    Object.assign(types[0] ?? {}, { max_capacity: 1, is_hidden: true })
    valueOf(await adapter.readChannel(LISTING, CONTEXT))
    expect(valueOf(await adapter.writeCap(LISTING, 40, CONTEXT)).cap).toBe(40)
    expect(types).toMatchObject([{ max_capacity: 20 }, { max_capacity: 20 }])
  })

  it('with a cap of 0 may be without one', async () => {
    const { adapter } = await adapterTo(eventWith([{ id: 'a', max_capacity: 0 }]))
    expect(valueOf(await adapter.readChannel(LISTING, CONTEXT))).toMatchObject({ cap: null, capSource: 'none' })
  })
})

describe('the guest list', () => {
  const guest = (id: string, registered_at: string | null) => ({
    id,
    approval_status: 'approved',
    registered_at,
    event_tickets: null,
  })

  it.each([
    [100, 1],
    [50, 2],
  ])('of a server that takes %d rows at most is read all the same', async (most, calls) => {
    const { adapter, asked } = await adapterTo(({ path, query }) => {
      if (path !== '/v1/events/guests/list') return { json: {} }
      const tooMany = Number(query.get('pagination_limit') ?? 0) > most
      if (tooMany) return { status: 400, json: { message: 'pagination_limit is too large' } }
      return { json: { entries: [guest('g', '2026-11-05T18:00:00+00:00')], has_more: false, next_cursor: null } }
    })
    const page = valueOf(await adapter.listOrders(LISTING, 'changed', null, CONTEXT))
    expect(page.snapshots).toMatchObject([{ orderId: 'g', tickets: [{ ticketId: 'g#0', live: true }] }])
    expect(asked).toHaveLength(calls)
    await adapter.listOrders(LISTING, 'changed', null, CONTEXT)
    expect(asked).toHaveLength(calls + 1)
  })

  it.each([
    ['newest first', ['2026-11-05T18:00:00Z', '2026-11-05T09:00:00Z', null], true],
    ['oldest first', ['2026-11-05T09:00:00Z', '2026-11-05T18:00:00Z', '2026-11-05T09:30:00Z'], false],
  ] as const)('%s: the watermark ends only a list that is sorted', async (_name, times, done) => {
    const entries = times.map((time, index) => guest(`g${index}`, time))
    const { adapter } = await adapterTo(() => ({ json: { entries, has_more: true, next_cursor: 'c' } }))
    const since = { watermark: '2026-11-05T17:00:00.000Z' }
    expect(valueOf(await adapter.listOrders(LISTING, 'changed', since, CONTEXT)).done).toBe(done)
  })
})

describe('the list of webhooks', () => {
  const hook = { id: 'wh-1', url: URL_HERE, event_types: ['*'], status: 'active', secret: 'whsec_1', created_at: null }

  it.each([
    ['a page', { entries: [hook], has_more: false }],
    ['entries alone', { entries: [hook] }],
    ['a named list', { webhooks: [hook] }],
    ['a bare list', [hook]],
    ['wrapped items', { entries: [{ webhook: hook }] }],
    ['items without a status or a secret', [{ ...hook, status: undefined, secret: undefined }]],
  ])('may come as %s', async (_name, json) => {
    const { adapter, writes } = await adapterTo(() => ({ json }))
    expect(valueOf(await adapter.ensureWebhookSubscription(URL_HERE, CONTEXT))).toMatchObject({
      id: 'wh-1',
      created: false,
    })
    expect(writes()).toEqual([])
  })

  it('is not read as empty where it is no list', async () => {
    const { adapter, writes } = await adapterTo(() => ({ json: { message: 'hello' } }))
    expect(await adapter.ensureWebhookSubscription(URL_HERE, CONTEXT)).toMatchObject({ code: 'CONTRACT' })
    expect(writes()).toEqual([])
  })

  it.each([
    ['bare', hook],
    ['wrapped', { webhook: hook }],
  ])('a new one may come %s; its secret is believed', async (_name, json) => {
    const { adapter } = await adapterTo(({ method }) => ({ json: method === 'POST' ? json : [] }))
    const ensured = valueOf(await adapter.ensureWebhookSubscription(URL_HERE, CONTEXT))
    expect(ensured).toEqual({ id: 'wh-1', created: true, secret: 'whsec_1' })
  })
})

describe('answers of other forms', () => {
  it.each([
    ['bare', { waitlist_status: 'disabled' }, false],
    ['wrapped', { event: { waitlist_status: 'enabled' } }, true],
    ['silent', {}, null],
  ])('an event is read %s', async (_name, event, available) => {
    const types = eventWith([{ id: 'a', max_capacity: 5 }])
    const { adapter } = await adapterTo((asked) => (asked.path === '/v1/events/get' ? { json: event } : types(asked)))
    expect(valueOf(await adapter.readChannel(LISTING, CONTEXT)).waitlistAvailable).toBe(available)
  })

  it.each<[string, Told, string]>([
    ['words', { status: 404, text: 'Guest not found', type: 'text/plain' }, 'OK'],
    ['nothing', { status: 404 }, 'OK'],
    ['JSON', { status: 404, json: { error: 'nope' } }, 'OK'],
    ['a page of a proxy', { status: 404, text: '<html>', type: 'text/html' }, 'UNAVAILABLE'],
  ])('a guest who is not there, in %s', async (_name, told, kind) => {
    const { adapter } = await adapterTo(() => told)
    expect((await adapter.getOrder(LISTING, 'g', CONTEXT)).kind).toBe(kind)
  })

  it.each([200, 201, 204])('a write is done with %d', async (status) => {
    const { adapter } = await adapterTo((asked) =>
      asked.method === 'POST' ? { status } : { json: asked.path.includes('types') ? { entries: [] } : NOBODY },
    )
    expect(valueOf(await adapter.writeCap(LISTING, 9, CONTEXT)).cap).toBe(9)
  })

  it.each([404, 400])('an API without a description (%d) is asked for one once', async (status) => {
    const { adapter, asked } = await adapterTo((one) =>
      one.path === '/openapi.json' ? { status, json: {} } : eventWith([{ id: 'a', max_capacity: 5 }])(one),
    )
    for (let i = 0; i < 3; i++) valueOf(await adapter.setMode(LISTING, 'WAITLIST_ONLY', 1, CONTEXT))
    expect(asked.filter(({ path }) => path === '/openapi.json')).toHaveLength(1)
  })
})

describe('a delivery of a type that is new', () => {
  it('needs no data to be told apart from what is none', async () => {
    const { adapter } = await adapterTo(() => ({}))
    const parse = (body: object) => adapter.parseDelivery(Buffer.from(JSON.stringify(body)))
    expect(parse({ type: 'webhook.ping' })).toMatchObject([{ kind: 'NONE' }])
    for (const body of [{}, { data: {} }, { type: 'guest.updated' }, { type: 'event.updated', data: [] }]) {
      expect(parse(body)).toBeNull()
    }
  })
})
