import { afterEach, describe, expect, it } from 'vitest'
import { CONTEXT, startLumaHarness, valueOf, type LumaHarness } from '../../../../test/support/platforms/luma.js'
import type { LumaToggles } from '../../../../simulators/luma/toggles.js'
import { exposure } from '../../../domain/caps/exposure.js'
import { nextWrite, type ChannelCapState } from '../../../domain/caps/next-write.js'
import type { Listing } from '../../port.js'

let harness: LumaHarness
afterEach(() => harness.close())

type Holds = Pick<LumaToggles, 'pendingHoldsCapacity' | 'sessionHoldsCapacity' | 'maxCapacityBelowCount'>

const COMBINATIONS: Holds[] = (['yes', 'no'] as const).flatMap((pendingHoldsCapacity) =>
  (['yes', 'no'] as const).flatMap((sessionHoldsCapacity) =>
    (['accept', 'reject'] as const).map((maxCapacityBelowCount) => ({
      pendingHoldsCapacity,
      sessionHoldsCapacity,
      maxCapacityBelowCount,
    })),
  ),
)

/** A listing driven by the rules of the domain: `read` records the state, `writeNext` makes the next write. */
async function driven(holds: Holds, event: { requireApproval: boolean; maxCapacity: number | null }) {
  harness = await startLumaHarness({ toggles: { invitedPerRegistration: 0, ...holds } })
  const { truth, listing } = harness.createListing({ ticketTypes: [event] })
  const state: ChannelCapState = {
    confirmedCap: null,
    unconfirmedCap: null,
    sold: 0,
    pending: 0,
    platformSold: null,
    desiredCap: null,
    desiredMode: 'OPEN',
    confirmedMode: 'UNKNOWN',
    allocated: 0,
  }
  const known = (): Listing => ({ ...listing, acknowledgedCap: state.confirmedCap })
  const read = async () => {
    const { cap, sold, pending, mode } = valueOf(await harness.adapter.readChannel(known(), CONTEXT))
    state.confirmedCap = typeof cap === 'number' ? cap : null
    Object.assign(state, { sold: sold ?? state.sold, platformSold: sold, pending, confirmedMode: mode })
  }
  /** Returns the caps written: none if the domain requests none or Luma accepts none. */
  const writeNext = async (): Promise<number[]> => {
    state.allocated = Math.max(0, (state.desiredCap ?? 0) - state.sold)
    const write = nextWrite(state, 0)
    if (write.kind !== 'WRITE') return []
    const outcome = await harness.adapter.setMode(known(), write.mode, write.cap, CONTEXT)
    if (outcome.kind === 'CAP_BELOW_SOLD') {
      Object.assign(state, { platformSold: outcome.sold ?? state.platformSold, pending: outcome.pending })
      return []
    }
    const { cap, mode } = valueOf(outcome)
    Object.assign(state, { confirmedCap: cap, confirmedMode: mode })
    return [cap]
  }
  return { eventId: truth.eventId, state, read, writeNext, truth: () => harness.simulator.control.truth(truth.eventId) }
}

/** Hundreds of registrations take some time. */
const SLOW = { timeout: 60_000 }

describe.each(COMBINATIONS)('LumaAdapter caps while Luma holds seats (%o)', SLOW, (holds) => {
  it('never writes more than the desired cap with 500 applicants', async () => {
    const { eventId, state, read, writeNext } = await driven(holds, { requireApproval: true, maxCapacity: null })
    const { control } = harness.simulator
    const register = (email: string) => control.register({ eventId, email }).guestId ?? ''
    for (let i = 0; i < 20; i++) control.approve(eventId, register(`in.${i}@example.com`))
    for (let i = 0; i < 500; i++) register(`applicant.${i}@example.com`)
    state.desiredCap = 33
    const caps: number[] = []
    for (let round = 0; round < 4; round++) {
      await read()
      expect(state).toMatchObject({ sold: 20, pending: 0 })
      caps.push(...(await writeNext()))
    }
    const isRefused = holds.pendingHoldsCapacity === 'yes' && holds.maxCapacityBelowCount === 'reject'
    expect(caps).toEqual(isRefused ? [] : [33])
    expect(exposure(state)).toBe(isRefused ? Infinity : 33)
    const { trace } = harness.simulator
    expect(trace.query({ eventId }).caps.every(({ cap }) => cap === null || cap <= 33)).toBe(true)
  })

  it('never raises the cap for carts under load, and exposure covers the carts that complete', async () => {
    const { eventId, state, read, writeNext, truth } = await driven(holds, { requireApproval: false, maxCapacity: 120 })
    const { control } = harness.simulator
    harness.sell(eventId, 80)
    const carts: string[] = []
    let inForce = 120
    for (let round = 0; round < 6; round++) {
      for (let i = 0; i < 10; i++) {
        const cart = control.openCart({ eventId })
        if (cart !== null) carts.push(cart)
      }
      state.desiredCap = 100 - round
      await read()
      const desired = state.desiredCap
      for (const cap of await writeNext()) {
        expect(cap).toBeLessThanOrEqual(Math.max(desired, inForce))
        inForce = cap
      }
      for (const cart of carts.splice(0, 4)) control.completeCart(eventId, cart)
      expect(truth().sold).toBeLessThanOrEqual(exposure(state))
    }
    for (const cart of carts) control.completeCart(eventId, cart)
    expect(truth().sold).toBeLessThanOrEqual(exposure(state))
  })
})
