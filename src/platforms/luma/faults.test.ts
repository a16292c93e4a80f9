import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CONTEXT, failureOf, lumaStage, valueOf, type LumaStage } from '../../../test/support/luma.js'
import type { Listing } from '../port.js'

let stage: LumaStage
let listing: Listing
let eventId: string
beforeEach(async () => {
  stage = await lumaStage({}, {}, { callMs: 600 })
  const made = stage.listed({ ticketTypes: [{ maxCapacity: 20 }] })
  listing = made.listing
  eventId = made.truth.eventId
})
afterEach(() => stage.close())

const capNow = () => stage.simulator.control.truth(eventId).cap
const readCap = async () => valueOf(await stage.adapter.readChannel(listing, CONTEXT)).cap

describe('a write whose answer is lost', () => {
  it('is unknown after a timeout although it was applied, and a read settles it', async () => {
    stage.simulator.knobs.patch({ timeoutAfterApply: 1 })
    expect(failureOf(await stage.adapter.writeCap(listing, 12, CONTEXT)).kind).toBe('UNKNOWN')
    stage.simulator.knobs.patch({ timeoutAfterApply: 0 })
    expect(capNow()).toBe(12)
    expect(await readCap()).toBe(12)
  })

  it('may land after a read has shown the old cap', async () => {
    stage.simulator.knobs.patch({ timeoutBeforeApply: 1, lateApplyMs: 1_500 })
    expect(failureOf(await stage.adapter.writeCap(listing, 30, CONTEXT)).kind).toBe('UNKNOWN')
    stage.simulator.knobs.patch({ timeoutBeforeApply: 0 })
    expect(await readCap()).toBe(20)
    await expect.poll(capNow, { timeout: 5_000 }).toBe(30)
  })

  it.each([
    ['an error page', { serverErrorRate: 1, serverErrorHtml: true }],
    ['a JSON error', { serverErrorRate: 1 }],
    ['a reset', { connectionReset: 1 }],
  ])('is unknown after %s', async (_name, knobs) => {
    stage.simulator.knobs.patch(knobs)
    expect(failureOf(await stage.adapter.writeCap(listing, 12, CONTEXT)).kind).toBe('UNKNOWN')
  })

  it('is unknown where the answer names no cap, for it was done', async () => {
    const own = await lumaStage()
    const { listing: other } = own.listed({ ticketTypes: [{ maxCapacity: 5 }] })
    const { types } = own.simulator.control.sim.store.event(other.externalEventId)
    Object.defineProperty(types[0], 'maxCapacity', {
      get: () => null,
      set() {
        // The write is taken, and the answer does not show it.
      },
    })
    expect(failureOf(await own.adapter.writeCap(other, 3, CONTEXT))).toMatchObject({
      kind: 'UNKNOWN',
      reason: expect.stringContaining('max_capacity') as unknown,
    })
    await own.close()
  })
})

describe('a read that fails', () => {
  it.each([
    ['an error page', { serverErrorRate: 1, serverErrorHtml: true }],
    ['a reset', { connectionReset: 1 }],
    ['a timeout', { timeoutBeforeApply: 1 }],
    ['an outage', { outageUntil: Date.now() + 600_000 }],
  ])('is unavailable after %s', async (_name, knobs) => {
    stage.simulator.knobs.patch(knobs)
    expect(failureOf(await stage.adapter.readChannel(listing, CONTEXT)).kind).toBe('UNAVAILABLE')
    expect(failureOf(await stage.adapter.getOrder(listing, 'gst-x', CONTEXT)).kind).toBe('UNAVAILABLE')
  })

  it('says nothing after a truncated page, and goes on from where it was', async () => {
    stage.sell(eventId, 20)
    stage.simulator.knobs.patch({ truncatedPage: 1 })
    expect(failureOf(await stage.adapter.readChannel(listing, CONTEXT)).kind).toBe('UNAVAILABLE')
    const first = valueOf(await stage.adapter.listOrders(listing, 'full', null, CONTEXT))
    expect(first.done).toBe(false)
    const next = await stage.adapter.listOrders(listing, 'full', first.nextCursor, CONTEXT)
    expect(failureOf(next).kind).toBe('UNAVAILABLE')
  })

  it('never ends a listing early over an empty page that is not the last', async () => {
    stage.simulator.control.setCap(eventId, 500, listing.externalTicketClassId ?? '')
    stage.sell(eventId, 400)
    stage.simulator.knobs.patch({ emptyPage: 1 })
    const first = valueOf(await stage.adapter.listOrders(listing, 'full', null, CONTEXT))
    expect(first).toMatchObject({ snapshots: [], done: false })
    stage.simulator.knobs.patch({ emptyPage: 0 })
    const second = valueOf(await stage.adapter.listOrders(listing, 'full', first.nextCursor, CONTEXT))
    expect(second.snapshots).toHaveLength(100)
  })

  it('serves lists older than single reads under read lag', async () => {
    const [guest = ''] = stage.sell(eventId, 2)
    stage.simulator.knobs.patch({ readLagMs: 60_000 })
    expect(valueOf(await stage.adapter.listOrders(listing, 'full', null, CONTEXT)).snapshots).toEqual([])
    expect(valueOf(await stage.adapter.getOrder(listing, guest, CONTEXT))?.tickets).toHaveLength(2)
  })
})

describe('throttling', () => {
  it('stays away for a whole minute after a 429, for reads and writes alike', async () => {
    stage.simulator.knobs.patch({ throttleRate: 1 })
    const outcome = failureOf(await stage.adapter.writeCap(listing, 12, CONTEXT))
    expect(outcome.kind).toBe('THROTTLED')
    const waitMs = outcome.kind === 'THROTTLED' ? outcome.resumeAt.getTime() - Date.now() : 0
    expect(waitMs).toBeGreaterThan(60_000)
    expect(waitMs).toBeLessThan(70_000)
    stage.simulator.knobs.patch({ throttleRate: 0 })
    const calls = stage.simulator.trace.query().calls.length
    expect(failureOf(await stage.adapter.readChannel(listing, CONTEXT)).kind).toBe('THROTTLED')
    expect(stage.simulator.trace.query().calls).toHaveLength(calls)
    expect(capNow()).toBe(20)
  })

  it('meets the platform’s own limit, in either form of its reset header', async () => {
    for (const resetHeader of ['unix', 'iso'] as const) {
      const own = await lumaStage({ limits: { calendar: 3 }, toggles: { resetHeader } })
      const { listing: other } = own.listed()
      expect(failureOf(await own.adapter.readChannel(other, CONTEXT)).kind).toBe('THROTTLED')
      expect(own.limiter.observed).toBe(3)
      expect(own.limiter.blockedUntil).toBeGreaterThan(Date.now() + 60_000)
      await own.close()
    }
  })

  it('waits for a little budget within an operation, and hands a longer wait on', async () => {
    stage.limiter.waits.push(30, 0, 0, 20)
    expect(await readCap()).toBe(20)
    stage.limiter.waits.push(30_000)
    expect(failureOf(await stage.adapter.readChannel(listing, CONTEXT)).kind).toBe('THROTTLED')
  })
})

describe('refusals', () => {
  it('stops at a wrong key and without one', async () => {
    const wrong = await lumaStage({}, { apiKey: 'wrong' })
    const { listing: other } = wrong.listed()
    expect(failureOf(await wrong.adapter.readChannel(other, CONTEXT)).kind).toBe('AUTH_FAILED')
    expect(failureOf(await wrong.adapter.writeCap(other, 5, CONTEXT)).kind).toBe('AUTH_FAILED')
    await wrong.close()
    const none = await lumaStage({}, { apiKey: null })
    expect(none.adapter.configured).toBe(false)
    expect(failureOf(await none.adapter.getOrder(other, 'gst-x', CONTEXT)).kind).toBe('AUTH_FAILED')
    await none.close()
  })

  it('never sends a byte when nobody listens', async () => {
    const closed = await lumaStage({}, { apiUrl: 'http://127.0.0.1:1' })
    expect(failureOf(await closed.adapter.writeCap(listing, 5, CONTEXT)).kind).toBe('NOT_SENT')
    expect(failureOf(await closed.adapter.readChannel(listing, CONTEXT)).kind).toBe('UNAVAILABLE')
    await closed.close()
  })
})
