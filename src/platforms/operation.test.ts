import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { listingOf, startHarness, valueOf } from '../../test/support/platforms/eventbrite.js'
import { startLumaHarness } from '../../test/support/platforms/luma.js'
import { BULK_READ } from '../reconciliation/run/retry-while-throttled.js'
import { VirtualTime } from '../infrastructure/time/virtual-time.js'
import { Admission } from './http/admission.js'
import { AxiosPlatformHttp } from './http/axios-platform-http.js'
import { operationOf, sendingCap, turnOf, type CallInOperation } from './operation.js'
import type { CallContext } from './port.js'
import { bucketOf } from './throttle/budget.js'
import type { Budget, RateLimiter } from './throttle/limiter.js'
import { OneBucket } from './throttle/one-bucket.test-support.js'

const WRITE: CallContext = { lane: 'grow', fence: { beforeSend: () => Promise.resolve(true) } }

/** Grants budget for one call at a time: every second request has to wait 50 ms. */
function grantAlternately(limiter: RateLimiter) {
  const grant = limiter.acquire.bind(limiter)
  let requests = 0
  return vi
    .spyOn(limiter, 'acquire')
    .mockImplementation((...call) =>
      ++requests % 2 === 0 ? Promise.resolve({ granted: false, waitMs: 50 }) : grant(...call),
    )
}

/** The turn of each call since the last invocation. */
function recordTurns() {
  const call = vi.spyOn(AxiosPlatformHttp.prototype, 'call')
  onTestFinished(() => call.mockRestore())
  return () => call.mock.calls.splice(0).map(([{ continues, waits }]) => ({ continues, waits }))
}

describe('an operation of several calls with budget for one at a time', () => {
  it('waits for budget in place after the first write and makes each call once (Eventbrite)', async () => {
    const { adapter, simulator, limiter, calls } = await startHarness()
    const { id } = simulator.control.createEvent({ capacity: 60, capacityTotal: 60 })
    grantAlternately(limiter)
    expect(valueOf(await adapter.setMode(listingOf(id), 'OPEN', 40, WRITE))).toMatchObject({ cap: 40, mode: 'OPEN' })
    expect(calls()).toEqual([
      expect.stringMatching(/^POST .*capacity_tier/),
      expect.stringMatching(/^GET .*ticket_classes/),
    ])
  })

  it('is refused when it only reads, so that the channel does not stay locked', async () => {
    const { adapter, simulator, limiter } = await startHarness()
    const { id } = simulator.control.createEvent({ capacity: 60, capacityTotal: 60 })
    grantAlternately(limiter)
    const read = await adapter.readChannel(listingOf(id), { lane: 'grow', state: true })
    expect(read.kind).toBe('THROTTLED')
  })

  it('waits for budget in place in a reconciliation, and makes each call once', async () => {
    const { adapter, simulator, limiter, calls } = await startHarness()
    const { id } = simulator.control.createEvent({ capacity: 60, capacityTotal: 60 })
    grantAlternately(limiter)
    valueOf(await adapter.readChannel(listingOf(id), BULK_READ))
    expect(calls().length).toBeGreaterThan(1)
    expect(new Set(calls()).size).toBe(calls().length)
  })

  const IMPORT = [
    { lane: 'protect', continuation: false },
    { lane: 'protect', continuation: true },
  ] as const

  it('waits for budget in place after the first read of an import, and makes each call once (Eventbrite)', async () => {
    const { adapter, simulator, limiter, calls } = await startHarness()
    const { id } = simulator.control.createEvent({ capacity: 60, capacityTotal: 60 })
    grantAlternately(limiter)
    valueOf(await adapter.readChannel({ ...listingOf(id), acknowledgedCap: null }, IMPORT[0]))
    valueOf(await adapter.listOrders(listingOf(id), 'full', null, IMPORT[1]))
    const made = calls()
    expect(new Set(made).size).toBe(made.length)
  })

  it('waits for budget in place after the first read of an import (Luma)', async () => {
    const stage = await startLumaHarness()
    onTestFinished(() => stage.close())
    const { listing } = stage.createListing()
    const turns = recordTurns()
    expect((await stage.adapter.readChannel(listing, IMPORT[0])).kind).toBe('OK')
    expect((await stage.adapter.listOrders(listing, 'full', null, IMPORT[1])).kind).toBe('OK')
    const [first, ...later] = turns()
    expect(first).toEqual({ continues: false, waits: false })
    expect(later.length).toBeGreaterThan(3)
    for (const turn of later) expect(turn).toEqual({ continues: true, waits: true })
  })

  it('waits for budget in place after the first write (Luma)', async () => {
    const stage = await startLumaHarness()
    try {
      const { listing } = stage.createListing({ ticketTypes: [{ maxCapacity: 9 }, { maxCapacity: 9 }] }, 'EVENT')
      const turns = recordTurns()
      valueOf(await stage.adapter.writeCap(listing, 10, WRITE))
      const later = { continues: true, waits: true }
      expect(turns()).toEqual([{ continues: false, waits: false }, later, later, later])
    } finally {
      await stage.close()
    }
  })
})

describe('a read of several calls among single reads', () => {
  const CALLS = 5
  const QUEUED = 40
  const BUDGET: Budget = { bucket: 'luma', limit: 100, windowSeconds: 60, reserve: 0.1 }

  /** How long its calls take after the first one, ms: a single read arrives whenever the limit pays for one. */
  const duration = async (priorityOf: typeof turnOf) => {
    const time = new VirtualTime(0)
    const { burst, rate } = bucketOf(BUDGET)
    const limiter = new OneBucket(BUDGET, time.ms, burst)
    const admission = new Admission({ budget: BUDGET, limiter, now: time.ms, sleep: time.sleep })
    const call = async (url: string, context: CallInOperation) => {
      const request = { method: 'GET', url, headers: {}, kind: 'read', operation: 'read', weight: 1 } as const
      for (;;) {
        const permit = await admission.permit({ ...request, lane: context.lane, ...priorityOf(context) })
        if (permit.granted) return
        await time.sleep(permit.waitMs)
      }
    }
    let ended = false
    const single = (id: number) => call(`/guests/${id}`, operationOf({ lane: 'grow' }))
    const singles = async () => {
      for (let id = 0; id < QUEUED; id++) void single(id)
      for (let id = QUEUED; !ended; id++) {
        void single(id)
        await time.sleep(Math.ceil(1 / rate))
      }
    }
    const several = async () => {
      const operation = operationOf({ lane: 'grow' })
      await call('/pages/0', operation)
      operation.progress.started = true
      const startedAt = time.ms()
      for (let page = 1; page < CALLS; page++) await call(`/pages/${page}`, operation)
      ended = true
      return (time.ms() - startedAt) * rate
    }
    const measured = several()
    await time.until(Promise.all([measured, singles()]), 3_600_000)
    return measured
  }

  it('takes no longer than its own calls once it has started', async () => {
    expect(await duration(turnOf)).toBeLessThan(CALLS)
    expect(await duration(() => ({ continues: false, waits: false }))).toBeGreaterThan(QUEUED)
  })

  it('precedes those that have not started, also when it is repeated (Luma)', async () => {
    const stage = await startLumaHarness()
    onTestFinished(() => stage.close())
    const { listing } = stage.createListing()
    const turns = recordTurns()
    const read = () => stage.adapter.readChannel(listing, { lane: 'grow' })
    stage.limiter.waitsMs.push(0, 60_000, 60_000)
    expect((await read()).kind).toBe('THROTTLED')
    expect(turns().map(({ continues }) => continues)).toEqual([false, true])
    expect((await read()).kind).toBe('THROTTLED')
    expect(turns()).toEqual([{ continues: true, waits: false }])
    valueOf(await read())
    expect(turns().every(({ continues, waits }) => continues === true && waits === false)).toBe(true)
  })
})

describe('a cap that sales prevent', () => {
  /** A fence that records the caps of the requests. */
  const recordingFence = () => {
    const caps: (number | undefined)[] = []
    const beforeSend = (cap?: number) => Promise.resolve(caps.push(cap) > 0)
    return { caps, context: { lane: 'protect', fence: { beforeSend } } satisfies CallContext }
  }

  it('is passed to the fence as it is sent, with what was sold (Eventbrite)', async () => {
    const { adapter, simulator } = await startHarness()
    const { id } = simulator.control.createEvent({ capacity: 60, capacityTotal: 60 })
    simulator.control.buy({ eventId: id, quantity: 9 })
    const { caps, context } = recordingFence()
    const listing = { ...listingOf(id), acknowledgedCap: 60 }
    expect(valueOf(await adapter.writeCap(listing, 2, context)).cap).toBe(9)
    expect(caps[0]).toBe(2)
    expect(caps.length).toBeGreaterThan(1)
    for (const cap of caps.slice(1)) expect(cap).toBeGreaterThanOrEqual(9)
  })

  it('is passed to a fence that also receives the response', () => {
    let responses = 0
    const fence = { beforeSend: () => Promise.resolve(true), responded: () => void responses++ }
    sendingCap({ lane: 'grow', fence }, 5).fence?.responded?.()
    expect(responses).toBe(1)
  })

  it('is not passed where no write has a fence', () => {
    expect(sendingCap({ lane: 'grow' }, 5)).toEqual({ lane: 'grow' })
  })
})
