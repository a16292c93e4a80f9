import { describe, expect, it } from 'vitest'
import { listingOf, startHarness, TOKEN, valueOf } from '../../../../test/support/platforms/eventbrite.js'
import type { FaultKnobs } from '../../../../simulators/kit/index.js'
import type { CallContext } from '../../port.js'

const PROTECT: CallContext = { lane: 'protect' }
const BULK: CallContext = { lane: 'bulk' }

async function harnessWithEvent(knobs: Partial<FaultKnobs> = {}, token?: string | null) {
  const harness = await startHarness({ token, timeouts: { callMs: 250 } })
  const { control } = harness.simulator
  const { id, classes } = control.createEvent({ capacity: 100 })
  control.buy({ eventId: id, quantity: 3 })
  harness.simulator.knobs.patch(knobs)
  const byClass = listingOf(id, classes[0]?.id)
  return { ...harness, control, eventId: id, listing: listingOf(id), byClass }
}

describe('EventbriteAdapter with a lost response', () => {
  it('returns UNKNOWN for a write that was applied, and then reads the new cap', async () => {
    const { adapter, simulator, listing, control, eventId } = await harnessWithEvent({ timeoutAfterApply: 1 })
    expect(await adapter.writeCap(listing, 40, PROTECT)).toMatchObject({ kind: 'UNKNOWN' })
    expect(control.truth(eventId).capacity).toBe(40)
    simulator.knobs.patch({ timeoutAfterApply: 0 })
    expect(valueOf(await adapter.readChannel(listing, PROTECT)).cap).toBe(40)
  })

  it('returns UNKNOWN for a write that was not applied', async () => {
    const { adapter, simulator, listing, control, eventId } = await harnessWithEvent({ timeoutBeforeApply: 1 })
    expect(await adapter.writeCap(listing, 40, PROTECT)).toMatchObject({ kind: 'UNKNOWN' })
    simulator.knobs.patch({ timeoutBeforeApply: 0 })
    expect(valueOf(await adapter.readChannel(listing, PROTECT)).cap).toBe(100)
    expect(control.truth(eventId).capacity).toBe(100)
  })

  it('returns UNKNOWN for a write that takes effect late, and later reads the new cap', async () => {
    const { adapter, simulator, listing } = await harnessWithEvent({ timeoutBeforeApply: 1, lateApplyMs: 150 })
    expect(await adapter.writeCap(listing, 40, PROTECT)).toMatchObject({ kind: 'UNKNOWN' })
    simulator.knobs.patch({ timeoutBeforeApply: 0 })
    expect(valueOf(await adapter.readChannel(listing, PROTECT)).cap).toBe(100)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(valueOf(await adapter.readChannel(listing, PROTECT)).cap).toBe(40)
    expect(adapter.settleMs).toBe(15_000)
  })

  it.each([
    ['an HTML 5xx', { serverErrorRate: 1, serverErrorHtml: true }],
    ['a JSON 5xx', { serverErrorRate: 1 }],
    ['a connection reset', { connectionReset: 1 }],
    ['an outage', { outageUntil: Date.now() + 60_000 }],
  ])('returns UNKNOWN for a write and UNAVAILABLE for a read after %s', async (_name, knobs) => {
    const { adapter, listing } = await harnessWithEvent(knobs)
    expect(await adapter.writeCap(listing, 40, PROTECT)).toMatchObject({ kind: 'UNKNOWN' })
    expect(await adapter.readChannel(listing, PROTECT)).toMatchObject({ kind: 'UNAVAILABLE' })
    expect(await adapter.getOrder(listing, '15600000001', BULK)).toMatchObject({ kind: 'UNAVAILABLE' })
    expect(await adapter.listOrders(listing, 'full', null, BULK)).toMatchObject({ kind: 'UNAVAILABLE' })
  })

  it('returns NOT_SENT for a write when the connection is refused', async () => {
    const { adapter, simulator, listing } = await harnessWithEvent()
    await simulator.close()
    expect(await adapter.writeCap(listing, 40, PROTECT)).toMatchObject({ kind: 'NOT_SENT' })
  })

  it('returns UNKNOWN, never NOT_SENT, after an applied write of the same operation', async () => {
    const { adapter, simulator, byClass, control, eventId, limiter } = await harnessWithEvent()
    const { current } = simulator.toggles
    // The budget is exhausted between the write of the cap and the read of the carts.
    simulator.toggles.patch({ rateLimit: 1 })
    expect(await adapter.writeCap(byClass, 40, PROTECT)).toMatchObject({
      kind: 'UNKNOWN',
      reason: expect.stringContaining('THROTTLED') as string,
    })
    expect(control.truth(eventId).classes[0]?.capacity).toBe(40)
    expect(limiter.blockedUntil).not.toBeNull()
    simulator.toggles.patch({ rateLimit: current.rateLimit })
  })
})

describe('EventbriteAdapter under a rate limit', () => {
  it('blocks the budget until the platform’s reset, and changes nothing', async () => {
    const { adapter, simulator, listing, control, eventId, limiter } = await harnessWithEvent()
    simulator.toggles.patch({ rateLimit: 1 })
    valueOf(await adapter.readChannel(listing, PROTECT))
    const refused = await adapter.writeCap(listing, 40, PROTECT)
    expect(refused).toMatchObject({ kind: 'THROTTLED', resumeAt: limiter.blockedUntil })
    const wait = (limiter.blockedUntil?.getTime() ?? 0) - Date.now()
    expect(wait).toBeGreaterThan(3_590_000)
    expect(wait).toBeLessThan(3_605_000)
    expect(control.truth(eventId).capacity).toBe(100)
    // From now on our own limiter refuses, and no request is sent.
    const { length } = simulator.trace.query().calls
    expect(await adapter.readChannel(listing, PROTECT)).toMatchObject({ kind: 'THROTTLED' })
    expect(simulator.trace.query().calls).toHaveLength(length)
  })

  it('returns THROTTLED when other customers have exhausted the app key', async () => {
    const { adapter, simulator, listing, control } = await harnessWithEvent()
    simulator.toggles.patch({ rateLimit: 50 })
    valueOf(await adapter.readChannel(listing, PROTECT))
    control.spendAppKey(49)
    expect(await adapter.readChannel(listing, PROTECT)).toMatchObject({ kind: 'THROTTLED' })
  })

  it('blocks the budget for the time in Retry-After', async () => {
    const { adapter, simulator, listing, limiter } = await harnessWithEvent({ throttleRate: 1 })
    simulator.toggles.patch({ throttleSeconds: 30, retryAfterHeader: 'yes' })
    expect(await adapter.readChannel(listing, PROTECT)).toMatchObject({ kind: 'THROTTLED' })
    const wait = (limiter.blockedUntil?.getTime() ?? 0) - Date.now()
    expect(wait).toBeGreaterThan(29_000)
    expect(wait).toBeLessThan(34_000)
  })

  it('reports the bucket with the highest use to the limiter with every response', async () => {
    const { adapter, listing, control, limiter } = await harnessWithEvent()
    control.spendAppKey(1_500)
    valueOf(await adapter.readChannel(listing, PROTECT))
    expect(limiter.observed.at(-1)).toMatchObject({ used: 1_501, limit: 2_000 })
  })
})

describe('EventbriteAdapter credentials', () => {
  it.each([401, 400] as const)('returns AUTH_FAILED when the token is refused with %d', async (status) => {
    const { adapter, simulator, listing, limiter } = await harnessWithEvent({}, 'WRONGTOKEN')
    simulator.toggles.patch({ invalidAuthStatus: status })
    expect(await adapter.writeCap(listing, 40, PROTECT)).toMatchObject({ kind: 'AUTH_FAILED' })
    expect(limiter.blockedUntil).toBeNull()
  })

  it('returns AUTH_FAILED without a request when no token is configured', async () => {
    const { adapter, listing, calls } = await harnessWithEvent({}, null)
    expect(adapter.configured).toBe(false)
    expect(await adapter.readChannel(listing, PROTECT)).toMatchObject({ kind: 'AUTH_FAILED' })
    expect(await adapter.ensureWebhookSubscription('http://127.0.0.1:9/', BULK)).toMatchObject({ kind: 'AUTH_FAILED' })
    expect(calls()).toEqual([])
  })

  it('never logs or returns the token', async () => {
    const { adapter, simulator, listing, logs } = await harnessWithEvent()
    const outcomes = [await adapter.readChannel(listing, PROTECT)]
    simulator.knobs.patch({ serverErrorRate: 1 })
    outcomes.push(await adapter.readChannel(listing, PROTECT))
    simulator.knobs.patch({ serverErrorRate: 0, throttleRate: 1 })
    outcomes.push(await adapter.readChannel(listing, PROTECT))
    expect(logs.length).toBeGreaterThan(2)
    expect(JSON.stringify([logs, outcomes])).not.toContain(TOKEN)
  })
})
