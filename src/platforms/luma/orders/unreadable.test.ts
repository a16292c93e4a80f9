import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  CONTEXT,
  failureOf,
  startLumaHarness,
  valueOf,
  type LumaHarness,
} from '../../../../test/support/platforms/luma.js'
import { startStubPlatform } from '../../../../test/support/platforms/stub-platform.js'
import type { Cursor, OrderPage, Outcome } from '../../port.js'
import { LumaAdapter } from '../luma-adapter.js'

let harness: LumaHarness
beforeEach(async () => {
  harness = await startLumaHarness({ toggles: { invitedPerRegistration: 0 } })
})
afterEach(() => harness.close())

const callsTo = (operation: string) =>
  harness.simulator.trace.query().calls.filter((call) => call.operation === operation).length

/** Reads a full listing to its end or its first failure. */
async function listAll(
  externalEventId: string,
  maxCalls = 60,
): Promise<{ pages: OrderPage[]; end: Outcome<OrderPage> }> {
  const pages: OrderPage[] = []
  let cursor: Cursor | null = null
  const listing = { externalEventId, externalTicketClassId: null, acknowledgedCap: null }
  for (let call = 0; call < maxCalls; call++) {
    const page: Outcome<OrderPage> = await harness.adapter.listOrders(listing, 'full', cursor, CONTEXT)
    if (page.kind === 'OK') pages.push(page.value)
    if (page.kind !== 'OK' || page.value.done) return { pages, end: page }
    cursor = page.value.nextCursor
  }
  throw new Error('the listing did not end')
}

describe('LumaAdapter with a guest whose tickets are missing', () => {
  it('reports the guest as unreadable, reads the others, and counts it as a seat', async () => {
    const { truth, listing } = harness.createListing({ ticketTypes: [{ maxCapacity: 20 }] })
    const [incomplete, ...others] = harness.sell(truth.eventId, 7)
    harness.simulator.toggles.patch({ guestsWithoutTickets: 1 })
    const { pages } = await listAll(truth.eventId)
    expect(pages.flatMap(({ unreadable }) => unreadable ?? [])).toEqual([
      { orderId: incomplete, reason: expect.stringContaining('event_tickets') as unknown },
    ])
    expect(pages.flatMap(({ snapshots }) => snapshots.map(({ orderId }) => orderId))).toEqual(others)
    expect(valueOf(await harness.adapter.readChannel(listing, CONTEXT)).sold).toBe(1 + 2 + 2 + 1)
  })
})

describe('LumaAdapter with invalid rows', () => {
  it('reads and counts the valid rows', async () => {
    const seat = [{ id: 't-1' }]
    const guest = { approval_status: 'approved', event_tickets: seat }
    const entries: unknown[] = [
      { id: 'good:/+=@!', ...guest, user_name: 'half \ud83d an emoji\u0000' },
      { ...guest },
      { id: 'no-ids', approval_status: 'approved', event_tickets: [{}, {}, {}] },
      { id: 'zero\u0000', ...guest },
      { id: 'x'.repeat(201), ...guest },
      null,
      'row',
    ]
    const { http, url } = await startStubPlatform('LUMA', ({ path, query }) => {
      if (path === '/v1/events/guests/list') {
        return { json: { entries: query.get('approval_status') === 'approved' ? entries : [], has_more: false } }
      }
      return { json: path.includes('types') ? { entries: [] } : { id: 'evt-1' } }
    })
    const adapter = new LumaAdapter({ config: { apiUrl: url, apiKey: 'k' }, http, now: () => new Date(), sleep })
    const listing = { externalEventId: 'evt-1', externalTicketClassId: null, acknowledgedCap: 5 }
    const page = valueOf(await adapter.listOrders(listing, 'full', null, CONTEXT))
    expect(page.snapshots).toMatchObject([{ orderId: 'good:/+=@!', buyer: { name: 'half \ufffd an emoji' } }])
    expect(page.unreadable).toHaveLength(6)
    expect(valueOf(await adapter.readChannel(listing, CONTEXT)).sold).toBe(1 + 1 + 3 + 1 + 1 + 1 + 1)
  })
})

describe('LumaAdapter with lists that do not advance', () => {
  it.each(['repeat', 'cycle', 'empty'] as const)('fails within a few calls in every reader: %s', async (stuckList) => {
    const { truth, listing } = harness.createListing({ ticketTypes: [{ maxCapacity: 500 }] })
    harness.sell(truth.eventId, 8)
    harness.simulator.toggles.patch({ stuckList })
    const stuck = { kind: 'UNAVAILABLE', reason: expect.stringContaining('does not advance') as unknown }
    expect(failureOf(await harness.adapter.readChannel(listing, CONTEXT))).toMatchObject(stuck)
    expect(failureOf((await listAll(truth.eventId)).end)).toMatchObject(stuck)
    expect(callsTo('guests/list')).toBeLessThanOrEqual(12)
    const whole = { ...listing, externalTicketClassId: null }
    expect(failureOf(await harness.adapter.writeCap(whole, 10, CONTEXT))).toMatchObject(stuck)
    expect(callsTo('ticket-types/list')).toBeLessThanOrEqual(6)
    const url = 'https://tickets.example.com/webhooks/luma'
    expect(failureOf(await harness.adapter.ensureWebhookSubscription(url, CONTEXT))).toMatchObject(stuck)
    expect(callsTo('webhooks/list')).toBeLessThanOrEqual(6)
  })
})

describe('LumaAdapter with a removed event', () => {
  it.each(['notFound', 'empty'] as const)('returns GONE rather than an empty guest list: %s', async (goneGuestList) => {
    const { truth, listing } = harness.createListing()
    harness.sell(truth.eventId, 4)
    expect((await listAll(truth.eventId)).end.kind).toBe('OK')
    harness.simulator.control.cancelEvent(truth.eventId)
    harness.simulator.toggles.patch({ goneGuestList })
    const { pages, end } = await listAll(truth.eventId)
    expect(end.kind).toBe('GONE')
    expect(pages.some(({ done }) => done)).toBe(false)
    expect(failureOf(await harness.adapter.readChannel(listing, CONTEXT)).kind).toBe('GONE')
  })

  it.each([
    ['another event', { id: 'evt-2' }, 'GONE'],
    ['a cancelled one', { id: 'evt-1', canceled_at: '2026-11-20T12:00:00Z' }, 'GONE'],
    ['a cancelled status', { id: 'evt-1', status: 'cancelled' }, 'GONE'],
    ['no event', {}, 'UNAVAILABLE'],
  ])('fails an empty listing if the event route returns %s', async (_name, event, kind) => {
    const { http, url } = await startStubPlatform('LUMA', ({ path }) => ({
      json: path === '/v1/events/get' ? event : { entries: [], has_more: false },
    }))
    const adapter = new LumaAdapter({ config: { apiUrl: url, apiKey: 'k' }, http, now: () => new Date(), sleep })
    const listing = { externalEventId: 'evt-1', externalTicketClassId: null, acknowledgedCap: 5 }
    let end: Outcome<OrderPage> = await adapter.listOrders(listing, 'full', null, CONTEXT)
    while (end.kind === 'OK' && !end.value.done) {
      end = await adapter.listOrders(listing, 'full', end.value.nextCursor, CONTEXT)
    }
    expect(end.kind).toBe(kind)
    const reading = await adapter.readChannel(listing, CONTEXT)
    const state = reading.kind === 'OK' ? reading.value.listingState : reading.kind
    expect(state).toBe('status' in event || 'canceled_at' in event ? 'CANCELLED' : 'id' in event ? 'GONE' : 'LIVE')
  })
})
