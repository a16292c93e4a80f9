import { describe, expect, it } from 'vitest'
import { LIVE_ATTENDEE } from '../../../test/support/eventbrite-samples.js'
import { listingOf, TOKEN, valueOf } from '../../../test/support/eventbrite.js'
import { scripted, type Asked, type Told } from '../../../test/support/stub-platform.js'
import type { CallContext, Cursor } from '../port.js'
import { EventbriteAdapter } from './eventbrite-adapter.js'

const BULK: CallContext = { lane: 'bulk' }
const NOW = new Date('2026-11-07T12:00:00.000Z')
const LISTING = listingOf('1999000000001')

async function adapterTo(answer: (asked: Asked) => Told) {
  const { http, asked, url } = await scripted('EVENTBRITE', answer)
  const config = { apiUrl: `${url}/v3`, token: TOKEN, webhookToken: null }
  return { adapter: new EventbriteAdapter({ config, http, now: () => NOW }), asked }
}

const page = (attendees: unknown[], pagination: object = { has_more_items: false }) => ({
  json: { pagination: { object_count: attendees.length, ...pagination }, attendees },
})

describe('a row that cannot be read', () => {
  it.each([
    ['without an order', { order_id: null }, 'attendee 22800000009: the answer has no usable "attendees.order_id"'],
    ['with half a seat', { quantity: 0.5 }, 'attendee 22800000009: the answer has no usable "attendees.quantity"'],
    ['with less than a seat', { quantity: -2 }, 'attendee 22800000009: the answer has no usable "attendees.quantity"'],
    ['without an id', { id: undefined }, 'attendee without an id: the answer has no usable "attendees.id"'],
  ])('(%s) is set apart with the reason, and its neighbours are read', async (_name, change, reason) => {
    const bad = { ...LIVE_ATTENDEE, id: '22800000009', order_id: '15600000009', ...change }
    const { adapter } = await adapterTo(() => page([bad, LIVE_ATTENDEE]))
    const read = valueOf(await adapter.listOrders(LISTING, 'full', null, BULK))
    expect(read.unreadable).toEqual([{ orderId: bad.order_id, reason }])
    expect(read.snapshots).toMatchObject([{ orderId: LIVE_ATTENDEE.order_id, tickets: [{ live: true }] }])
    expect(read.done).toBe(true)
    expect(JSON.stringify(read.unreadable)).not.toMatch(/Ana|example\.com/)
  })

  it('is set apart whatever it is', async () => {
    const { adapter } = await adapterTo(() => page([null, 7, 'x', [], LIVE_ATTENDEE]))
    const read = valueOf(await adapter.listOrders(LISTING, 'full', null, BULK))
    expect(read.unreadable).toHaveLength(4)
    expect(read.snapshots).toHaveLength(1)
  })

  it('does not count as the end of a list, nor as missing from it', async () => {
    const { adapter } = await adapterTo(() => page([{ ...LIVE_ATTENDEE, order_id: null }]))
    expect(valueOf(await adapter.listOrders(LISTING, 'full', null, BULK))).toMatchObject({
      snapshots: [],
      done: true,
      platformCount: 1,
    })
  })

  it('in an order leaves the order incomplete', async () => {
    const order = { id: '15600000001', event_id: '1999000000001', changed: '2026-11-05T18:00:12Z', status: 'placed' }
    const attendees = [LIVE_ATTENDEE, { ...LIVE_ATTENDEE, id: null }]
    const { adapter } = await adapterTo(() => ({ json: { ...order, attendees } }))
    expect(valueOf(await adapter.getOrder(null, '15600000001', BULK))).toMatchObject({
      complete: false,
      tickets: [{ ticketId: LIVE_ATTENDEE.id }],
    })
  })
})

describe('an attendee that does not say when it changed', () => {
  it('counts as changed when it was read, and moves no watermark', async () => {
    const { adapter } = await adapterTo(() => page([{ ...LIVE_ATTENDEE, changed: undefined, event_id: null }]))
    const read = valueOf(await adapter.listOrders(LISTING, 'full', null, BULK))
    expect(read.unreadable).toEqual([])
    expect(read.snapshots).toMatchObject([{ externalEventId: '1999000000001', version: NOW.toISOString() }])
    expect(Date.parse(String(read.nextCursor.since))).toBeLessThan(NOW.getTime())
  })
})

describe('text', () => {
  it('is well-formed, whatever comes', async () => {
    const profile = { name: 'A\u0000na \ud83d', email: 'ana@example.com' }
    const { adapter } = await adapterTo(() => page([{ ...LIVE_ATTENDEE, profile }]))
    const [order] = valueOf(await adapter.listOrders(LISTING, 'full', null, BULK)).snapshots
    expect(order?.buyer).toEqual({ name: 'Ana \ufffd', email: 'ana@example.com' })
  })
})

describe('a list that does not get on', () => {
  const rows = (first: number) =>
    Array.from({ length: 50 }, (_, i) => ({ ...LIVE_ATTENDEE, id: String(first + i), order_id: String(first + i) }))

  it.each([
    ['the same token for ever', (n: number) => page(rows(n * 50), { has_more_items: true, continuation: 'same' })],
    ['the first page for ever', () => page(rows(0), { object_count: 500, has_more_items: true })],
    ['empty pages', () => page([], { object_count: 500, has_more_items: true, continuation: 'x' })],
    [
      'two pages in turn',
      (n: number) => page(rows((n % 2) * 50), { object_count: 100, has_more_items: true, continuation: `c${n}` }),
    ],
  ])('(%s) ends as UNAVAILABLE within few calls', async (_name, answer) => {
    let n = 0
    const order = { id: '1', event_id: '1', changed: '2026-11-05T18:00:12Z', attendees: [LIVE_ATTENDEE] }
    const { adapter, asked } = await adapterTo(({ path }) =>
      path.includes('/orders/') ? { json: order } : answer(n++),
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
    // Beside the orders of which an earlier page showed a part, which are read whole.
    expect(asked.filter(({ path }) => path.includes('/attendees/')).length).toBeLessThan(20)
  })

  it.each([
    ['the same token for ever', { has_more_items: true, continuation: 'same' }],
    ['no end', { has_more_items: true }],
  ])('of what is short (%s) ends too', async (_name, pagination) => {
    const { adapter, asked } = await adapterTo(() => ({ json: { pagination, organizations: [{ id: '1' }] } }))
    expect(await adapter.checkAccess(null, BULK)).toMatchObject({ kind: 'UNAVAILABLE' })
    expect(asked.length).toBeLessThanOrEqual(41)
  })
})
