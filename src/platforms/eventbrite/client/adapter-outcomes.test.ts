import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { listingOf, startHarness } from '../../../../test/support/platforms/eventbrite.js'
import { seededRandom } from '../../../../simulators/kit/index.js'
import type { CallContext } from '../../port.js'

const PROTECT: CallContext = { lane: 'protect' }

describe.each(['whole event', 'ticket class'] as const)('EventbriteAdapter writes to a %s', (kind) => {
  it.each([1, 2])(
    'return outcomes that match the state of the platform under random faults (seed %d)',
    async (seed) => {
      const faults = { serverErrorRate: 0.07, connectionReset: 0.07, timeoutAfterApply: 0.02, throttleRate: 0.08 }
      const { adapter, simulator, limiter } = await startHarness({
        simulator: {
          seed,
          toggles: { hidingRefused: seed === 2 ? 'yes' : 'no', holdsRefused: seed === 2 ? 'yes' : 'no' },
        },
        timeouts: { callMs: 120, breakerResetMs: 1 },
      })
      const { control } = simulator
      const { id, classes } = control.createEvent({ capacity: 60, capacityTotal: 60 })
      const listing = listingOf(id, kind === 'ticket class' ? (classes[0]?.id ?? '') : null)
      const truth = () => {
        const { capacity, sold, pending, classes: all } = control.truth(id)
        return { cap: kind === 'ticket class' ? (all[0]?.capacity ?? null) : capacity, taken: sold + pending }
      }
      const random = seededRandom(seed)
      const counts = new Map<string, number>()
      const act = () => {
        const cap = random.integer(0, 60)
        return random.pick([
          () => adapter.writeCap(listing, cap, PROTECT),
          () => adapter.setMode(listing, 'WAITLIST_ONLY', cap, PROTECT),
          () => adapter.setMode(listing, 'OPEN', cap, PROTECT),
        ])()
      }
      for (let step = 0; step < 80; step++) {
        if (random.chance(0.3)) control.buy({ eventId: id, quantity: random.integer(1, 3) })
        if (random.chance(0.1)) control.openCart({ eventId: id, quantity: 2 })
        limiter.blockedUntil = null
        // Long enough for an open circuit breaker to allow the next call.
        await sleep(3)
        const before = truth()
        simulator.knobs.patch(faults)
        const outcome = await act()
        const after = truth()
        counts.set(outcome.kind, (counts.get(outcome.kind) ?? 0) + 1)
        if (outcome.kind === 'OK') {
          expect(outcome.value.cap).toBe(after.cap)
          expect(outcome.value.pending).toBe(control.truth(id).pending)
          const closed = outcome.value.mode === 'WAITLIST_ONLY'
          if (closed) expect(control.buy({ eventId: id, quantity: 1 }).orderId).toBeNull()
        } else if (outcome.kind !== 'UNKNOWN') {
          expect(after).toEqual(before)
        }
      }
      // The run had all three: confirmed, not applied and unknown.
      expect(counts.get('OK')).toBeGreaterThan(3)
      expect(counts.get('UNKNOWN')).toBeGreaterThan(3)
      expect((counts.get('THROTTLED') ?? 0) + (counts.get('UNAVAILABLE') ?? 0)).toBeGreaterThan(0)
      expect(control.truth(id).violations).toEqual([])
    },
  )
})
