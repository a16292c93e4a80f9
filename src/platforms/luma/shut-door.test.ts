import { assert, asyncProperty, integer } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { failureOf, valueOf } from '../../../test/support/luma.js'
import type { Outcome } from '../port.js'
import { ok, rejected } from './answers.js'
import { shutDoor, type ShutPorts } from './shut-door.js'

/** A platform that has sold `sold`, sells `perCall` more with each call as far as its cap allows, and refuses caps below its count. */
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
  const door = (wanted: number): Promise<Outcome<number>> => {
    state.calls += 1
    state.sold = Math.max(state.sold, Math.min(state.cap - applicants, state.sold + perCall))
    if (wanted < state.sold + applicants) return Promise.resolve(rejected('BAD_REQUEST', 'below the number of guests'))
    state.cap = wanted
    state.caps.push(wanted)
    return Promise.resolve(ok(wanted))
  }
  const count = () => Promise.resolve(ok({ sold: state.sold, inCheckout: 0, applicants }))
  const ports: ShutPorts = { door, count, inForce: cap, isLate: () => false }
  return { state, ports }
}

describe('a closing that is refused because more is sold', () => {
  it('finds the count by what is taken and refused, and is closed there', async () => {
    const { state, ports } = platform({ sold: 45, cap: 100 })
    expect(valueOf(await shutDoor(ports, 38))).toEqual({ cap: 45, mode: 'WAITLIST_ONLY', sold: 45 })
    expect(state.calls).toBeLessThanOrEqual(7)
  })

  it('needs one call where nothing more is sold', async () => {
    const { state, ports } = platform({ sold: 45, cap: 100 })
    expect(valueOf(await shutDoor(ports, 45))).toEqual({ cap: 45, mode: 'WAITLIST_ONLY', sold: null })
    expect(state.calls).toBe(1)
  })

  it('ends for any count, cap and speed of sale: never above the cap in force, never below the count, in 12 calls', async () => {
    const given = [integer({ min: 0, max: 400 }), integer({ min: 0, max: 60 }), integer({ min: 0, max: 40 })] as const
    await assert(
      asyncProperty(...given, integer({ min: 0, max: 400 }), async (known, behind, perCall, room) => {
        const cap = Math.max(1, known + behind + room)
        const { state, ports } = platform({ sold: known + behind, cap, perCall })
        const shut = valueOf(await shutDoor(ports, Math.max(1, known)))
        expect(state.calls).toBeLessThanOrEqual(12)
        expect(shut.cap).toBe(state.cap)
        expect(shut.cap).toBeLessThanOrEqual(cap)
        expect(shut.cap).toBeGreaterThanOrEqual(state.sold)
        if (shut.mode === 'WAITLIST_ONLY') expect(shut.cap).toBe(Math.max(1, state.sold))
      }),
      { numRuns: 300 },
    )
  })

  it('makes room for applicants where Luma holds places for them and no cap is known', async () => {
    const { ports } = platform({ sold: 20, applicants: 500 })
    expect(valueOf(await shutDoor(ports, 20))).toEqual({ cap: 525, mode: 'UNKNOWN', sold: null })
  })

  it('says what is sold where applicants hold more than the cap in force', async () => {
    const { ports } = platform({ sold: 20, cap: 33, applicants: 500 })
    const failure = failureOf(await shutDoor(ports, 20))
    expect(failure).toMatchObject({ kind: 'CAP_BELOW_SOLD', sold: 20, pending: 0 })
  })

  it('is a plain refusal where the count does not explain it', async () => {
    const door = () => Promise.resolve(rejected('BAD_REQUEST', 'this event is archived'))
    const count = () => Promise.resolve(ok({ sold: 3, inCheckout: 0, applicants: 0 }))
    const outcome = await shutDoor({ door, count, inForce: 10, isLate: () => false }, 5)
    expect(outcome).toMatchObject({ kind: 'REJECTED', message: 'this event is archived' })
  })

  it('hands on what is no refusal, and calls a lost smaller cap unknown', async () => {
    const lost: Outcome<number> = { kind: 'UNKNOWN', reason: 'no answer' }
    const answers: Outcome<number>[] = [rejected('BAD_REQUEST', 'no'), ok(40), lost]
    const door = () => Promise.resolve(answers.shift() ?? lost)
    const ports = { door, count: () => Promise.resolve(lost), inForce: Infinity, isLate: () => false }
    expect(await shutDoor(ports, 38)).toMatchObject({ kind: 'UNKNOWN' })
    expect(await shutDoor(ports, 38)).toEqual(lost)
  })
})
