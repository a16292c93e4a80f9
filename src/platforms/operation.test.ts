import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { listingOf, startHarness, valueOf } from '../../test/support/platforms/eventbrite.js'
import { startLumaHarness } from '../../test/support/platforms/luma.js'
import { BULK_READ } from '../reconciliation/run/retry-while-throttled.js'
import { sendingCap } from './operation.js'
import type { CallContext } from './port.js'
import type { RateLimiter } from './throttle/limiter.js'

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
    const acquire = vi.spyOn(stage.limiter, 'acquire') as unknown as ReturnType<typeof grantAlternately>
    expect((await stage.adapter.readChannel(listing, IMPORT[0])).kind).toBe('OK')
    expect((await stage.adapter.listOrders(listing, 'full', null, IMPORT[1])).kind).toBe('OK')
    const [first, ...later] = acquire.mock.calls.map(([, , , turn]) => turn?.continues)
    expect(first).toBe(false)
    expect(later.length).toBeGreaterThan(3)
    expect(new Set(later)).toEqual(new Set([true]))
  })

  it('waits for budget in place after the first write (Luma)', async () => {
    const stage = await startLumaHarness()
    try {
      const { listing } = stage.createListing({ ticketTypes: [{ maxCapacity: 9 }, { maxCapacity: 9 }] }, 'EVENT')
      const acquire = vi.spyOn(stage.limiter, 'acquire') as unknown as ReturnType<typeof grantAlternately>
      valueOf(await stage.adapter.writeCap(listing, 10, WRITE))
      const turns = acquire.mock.calls.map(([, , , turn]) => turn?.continues)
      expect(turns).toEqual([false, ...Array<boolean>(3).fill(true)])
    } finally {
      await stage.close()
    }
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

  it('is not passed where no write has a fence', () => {
    expect(sendingCap({ lane: 'grow' }, 5)).toEqual({ lane: 'grow' })
  })
})
