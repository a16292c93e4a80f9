import { describe, expect, it } from 'vitest'
import { listingOf, startBench, TOKEN, valueOf } from '../../../test/support/eventbrite.js'
import type { FaultKnobs } from '../../../simulators/kit/index.js'
import type { CallContext } from '../port.js'

const PROTECT: CallContext = { lane: 'protect' }
const BULK: CallContext = { lane: 'bulk' }

async function benchWithEvent(knobs: Partial<FaultKnobs> = {}, token?: string | null) {
  const bench = await startBench({ token, timeouts: { callMs: 250 } })
  const { control } = bench.simulator
  const { id, classes } = control.createEvent({ capacity: 100 })
  control.buy({ eventId: id, quantity: 3 })
  bench.simulator.knobs.patch(knobs)
  const byClass = listingOf(id, classes[0]?.id)
  return { ...bench, control, eventId: id, listing: listingOf(id), byClass }
}

describe('a lost answer', () => {
  it('to a write that was applied is UNKNOWN, and a read settles it', async () => {
    const { adapter, simulator, listing, control, eventId } = await benchWithEvent({ timeoutAfterApply: 1 })
    expect(await adapter.writeCap(listing, 40, PROTECT)).toMatchObject({ kind: 'UNKNOWN' })
    expect(control.truth(eventId).capacity).toBe(40)
    simulator.knobs.patch({ timeoutAfterApply: 0 })
    expect(valueOf(await adapter.readChannel(listing, PROTECT)).cap).toBe(40)
  })

  it('to a write that was not applied is UNKNOWN just the same', async () => {
    const { adapter, simulator, listing, control, eventId } = await benchWithEvent({ timeoutBeforeApply: 1 })
    expect(await adapter.writeCap(listing, 40, PROTECT)).toMatchObject({ kind: 'UNKNOWN' })
    simulator.knobs.patch({ timeoutBeforeApply: 0 })
    expect(valueOf(await adapter.readChannel(listing, PROTECT)).cap).toBe(100)
    expect(control.truth(eventId).capacity).toBe(100)
  })

  it('to a write that lands late shows in a read after the settle time', async () => {
    const { adapter, simulator, listing } = await benchWithEvent({ timeoutBeforeApply: 1, lateApplyMs: 150 })
    expect(await adapter.writeCap(listing, 40, PROTECT)).toMatchObject({ kind: 'UNKNOWN' })
    simulator.knobs.patch({ timeoutBeforeApply: 0 })
    expect(valueOf(await adapter.readChannel(listing, PROTECT)).cap).toBe(100)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(valueOf(await adapter.readChannel(listing, PROTECT)).cap).toBe(40)
    expect(adapter.settleMs).toBe(15_000)
  })

  it.each([
    ['HTML 5xx', { serverErrorRate: 1, serverErrorHtml: true }],
    ['JSON 5xx', { serverErrorRate: 1 }],
    ['a reset', { connectionReset: 1 }],
    ['an outage', { outageUntil: Date.now() + 60_000 }],
  ])('%s: UNKNOWN on a write, UNAVAILABLE on a read', async (_name, knobs) => {
    const { adapter, listing } = await benchWithEvent(knobs)
    expect(await adapter.writeCap(listing, 40, PROTECT)).toMatchObject({ kind: 'UNKNOWN' })
    expect(await adapter.readChannel(listing, PROTECT)).toMatchObject({ kind: 'UNAVAILABLE' })
    expect(await adapter.getOrder(listing, '15600000001', BULK)).toMatchObject({ kind: 'UNAVAILABLE' })
    expect(await adapter.listOrders(listing, 'full', null, BULK)).toMatchObject({ kind: 'UNAVAILABLE' })
  })

  it('nobody listening: NOT_SENT', async () => {
    const { adapter, simulator, listing } = await benchWithEvent()
    await simulator.close()
    expect(await adapter.writeCap(listing, 40, PROTECT)).toMatchObject({ kind: 'NOT_SENT' })
  })

  it('after a write of the same operation has landed is UNKNOWN, never "not sent"', async () => {
    const { adapter, simulator, byClass, control, eventId, limiter } = await benchWithEvent()
    const { current } = simulator.toggles
    // The budget ends between the write of the cap and the read of the carts.
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

describe('throttled', () => {
  it('by the platform: moves the shared clock to its reset, and nothing was done', async () => {
    const { adapter, simulator, listing, control, eventId, limiter } = await benchWithEvent()
    simulator.toggles.patch({ rateLimit: 1 })
    valueOf(await adapter.readChannel(listing, PROTECT))
    const refused = await adapter.writeCap(listing, 40, PROTECT)
    expect(refused).toMatchObject({ kind: 'THROTTLED', resumeAt: limiter.blockedUntil })
    const wait = (limiter.blockedUntil?.getTime() ?? 0) - Date.now()
    expect(wait).toBeGreaterThan(3_590_000)
    expect(wait).toBeLessThan(3_605_000)
    expect(control.truth(eventId).capacity).toBe(100)
    // From now on our own limiter refuses, and the platform is not asked.
    const asked = simulator.trace.query().calls.length
    expect(await adapter.readChannel(listing, PROTECT)).toMatchObject({ kind: 'THROTTLED' })
    expect(simulator.trace.query().calls).toHaveLength(asked)
  })

  it('by what other customers of the app key spend', async () => {
    const { adapter, simulator, listing, control } = await benchWithEvent()
    simulator.toggles.patch({ rateLimit: 50 })
    valueOf(await adapter.readChannel(listing, PROTECT))
    control.spendAppKey(49)
    expect(await adapter.readChannel(listing, PROTECT)).toMatchObject({ kind: 'THROTTLED' })
  })

  it('out of turn: waits as long as it is told', async () => {
    const { adapter, simulator, listing, limiter } = await benchWithEvent({ throttleRate: 1 })
    simulator.toggles.patch({ throttleSeconds: 30, retryAfterHeader: 'yes' })
    expect(await adapter.readChannel(listing, PROTECT)).toMatchObject({ kind: 'THROTTLED' })
    const wait = (limiter.blockedUntil?.getTime() ?? 0) - Date.now()
    expect(wait).toBeGreaterThan(29_000)
    expect(wait).toBeLessThan(34_000)
  })

  it('reports the worse bucket of every answer to the limiter', async () => {
    const { adapter, listing, control, limiter } = await benchWithEvent()
    control.spendAppKey(1_500)
    valueOf(await adapter.readChannel(listing, PROTECT))
    expect(limiter.verdicts.at(-1)).toMatchObject({ used: 1_501, limit: 2_000 })
  })
})

describe('credentials', () => {
  it.each([401, 400] as const)('a wrong token is AUTH_FAILED, whether it is answered with %d', async (status) => {
    const { adapter, simulator, listing, limiter } = await benchWithEvent({}, 'WRONGTOKEN')
    simulator.toggles.patch({ invalidAuthStatus: status })
    expect(await adapter.writeCap(listing, 40, PROTECT)).toMatchObject({ kind: 'AUTH_FAILED' })
    expect(limiter.blockedUntil).toBeNull()
  })

  it('without a token nothing is sent', async () => {
    const { adapter, listing, calls } = await benchWithEvent({}, null)
    expect(adapter.configured).toBe(false)
    expect(await adapter.readChannel(listing, PROTECT)).toMatchObject({ kind: 'AUTH_FAILED' })
    expect(await adapter.ensureWebhookSubscription('http://127.0.0.1:9/', BULK)).toMatchObject({ kind: 'AUTH_FAILED' })
    expect(calls()).toEqual([])
  })

  it('the token appears in no log line and no outcome', async () => {
    const { adapter, simulator, listing, logs } = await benchWithEvent()
    const outcomes = [await adapter.readChannel(listing, PROTECT)]
    simulator.knobs.patch({ serverErrorRate: 1 })
    outcomes.push(await adapter.readChannel(listing, PROTECT))
    simulator.knobs.patch({ serverErrorRate: 0, throttleRate: 1 })
    outcomes.push(await adapter.readChannel(listing, PROTECT))
    expect(logs.length).toBeGreaterThan(2)
    expect(JSON.stringify([logs, outcomes])).not.toContain(TOKEN)
  })
})
