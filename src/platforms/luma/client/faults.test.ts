import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  CONTEXT,
  failureOf,
  startLumaHarness,
  valueOf,
  type LumaHarness,
} from '../../../../test/support/platforms/luma.js'
import type { Listing } from '../../port.js'

let harness: LumaHarness
let listing: Listing
let eventId: string
beforeEach(async () => {
  harness = await startLumaHarness({}, {}, { callMs: 600 })
  const made = harness.createListing({ ticketTypes: [{ maxCapacity: 20 }] })
  listing = made.listing
  eventId = made.truth.eventId
})
afterEach(() => harness.close())

const capInForce = () => harness.simulator.control.truth(eventId).cap
const readCap = async () => valueOf(await harness.adapter.readChannel(listing, CONTEXT)).cap

describe('LumaAdapter writes without a response', () => {
  it('returns UNKNOWN after a timeout although the write was applied, and a read shows the cap', async () => {
    harness.simulator.knobs.patch({ timeoutAfterApply: 1 })
    expect(failureOf(await harness.adapter.writeCap(listing, 12, CONTEXT)).kind).toBe('UNKNOWN')
    harness.simulator.knobs.patch({ timeoutAfterApply: 0 })
    expect(capInForce()).toBe(12)
    expect(await readCap()).toBe(12)
  })

  it('returns UNKNOWN for a write that takes effect after a read has shown the old cap', async () => {
    harness.simulator.knobs.patch({ timeoutBeforeApply: 1, lateApplyMs: 1_500 })
    expect(failureOf(await harness.adapter.writeCap(listing, 30, CONTEXT)).kind).toBe('UNKNOWN')
    harness.simulator.knobs.patch({ timeoutBeforeApply: 0 })
    expect(await readCap()).toBe(20)
    await expect.poll(capInForce, { timeout: 5_000 }).toBe(30)
  })

  it.each([
    ['an error page', { serverErrorRate: 1, serverErrorHtml: true }],
    ['a JSON error', { serverErrorRate: 1 }],
    ['a connection reset', { connectionReset: 1 }],
  ])('returns UNKNOWN for a write after %s', async (_name, knobs) => {
    harness.simulator.knobs.patch(knobs)
    expect(failureOf(await harness.adapter.writeCap(listing, 12, CONTEXT)).kind).toBe('UNKNOWN')
  })

  it('returns UNKNOWN for an applied write whose response has no cap', async () => {
    const separate = await startLumaHarness()
    const { listing: other } = separate.createListing({ ticketTypes: [{ maxCapacity: 5 }] })
    const { types } = separate.simulator.control.context.state.event(other.externalEventId)
    Object.defineProperty(types[0], 'maxCapacity', {
      get: () => null,
      set() {
        // The write is accepted, but the response does not show it.
      },
    })
    expect(failureOf(await separate.adapter.writeCap(other, 3, CONTEXT))).toMatchObject({
      kind: 'UNKNOWN',
      reason: expect.stringContaining('max_capacity') as unknown,
    })
    await separate.close()
  })
})

describe('LumaAdapter reads during faults', () => {
  it.each([
    ['an error page', { serverErrorRate: 1, serverErrorHtml: true }],
    ['a connection reset', { connectionReset: 1 }],
    ['a timeout', { timeoutBeforeApply: 1 }],
    ['an outage', { outageUntil: Date.now() + 600_000 }],
  ])('returns UNAVAILABLE for a read after %s', async (_name, knobs) => {
    harness.simulator.knobs.patch(knobs)
    expect(failureOf(await harness.adapter.readChannel(listing, CONTEXT)).kind).toBe('UNAVAILABLE')
    expect(failureOf(await harness.adapter.getOrder(listing, 'gst-x', CONTEXT)).kind).toBe('UNAVAILABLE')
  })

  it('returns UNAVAILABLE after a truncated page, and keeps the position of the listing', async () => {
    harness.sell(eventId, 20)
    harness.simulator.knobs.patch({ truncatedPage: 1 })
    expect(failureOf(await harness.adapter.readChannel(listing, CONTEXT)).kind).toBe('UNAVAILABLE')
    const first = valueOf(await harness.adapter.listOrders(listing, 'full', null, CONTEXT))
    expect(first.done).toBe(false)
    const next = await harness.adapter.listOrders(listing, 'full', first.nextCursor, CONTEXT)
    expect(failureOf(next).kind).toBe('UNAVAILABLE')
  })

  it('continues a listing after an empty page that is not the last', async () => {
    harness.simulator.control.setCap(eventId, 500, listing.externalTicketClassId ?? '')
    harness.sell(eventId, 400)
    harness.simulator.knobs.patch({ emptyPage: 1 })
    const first = valueOf(await harness.adapter.listOrders(listing, 'full', null, CONTEXT))
    expect(first).toMatchObject({ snapshots: [], done: false })
    harness.simulator.knobs.patch({ emptyPage: 0 })
    const second = valueOf(await harness.adapter.listOrders(listing, 'full', first.nextCursor, CONTEXT))
    expect(second.snapshots).toHaveLength(100)
  })

  it('reads a single order that stale lists do not show yet', async () => {
    const [guest = ''] = harness.sell(eventId, 2)
    harness.simulator.knobs.patch({ readLagMs: 60_000 })
    expect(valueOf(await harness.adapter.listOrders(listing, 'full', null, CONTEXT)).snapshots).toEqual([])
    expect(valueOf(await harness.adapter.getOrder(listing, guest, CONTEXT))?.tickets).toHaveLength(2)
  })
})

describe('LumaAdapter throttling', () => {
  it('sends neither reads nor writes for a whole minute after a 429', async () => {
    harness.simulator.knobs.patch({ throttleRate: 1 })
    const outcome = failureOf(await harness.adapter.writeCap(listing, 12, CONTEXT))
    expect(outcome.kind).toBe('THROTTLED')
    const waitMs = outcome.kind === 'THROTTLED' ? outcome.resumeAt.getTime() - Date.now() : 0
    expect(waitMs).toBeGreaterThan(60_000)
    expect(waitMs).toBeLessThan(70_000)
    harness.simulator.knobs.patch({ throttleRate: 0 })
    const calls = harness.simulator.trace.query().calls.length
    expect(failureOf(await harness.adapter.readChannel(listing, CONTEXT)).kind).toBe('THROTTLED')
    expect(harness.simulator.trace.query().calls).toHaveLength(calls)
    expect(capInForce()).toBe(20)
  })

  it('blocks the limiter at the platform’s own limit, with either format of the reset header', async () => {
    for (const resetHeader of ['unix', 'iso'] as const) {
      const limited = await startLumaHarness({ limits: { calendar: 3 }, toggles: { resetHeader } })
      const { listing: other } = limited.createListing()
      expect(failureOf(await limited.adapter.readChannel(other, CONTEXT)).kind).toBe('THROTTLED')
      expect(limited.limiter.observed).toBe(3)
      expect(limited.limiter.blockedUntil).toBeGreaterThan(Date.now() + 60_000)
      await limited.close()
    }
  })

  it('waits for budget within an operation, and returns THROTTLED for a longer wait', async () => {
    harness.limiter.waitsMs.push(30, 0, 0, 20)
    expect(await readCap()).toBe(20)
    harness.limiter.waitsMs.push(30_000)
    expect(failureOf(await harness.adapter.readChannel(listing, CONTEXT)).kind).toBe('THROTTLED')
  })
})

describe('LumaAdapter refused calls', () => {
  it('returns AUTH_FAILED with a wrong key and without a key', async () => {
    const wrong = await startLumaHarness({}, { apiKey: 'wrong' })
    const { listing: other } = wrong.createListing()
    expect(failureOf(await wrong.adapter.readChannel(other, CONTEXT)).kind).toBe('AUTH_FAILED')
    expect(failureOf(await wrong.adapter.writeCap(other, 5, CONTEXT)).kind).toBe('AUTH_FAILED')
    await wrong.close()
    const none = await startLumaHarness({}, { apiKey: null })
    expect(none.adapter.configured).toBe(false)
    expect(failureOf(await none.adapter.getOrder(other, 'gst-x', CONTEXT)).kind).toBe('AUTH_FAILED')
    await none.close()
  })

  it('returns NOT_SENT for a write and UNAVAILABLE for a read when the connection is refused', async () => {
    const closed = await startLumaHarness({}, { apiUrl: 'http://127.0.0.1:1' })
    expect(failureOf(await closed.adapter.writeCap(listing, 5, CONTEXT)).kind).toBe('NOT_SENT')
    expect(failureOf(await closed.adapter.readChannel(listing, CONTEXT)).kind).toBe('UNAVAILABLE')
    await closed.close()
  })
})
