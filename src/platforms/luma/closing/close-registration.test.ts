import { assert, asyncProperty, integer } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { failureOf, valueOf } from '../../../../test/support/platforms/luma.js'
import type { Outcome } from '../../port.js'
import { ok, rejected } from '../../kit/outcomes.js'
import { closeRegistration, type CloseRegistrationPorts } from './close-registration.js'

/** A platform with `sold` tickets that sells `perCall` more per call within its cap, and refuses caps below its count. */
function platform({
  sold,
  cap = Infinity,
  perCall = 0,
  applicants = 0,
}: {
  sold: number
  cap?: number
  perCall?: number
  applicants?: number
}) {
  const state = { sold, cap, calls: 0, caps: [] as number[] }
  const writeCap = (newCap: number): Promise<Outcome<number>> => {
    state.calls += 1
    state.sold = Math.max(state.sold, Math.min(state.cap - applicants, state.sold + perCall))
    if (newCap < state.sold + applicants) return Promise.resolve(rejected('BAD_REQUEST', 'below the number of guests'))
    state.cap = newCap
    state.caps.push(newCap)
    return Promise.resolve(ok(newCap))
  }
  const count = () => Promise.resolve(ok({ sold: state.sold, inCheckout: 0, applicants }))
  const ports: CloseRegistrationPorts = {
    writeCap,
    count,
    capInForce: () => Promise.resolve(ok(cap)),
    isLate: () => false,
  }
  return { state, ports }
}

describe('closeRegistration', () => {
  it('finds the platform’s count by refused and accepted caps, and closes there', async () => {
    const { state, ports } = platform({ sold: 45, cap: 100 })
    expect(valueOf(await closeRegistration(ports, 38))).toEqual({ cap: 45, mode: 'WAITLIST_ONLY', sold: 45 })
    expect(state.calls).toBeLessThanOrEqual(7)
  })

  it('does not pass a cap that a lost write may have set: a larger one would raise it', async () => {
    const { state, ports } = platform({ sold: 8 })
    const late = { ...ports, isLate: () => true, lostCap: 9 }
    expect(valueOf(await closeRegistration(late, 4))).toEqual({ cap: 9, mode: 'UNKNOWN', sold: null })
    expect(state.caps).toEqual([9])
  })

  it('concludes no count from a refusal that does not repeat', async () => {
    const { state, ports } = platform({ sold: 45, cap: 100 })
    let refusals = 1
    const writeCap = (cap: number) =>
      refusals-- > 0 ? Promise.resolve(rejected('BAD_REQUEST', 'Invalid request')) : ports.writeCap(cap)
    const closed = valueOf(await closeRegistration({ ...ports, writeCap }, 45))
    expect(closed).toEqual({ cap: 45, mode: 'WAITLIST_ONLY', sold: null })
    expect(state.cap).toBe(45)
  })

  it('needs one call if no more tickets are sold than the caller knows', async () => {
    const { state, ports } = platform({ sold: 45, cap: 100 })
    expect(valueOf(await closeRegistration(ports, 45))).toEqual({ cap: 45, mode: 'WAITLIST_ONLY', sold: null })
    expect(state.calls).toBe(1)
  })

  it('closes within 12 calls, between the count and the cap in force, for any count, cap and sales rate', async () => {
    const inputs = [integer({ min: 0, max: 400 }), integer({ min: 0, max: 60 }), integer({ min: 0, max: 40 })] as const
    await assert(
      asyncProperty(...inputs, integer({ min: 0, max: 400 }), async (known, unknown, perCall, room) => {
        const cap = Math.max(1, known + unknown + room)
        const { state, ports } = platform({ sold: known + unknown, cap, perCall })
        const closed = valueOf(await closeRegistration(ports, Math.max(1, known)))
        expect(state.calls).toBeLessThanOrEqual(12)
        expect(closed.cap).toBe(state.cap)
        expect(closed.cap).toBeLessThanOrEqual(cap)
        expect(closed.cap).toBeGreaterThanOrEqual(state.sold)
        if (closed.mode === 'WAITLIST_ONLY') expect(closed.cap).toBe(Math.max(1, state.sold))
      }),
      { numRuns: 300 },
    )
  })

  it('includes the seats that Luma holds for applicants if no cap is known', async () => {
    const { ports } = platform({ sold: 20, applicants: 500 })
    expect(valueOf(await closeRegistration(ports, 20))).toEqual({ cap: 525, mode: 'UNKNOWN', sold: null })
  })

  it('returns CAP_BELOW_SOLD if applicants hold more seats than the cap in force', async () => {
    const { ports } = platform({ sold: 20, cap: 33, applicants: 500 })
    const failure = failureOf(await closeRegistration(ports, 20))
    expect(failure).toMatchObject({ kind: 'CAP_BELOW_SOLD', sold: 20, pending: 0 })
  })

  it('returns the refusal if the count does not explain it', async () => {
    const writeCap = () => Promise.resolve(rejected('BAD_REQUEST', 'this event is archived'))
    const count = () => Promise.resolve(ok({ sold: 3, inCheckout: 0, applicants: 0 }))
    const outcome = await closeRegistration(
      { writeCap, count, capInForce: () => Promise.resolve(ok(10)), isLate: () => false },
      5,
    )
    expect(outcome).toMatchObject({ kind: 'REJECTED', message: 'this event is archived' })
  })

  it('returns failures other than refusals, and UNKNOWN if the response to a smaller cap is lost', async () => {
    const lost: Outcome<number> = { kind: 'UNKNOWN', reason: 'no response' }
    const outcomes: Outcome<number>[] = [rejected('BAD_REQUEST', 'no'), ok(40), lost]
    const writeCap = () => Promise.resolve(outcomes.shift() ?? lost)
    const ports = {
      writeCap,
      count: () => Promise.resolve(lost),
      capInForce: () => Promise.resolve(ok(Infinity)),
      isLate: () => false,
    }
    expect(await closeRegistration(ports, 38)).toMatchObject({ kind: 'UNKNOWN' })
    expect(await closeRegistration(ports, 38)).toEqual(lost)
  })
})
