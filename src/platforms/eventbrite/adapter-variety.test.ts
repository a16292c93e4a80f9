import { describe, expect, it } from 'vitest'
import { listingOf, TOKEN, valueOf, WEBHOOK_TOKEN } from '../../../test/support/platforms/eventbrite.js'
import {
  startStubPlatform,
  type StubRequest,
  type StubResponse,
} from '../../../test/support/platforms/stub-platform.js'
import type { CallContext, Cursor, OrderPage, Outcome } from '../port.js'
import { EVENTBRITE_ACTIONS } from './config.js'
import { EventbriteAdapter } from './eventbrite-adapter.js'

// Behaviour that the documentation leaves open, in variants that the simulator does not have.

const GROW: CallContext = { lane: 'grow' }
const PROTECT: CallContext = { lane: 'protect' }
const CLASS = {
  id: '3450000001',
  capacity: 100,
  quantity_total: 100,
  quantity_sold: 40,
  hidden: false,
  sales_end: '2030-01-01T00:00:00Z',
}
const TIER = { capacity_total: 100, capacity_sold: 40, capacity_pending: 2 }

async function adapterTo(respond: (request: StubRequest) => StubResponse) {
  const { http, requests, url } = await startStubPlatform('EVENTBRITE', respond)
  const config = { apiUrl: `${url}/v3`, token: TOKEN, webhookToken: WEBHOOK_TOKEN }
  return { adapter: new EventbriteAdapter({ config, http, now: () => new Date() }), requests }
}

describe('listOrders with attendees in any order, a few per page', () => {
  const attendee = (n: number, order: number, changed: string) => ({
    id: String(n),
    order_id: String(order),
    event_id: '7',
    ticket_class_id: 3_450_000_001,
    changed: `2026-11-05T18:00:${changed}Z`,
    cancelled: false,
    refunded: false,
  })
  // Orders 10 and 11 are split across pages, the newer part first.
  const listed = [
    attendee(1, 10, '30'),
    attendee(2, 11, '29'),
    attendee(3, 12, '20'),
    attendee(4, 10, '10'),
    attendee(5, 11, '09'),
  ]

  /** Two per page; the next page by a constant token, a new token each, or by number. */
  function pages(paging: 'one token' | 'tokens' | 'numbers') {
    let pageNumber = 0
    return ({ path, query }: StubRequest): StubResponse => {
      const order = /orders\/(\d+)\/$/.exec(path)?.[1]
      if (order) {
        const attendees = listed.filter(({ order_id }) => order_id === order)
        return { json: { id: order, event_id: '7', changed: '2026-11-05T18:00:05Z', status: 'placed', attendees } }
      }
      const requestedPage = Number(query.get('page') ?? query.get('continuation') ?? 1)
      pageNumber = paging === 'one token' ? pageNumber + 1 : requestedPage
      const more = pageNumber < 3
      const token = { 'one token': 'scroll', tokens: String(pageNumber + 1), numbers: undefined }[paging]
      const pagination = { object_count: 5, page_number: pageNumber, page_count: 3, page_size: 2 }
      return {
        json: {
          pagination: { ...pagination, ...(paging === 'numbers' ? {} : { has_more_items: more, continuation: token }) },
          attendees: listed.slice((pageNumber - 1) * 2, pageNumber * 2),
        },
      }
    }
  }

  it.each(['one token', 'tokens', 'numbers'] as const)(
    'never returns an older version of an order than before (paging by %s)',
    async (paging) => {
      const { adapter, requests } = await adapterTo(pages(paging))
      const versions = new Map<string, string>()
      const seen = new Set<string>()
      let cursor: Cursor | null = null
      for (let done = false; !done;) {
        const page: OrderPage = valueOf(await adapter.listOrders(listingOf('7'), 'full', cursor, GROW))
        for (const { orderId, version, tickets } of page.snapshots) {
          expect(version >= (versions.get(orderId) ?? '')).toBe(true)
          versions.set(orderId, version)
          for (const { ticketId, ticketClassId } of tickets) seen.add(`${ticketId} of ${ticketClassId}`)
        }
        ;({ nextCursor: cursor, done } = page)
      }
      expect([...seen].toSorted()).toEqual([1, 2, 3, 4, 5].map((n) => `${n} of 3450000001`))
      expect(requests.filter(({ path }) => path.includes('/orders/'))).toHaveLength(2)
    },
  )

  it('returns UNAVAILABLE for a list that never ends', async () => {
    const { adapter, requests } = await adapterTo(({ path }) =>
      path.includes('/orders/')
        ? { status: 404, json: { status_code: 404, error: 'NOT_FOUND', error_description: '' } }
        : { json: { pagination: { object_count: 5, has_more_items: true, continuation: 'x' }, attendees: listed } },
    )
    let cursor: Cursor | null = null
    for (;;) {
      const page: Outcome<OrderPage> = await adapter.listOrders(listingOf('7'), 'changed', cursor, GROW)
      if (page.kind !== 'OK') {
        expect(page).toMatchObject({ kind: 'UNAVAILABLE' })
        break
      }
      cursor = page.value.nextCursor
      expect(requests.length).toBeLessThan(200)
    }
  })
})

describe('EventbriteAdapter with a ticket class that is not on sale for another reason', () => {
  it.each([
    ['without a sale status', { on_sale_status: undefined }, 'OPEN'],
    ['that is not on sale yet', { on_sale_status: 'NOT_YET_ON_SALE' }, 'UNKNOWN'],
    ['with a stale status', { on_sale_status: 'SOLD_OUT' }, 'UNKNOWN'],
    ['whose sale the organizer ended', { sales_end: '2026-01-01T12:00:00Z' }, 'WAITLIST_ONLY'],
  ] as const)('confirms a class %s as open and reads its actual mode', async (_name, fields, mode) => {
    const { adapter, requests } = await adapterTo(({ method, path, body }) => {
      if (path.endsWith('/capacity_tier/')) return { json: TIER }
      const written = method === 'POST' ? (body as { ticket_class: object }).ticket_class : {}
      return { json: { ...CLASS, ...fields, ...written } }
    })
    const listing = listingOf('7', CLASS.id)
    expect(valueOf(await adapter.setMode(listing, 'OPEN', 60, GROW))).toMatchObject({ cap: 60, mode: 'OPEN' })
    expect(valueOf(await adapter.writeCap(listing, 50, GROW))).toMatchObject({ cap: 50, mode: 'OPEN' })
    expect(valueOf(await adapter.readChannel(listing, GROW)).mode).toBe(mode)
    expect(requests.filter(({ method }) => method === 'POST').map(({ body }) => body)).toEqual([
      { ticket_class: { capacity: 60 } },
      { ticket_class: { capacity: 50 } },
    ])
  })

  it('confirms a whole event as open without classes, or with classes that lack most fields', async () => {
    for (const classes of [[], [{ id: 1 }]]) {
      const { adapter } = await adapterTo(({ path }) =>
        path.endsWith('/ticket_classes/')
          ? { json: { ticket_classes: classes } }
          : { json: { ...TIER, capacity_total: 60 } },
      )
      expect(valueOf(await adapter.setMode(listingOf('7'), 'OPEN', 60, GROW))).toMatchObject({ cap: 60, mode: 'OPEN' })
    }
  })
})

describe('writeCap with a response that lacks the result', () => {
  it.each([
    ['whole event', null],
    ['ticket class', CLASS.id],
  ])('confirms the cap of a %s only if the read-back shows it', async (_kind, classId) => {
    for (const stale of [true, false]) {
      let cap = 100
      const { adapter } = await adapterTo(({ method, path }) => {
        if (method === 'POST') {
          if (!stale) cap = 140
          return { json: {} }
        }
        return {
          json: path.endsWith('/capacity_tier/') ? { ...TIER, capacity_total: cap } : { ...CLASS, capacity: cap },
        }
      })
      const written = await adapter.writeCap(listingOf('7', classId), 140, GROW)
      if (stale) expect(written).toMatchObject({ kind: 'UNKNOWN' })
      else expect(written).toMatchObject({ kind: 'OK', value: { cap: 140 } })
    }
  })
})

describe('EventbriteAdapter with an event without a capacity tier', () => {
  it.each([404, 400])(
    'reads and writes a ticket class without carts when the tier request returns %d',
    async (status) => {
      const { adapter } = await adapterTo(({ path }) =>
        path.endsWith('/capacity_tier/')
          ? { status, json: { status_code: status, error: 'UNSUPPORTED_OPERATION', error_description: '' } }
          : { json: CLASS },
      )
      const listing = listingOf('7', CLASS.id)
      expect(valueOf(await adapter.readChannel(listing, PROTECT))).toMatchObject({ cap: 100, sold: 40, pending: 0 })
      expect(valueOf(await adapter.writeCap(listing, 100, PROTECT))).toMatchObject({ cap: 100, pending: 0 })
    },
  )

  it('requires the count of carts of a tier and no other field', async () => {
    const tiers: object[] = [{ capacity_pending: 3 }, { capacity_tier: { capacity_pending: 3 } }]
    for (const tier of tiers) {
      const { adapter } = await adapterTo(({ path }) => ({ json: path.endsWith('/capacity_tier/') ? tier : CLASS }))
      expect(valueOf(await adapter.readChannel(listingOf('7', CLASS.id), PROTECT)).pending).toBe(3)
    }
    const { adapter } = await adapterTo(({ path }) => ({ json: path.endsWith('/capacity_tier/') ? {} : CLASS }))
    expect(await adapter.readChannel(listingOf('7', CLASS.id), PROTECT)).toMatchObject({ code: 'CONTRACT' })
  })
})

describe('ensureWebhookSubscription with numeric ids', () => {
  it.each([
    [null, false],
    [undefined, false],
    [1_999_000_000_001, true],
  ])('replaces a subscription with event id %s: %s', async (eventId, created) => {
    const url = 'https://tickets.example.com/webhooks/eventbrite/x'
    const { adapter, requests } = await adapterTo(({ method, path, body }) => {
      if (path.includes('/users/')) return { json: { organizations: [{ id: 300 }] } }
      if (method === 'DELETE') return { status: 204 }
      const actions = EVENTBRITE_ACTIONS.join(',')
      if (method === 'POST') return { status: 201, json: { id: 16, ...(body as object) } }
      return { json: { webhooks: [{ id: 15, endpoint_url: url, actions, event_id: eventId }] } }
    })
    const ensured = valueOf(await adapter.ensureWebhookSubscription(url, PROTECT))
    expect(ensured).toMatchObject({ id: created ? '16' : '15', created })
    expect(requests.some(({ method, path }) => method === 'DELETE' && path === '/v3/webhooks/15/')).toBe(created)
  })
})
