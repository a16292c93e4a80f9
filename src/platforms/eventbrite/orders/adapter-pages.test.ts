import { describe, expect, it } from 'vitest'
import { LIVE_ATTENDEE } from '../../../../test/support/platforms/eventbrite-samples.js'
import { listingOf, TOKEN, valueOf } from '../../../../test/support/platforms/eventbrite.js'
import {
  startStubPlatform,
  type StubRequest,
  type StubResponse,
} from '../../../../test/support/platforms/stub-platform.js'
import type { CallContext, Cursor } from '../../port.js'
import { EventbriteAdapter } from '../eventbrite-adapter.js'

const BULK: CallContext = { lane: 'bulk' }
const NOW = new Date('2026-11-07T12:00:00.000Z')
const LISTING = listingOf('1999000000001')

async function adapterTo(respond: (request: StubRequest) => StubResponse) {
  const { http, requests, url } = await startStubPlatform('EVENTBRITE', respond)
  const config = { apiUrl: `${url}/v3`, token: TOKEN, webhookToken: null }
  return { adapter: new EventbriteAdapter({ config, http, now: () => NOW }), requests }
}

const page = (attendees: unknown[], pagination: object = { has_more_items: false }) => ({
  json: { pagination: { object_count: attendees.length, ...pagination }, attendees },
})

describe('EventbriteAdapter with an unreadable row', () => {
  it.each([
    [
      'without an order id',
      { order_id: null },
      'attendee 22800000009: the response has no usable "attendees.order_id"',
    ],
    [
      'with a fractional quantity',
      { quantity: 0.5 },
      'attendee 22800000009: the response has no usable "attendees.quantity"',
    ],
    [
      'with a negative quantity',
      { quantity: -2 },
      'attendee 22800000009: the response has no usable "attendees.quantity"',
    ],
    ['without an id', { id: undefined }, 'attendee without an id: the response has no usable "attendees.id"'],
  ])('returns a row %s with the reason, and reads the other rows', async (_name, change, reason) => {
    const bad = { ...LIVE_ATTENDEE, id: '22800000009', order_id: '15600000009', ...change }
    const { adapter } = await adapterTo(() => page([bad, LIVE_ATTENDEE]))
    const read = valueOf(await adapter.listOrders(LISTING, 'full', null, BULK))
    expect(read.unreadable).toEqual([{ orderId: bad.order_id, reason }])
    expect(read.snapshots).toMatchObject([{ orderId: LIVE_ATTENDEE.order_id, tickets: [{ live: true }] }])
    expect(read.done).toBe(true)
    expect(JSON.stringify(read.unreadable)).not.toMatch(/Ana|example\.com/)
  })

  it('returns rows of other JSON types as unreadable', async () => {
    const { adapter } = await adapterTo(() => page([null, 7, 'x', [], LIVE_ATTENDEE]))
    const read = valueOf(await adapter.listOrders(LISTING, 'full', null, BULK))
    expect(read.unreadable).toHaveLength(4)
    expect(read.snapshots).toHaveLength(1)
  })

  it('counts an unreadable row as a row of the list', async () => {
    const { adapter } = await adapterTo(() => page([{ ...LIVE_ATTENDEE, order_id: null }]))
    expect(valueOf(await adapter.listOrders(LISTING, 'full', null, BULK))).toMatchObject({
      snapshots: [],
      done: true,
      platformCount: 1,
    })
  })

  it('returns an order with an unreadable attendee as incomplete', async () => {
    const order = { id: '15600000001', event_id: '1999000000001', changed: '2026-11-05T18:00:12Z', status: 'placed' }
    const attendees = [LIVE_ATTENDEE, { ...LIVE_ATTENDEE, id: null }]
    const { adapter } = await adapterTo(() => ({ json: { ...order, attendees } }))
    expect(valueOf(await adapter.getOrder(null, '15600000001', BULK))).toMatchObject({
      complete: false,
      tickets: [{ ticketId: LIVE_ATTENDEE.id }],
    })
  })
})

describe('EventbriteAdapter with an attendee without a change time', () => {
  it('dates the order to the read, and does not advance the watermark', async () => {
    const { adapter } = await adapterTo(() => page([{ ...LIVE_ATTENDEE, changed: undefined, event_id: null }]))
    const read = valueOf(await adapter.listOrders(LISTING, 'full', null, BULK))
    expect(read.unreadable).toEqual([])
    expect(read.snapshots).toMatchObject([{ externalEventId: '1999000000001', version: NOW.toISOString() }])
    expect(Date.parse(String(read.nextCursor.since))).toBeLessThan(NOW.getTime())
  })
})

describe('EventbriteAdapter with malformed text', () => {
  it('returns well-formed Unicode without U+0000', async () => {
    const profile = { name: 'A\u0000na \ud83d', email: 'ana@example.com' }
    const { adapter } = await adapterTo(() => page([{ ...LIVE_ATTENDEE, profile }]))
    const [order] = valueOf(await adapter.listOrders(LISTING, 'full', null, BULK)).snapshots
    expect(order?.buyer).toEqual({ name: 'Ana \ufffd', email: 'ana@example.com' })
  })
})

describe('EventbriteAdapter with a list that does not progress', () => {
  const rows = (first: number) =>
    Array.from({ length: 50 }, (_, i) => ({ ...LIVE_ATTENDEE, id: String(first + i), order_id: String(first + i) }))

  it.each([
    ['the same token forever', (n: number) => page(rows(n * 50), { has_more_items: true, continuation: 'same' })],
    ['the first page forever', () => page(rows(0), { object_count: 500, has_more_items: true })],
    ['empty pages', () => page([], { object_count: 500, has_more_items: true, continuation: 'x' })],
    [
      'two alternating pages',
      (n: number) => page(rows((n % 2) * 50), { object_count: 100, has_more_items: true, continuation: `c${n}` }),
    ],
  ])('returns UNAVAILABLE within 20 calls for %s', async (_name, respond) => {
    let n = 0
    const order = { id: '1', event_id: '1', changed: '2026-11-05T18:00:12Z', attendees: [LIVE_ATTENDEE] }
    const { adapter, requests } = await adapterTo(({ path }) =>
      path.includes('/orders/') ? { json: order } : respond(n++),
    )
    let cursor: Cursor | null = null
    for (let pages = 0; pages < 100; pages++) {
      const read = await adapter.listOrders(LISTING, 'full', cursor, BULK)
      if (read.kind !== 'OK') {
        expect(read).toMatchObject({ kind: 'UNAVAILABLE' })
        break
      }
      expect(read.value.done).toBe(false)
      cursor = JSON.parse(JSON.stringify(read.value.nextCursor)) as Cursor
    }
    // Not counting the orders that continue from an earlier page, which are read as a whole.
    expect(requests.filter(({ path }) => path.includes('/attendees/')).length).toBeLessThan(20)
  })

  it.each([
    ['the same token forever', { has_more_items: true, continuation: 'same' }],
    ['no end', { has_more_items: true }],
  ])('returns UNAVAILABLE for a short list with %s', async (_name, pagination) => {
    const { adapter, requests } = await adapterTo(() => ({ json: { pagination, organizations: [{ id: '1' }] } }))
    expect(await adapter.checkAccess(null, BULK)).toMatchObject({ kind: 'UNAVAILABLE' })
    expect(requests.length).toBeLessThanOrEqual(41)
  })
})
