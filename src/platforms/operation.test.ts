import { describe, expect, it, vi } from 'vitest'
import { listingOf, startBench, valueOf } from '../../test/support/eventbrite.js'
import { lumaStage } from '../../test/support/luma.js'
import type { CallContext } from './port.js'
import type { RateLimiter } from './throttle/limiter.js'

const WRITE: CallContext = { lane: 'grow', fence: { beforeSend: () => Promise.resolve(true) } }

/** Budget for one call at a time: every other one that asks has to wait for a moment. */
function drip(limiter: RateLimiter) {
  const grant = limiter.acquire.bind(limiter)
  let asked = 0
  return vi
    .spyOn(limiter, 'acquire')
    .mockImplementation((...call) =>
      ++asked % 2 === 0 ? Promise.resolve({ granted: false, waitMs: 50 }) : grant(...call),
    )
}

describe('an operation in several calls, with budget for one at a time', () => {
  it('waits for budget in place once it has written, and makes each call once: Eventbrite', async () => {
    const { adapter, simulator, limiter, calls } = await startBench()
    const { id } = simulator.control.createEvent({ capacity: 60, capacityTotal: 60 })
    drip(limiter)
    expect(valueOf(await adapter.setMode(listingOf(id), 'OPEN', 40, WRITE))).toMatchObject({ cap: 40, mode: 'OPEN' })
    expect(calls()).toEqual([
      expect.stringMatching(/^POST .*capacity_tier/),
      expect.stringMatching(/^GET .*ticket_classes/),
    ])
  })

  it('is refused where it only reads, so that the channel is not kept locked', async () => {
    const { adapter, simulator, limiter } = await startBench()
    const { id } = simulator.control.createEvent({ capacity: 60, capacityTotal: 60 })
    drip(limiter)
    const read = await adapter.readChannel(listingOf(id), { lane: 'grow', state: true })
    expect(read.kind).toBe('THROTTLED')
  })

  it('waits for budget in place once it has written: Luma', async () => {
    const stage = await lumaStage()
    try {
      const { listing } = stage.listed({ ticketTypes: [{ maxCapacity: 9 }, { maxCapacity: 9 }] }, 'EVENT')
      const acquire = vi.spyOn(stage.limiter, 'acquire') as unknown as ReturnType<typeof drip>
      valueOf(await stage.adapter.writeCap(listing, 10, WRITE))
      const turns = acquire.mock.calls.map(([, , , turn]) => turn?.continues)
      expect(turns).toEqual([false, ...Array<boolean>(3).fill(true)])
    } finally {
      await stage.close()
    }
  })
})
