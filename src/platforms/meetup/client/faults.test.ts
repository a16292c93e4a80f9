import { afterEach, describe, expect, it } from 'vitest'
import {
  BULK,
  EVENT,
  GROW,
  listAll,
  LISTING,
  PROTECT,
  startEvent,
  valueOf,
  type Harness,
  type HarnessOptions,
} from '../harness.test-support.js'

let harness: Harness

/** An event of this capacity with this number of RSVPs. */
async function start(capacity: number | null, rsvps = 0, options: HarnessOptions = {}): Promise<Harness> {
  harness = await startEvent(capacity, rsvps, options)
  return harness
}

afterEach(() => harness.close())

describe('MeetupAdapter throttling', () => {
  it.each([200, 429] as const)(
    'returns THROTTLED until the reset of a refusal with HTTP %i',
    async (throttleStatus) => {
      const { adapter, limiter, now, pass } = await start(10, 0, { limitScale: 0.08, toggles: { throttleStatus } })
      valueOf(await adapter.readChannel(LISTING, BULK))
      valueOf(await adapter.readChannel(LISTING, BULK))
      const refused = await adapter.readChannel(LISTING, BULK)
      expect(refused.kind).toBe('THROTTLED')
      const waitMs = refused.kind === 'THROTTLED' ? refused.resumeAt.getTime() - now().getTime() : 0
      expect(waitMs).toBeGreaterThan(50_000)
      expect(waitMs).toBeLessThanOrEqual(61_000)
      expect(limiter.blocks).toHaveLength(1)
      expect(limiter.observed[0]?.used).toBeGreaterThan(10)
      pass(61_000)
      valueOf(await adapter.readChannel(LISTING, BULK))
    },
  )

  it('returns THROTTLED for an empty page of an event with RSVPs', async () => {
    const { adapter } = await start(10, 3, { limitScale: 0.01, toggles: { throttleAsEmptyPage: 'yes' } })
    expect((await adapter.listOrders(LISTING, 'full', null, BULK)).kind).toBe('THROTTLED')
  })

  it.each(['past', 'absent'] as const)('waits a whole window when the reset is %s', async (forcedResetAt) => {
    const { adapter, now } = await start(10, 3, { knobs: { throttleRate: 1 }, toggles: { forcedResetAt } })
    const refused = await adapter.writeCap(LISTING, 5, PROTECT)
    expect(refused.kind === 'THROTTLED' && refused.resumeAt.getTime() - now().getTime()).toBeGreaterThan(59_000)
  })
})

describe('MeetupAdapter during faults', () => {
  async function writeDuring(fault: () => void, cap: number) {
    const { adapter, control } = harness
    fault()
    const outcome = await adapter.writeCap(LISTING, cap, PROTECT)
    control.knobs.patch({ timeoutAfterApply: 0, timeoutBeforeApply: 0, serverErrorRate: 0, connectionReset: 0 })
    return outcome
  }

  it('returns UNKNOWN for a write that timed out, and a read shows the cap', async () => {
    const { adapter, control } = await start(30, 2, { callMs: 300 })
    expect((await writeDuring(() => control.knobs.patch({ timeoutAfterApply: 1 }), 12)).kind).toBe('UNKNOWN')
    expect(valueOf(await adapter.readChannel(LISTING, BULK)).cap).toBe(12)
  })

  it('returns UNKNOWN for a write that takes effect late, within the settle time', async () => {
    const { adapter, control } = await start(30, 2, { callMs: 500 })
    const late = { timeoutBeforeApply: 1, lateApplyMs: 1_200 }
    expect((await writeDuring(() => control.knobs.patch(late), 12)).kind).toBe('UNKNOWN')
    expect(valueOf(await adapter.readChannel(LISTING, BULK)).cap).toBe(30)
    await expect.poll(() => control.truth(EVENT).maxTickets, { timeout: 3_000 }).toBe(12)
    expect(adapter.settleMs).toBeGreaterThan(1_200)
  })

  it.each([
    ['an HTML 5xx', { serverErrorRate: 1, serverErrorHtml: true }],
    ['a JSON 5xx', { serverErrorRate: 1, serverErrorHtml: false }],
    ['a connection reset', { connectionReset: 1 }],
    ['an outage', { outageUntil: '2100-01-01T00:00:00Z' }],
  ])('returns UNAVAILABLE for a read and UNKNOWN for a write on %s', async (_what, knobs) => {
    const { adapter, control } = await start(30, 2)
    control.knobs.patch(knobs)
    expect((await adapter.readChannel(LISTING, BULK)).kind).toBe('UNAVAILABLE')
    // A raise first reads the settings that it would otherwise reset, so nothing was sent.
    expect((await adapter.writeCap(LISTING, 40, GROW)).kind).toBe('NOT_SENT')
    control.knobs.patch({ serverErrorRate: 0, connectionReset: 0, outageUntil: 0 })
    expect((await writeDuring(() => control.knobs.patch(knobs), 9)).kind).toBe('UNKNOWN')
  })

  it('resumes a listing after a truncated page and a failed one', async () => {
    const { adapter, control } = await start(100, 8)
    control.knobs.patch({ truncatedPage: 1 })
    const first = valueOf(await adapter.listOrders(LISTING, 'full', null, BULK))
    expect(first.done).toBe(false)
    control.knobs.patch({ truncatedPage: 0 })
    expect((await adapter.listOrders(LISTING, 'full', first.nextCursor, BULK)).kind).toBe('UNAVAILABLE')
    const rest = await listAll(harness, EVENT, 'full', first.nextCursor)
    const ids = new Set([...first.snapshots.map(({ orderId }) => orderId), ...rest.orders.keys()])
    expect(ids.size).toBe(8)
  })

  it('retries after empty pages, and completes the listing', async () => {
    const { adapter, control } = await start(200, 60)
    const first = valueOf(await adapter.listOrders(LISTING, 'full', null, BULK))
    control.knobs.patch({ emptyPage: 1 })
    const restarted = valueOf(await adapter.listOrders(LISTING, 'full', first.nextCursor, BULK))
    expect(restarted).toMatchObject({ snapshots: [], done: false })
    expect((await adapter.listOrders(LISTING, 'full', restarted.nextCursor, BULK)).kind).toBe('THROTTLED')
    control.knobs.patch({ emptyPage: 0 })
    const rest = await listAll(harness, EVENT, 'full', restarted.nextCursor)
    expect(rest.orders.size).toBe(60)
  })

  it('returns NOT_SENT for a write and UNAVAILABLE for a read when the connection is refused', async () => {
    const { adapter, simulator } = await start(10)
    await simulator.close()
    expect((await adapter.readChannel(LISTING, BULK)).kind).toBe('UNAVAILABLE')
    expect((await adapter.writeCap(LISTING, 5, PROTECT)).kind).toBe('NOT_SENT')
  })
})
