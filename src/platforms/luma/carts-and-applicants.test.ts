import { afterEach, describe, expect, it } from 'vitest'
import { CONTEXT, lumaStage, valueOf, type LumaStage } from '../../../test/support/luma.js'
import type { LumaToggles } from '../../../simulators/luma/toggles.js'
import { exposure } from '../../domain/exposure.js'
import { nextWrite, type ChannelCapState } from '../../domain/next-write.js'
import type { Listing } from '../port.js'

let stage: LumaStage
afterEach(() => stage.close())

type Holds = Pick<LumaToggles, 'pendingHoldsCapacity' | 'sessionHoldsCapacity' | 'maxCapacityBelowCount'>

const SIDES: Holds[] = (['yes', 'no'] as const).flatMap((pendingHoldsCapacity) =>
  (['yes', 'no'] as const).flatMap((sessionHoldsCapacity) =>
    (['accept', 'reject'] as const).map((maxCapacityBelowCount) => ({
      pendingHoldsCapacity,
      sessionHoldsCapacity,
      maxCapacityBelowCount,
    })),
  ),
)

/** A listing driven by the rules of the domain: what is read is recorded, and the next write is made. */
async function driven(holds: Holds, event: { requireApproval: boolean; maxCapacity: number | null }) {
  stage = await lumaStage({ toggles: { invitedPerRegistration: 0, ...holds } })
  const { truth, listing } = stage.listed({ ticketTypes: [event] })
  const standing: ChannelCapState = {
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
  const known = (): Listing => ({ ...listing, acknowledgedCap: standing.confirmedCap })
  const read = async () => {
    const { cap, sold, pending, mode } = valueOf(await stage.adapter.readChannel(known(), CONTEXT))
    standing.confirmedCap = typeof cap === 'number' ? cap : null
    Object.assign(standing, { sold: sold ?? standing.sold, platformSold: sold, pending, confirmedMode: mode })
  }
  /** The caps that are written: none where the domain wants none or Luma takes none. */
  const turn = async (): Promise<number[]> => {
    standing.allocated = Math.max(0, (standing.desiredCap ?? 0) - standing.sold)
    const write = nextWrite(standing, 0)
    if (write.kind !== 'WRITE') return []
    const outcome = await stage.adapter.setMode(known(), write.mode, write.cap, CONTEXT)
    if (outcome.kind === 'CAP_BELOW_SOLD') {
      Object.assign(standing, { platformSold: outcome.sold ?? standing.platformSold, pending: outcome.pending })
      return []
    }
    const { cap, mode } = valueOf(outcome)
    Object.assign(standing, { confirmedCap: cap, confirmedMode: mode })
    return [cap]
  }
  return { eventId: truth.eventId, standing, read, turn, truth: () => stage.simulator.control.truth(truth.eventId) }
}

/** Hundreds of registrations take their time. */
const SLOW = { timeout: 60_000 }

describe.each(SIDES)('places held by %o', SLOW, (holds) => {
  it('for 500 applicants never make us write more than the share', async () => {
    const { eventId, standing, read, turn } = await driven(holds, { requireApproval: true, maxCapacity: null })
    const { control } = stage.simulator
    const register = (email: string) => control.register({ eventId, email }).guestId ?? ''
    for (let i = 0; i < 20; i++) control.approve(eventId, register(`in.${i}@example.com`))
    for (let i = 0; i < 500; i++) register(`applicant.${i}@example.com`)
    standing.desiredCap = 33
    const caps: number[] = []
    for (let round = 0; round < 4; round++) {
      await read()
      expect(standing).toMatchObject({ sold: 20, pending: 0 })
      caps.push(...(await turn()))
    }
    const inTheWay = holds.pendingHoldsCapacity === 'yes' && holds.maxCapacityBelowCount === 'reject'
    expect(caps).toEqual(inTheWay ? [] : [33])
    expect(exposure(standing)).toBe(inTheWay ? Infinity : 33)
    const { trace } = stage.simulator
    expect(trace.query({ eventId }).caps.every(({ cap }) => cap === null || cap <= 33)).toBe(true)
  })

  it('for carts in a storm never make us raise the cap, and exposure covers what they become', async () => {
    const { eventId, standing, read, turn, truth } = await driven(holds, { requireApproval: false, maxCapacity: 120 })
    const { control } = stage.simulator
    stage.sell(eventId, 80)
    const carts: string[] = []
    let inForce = 120
    for (let round = 0; round < 6; round++) {
      for (let i = 0; i < 10; i++) {
        const cart = control.openCart({ eventId })
        if (cart !== null) carts.push(cart)
      }
      standing.desiredCap = 100 - round
      await read()
      const wanted = standing.desiredCap
      for (const cap of await turn()) {
        expect(cap).toBeLessThanOrEqual(Math.max(wanted, inForce))
        inForce = cap
      }
      for (const cart of carts.splice(0, 4)) control.completeCart(eventId, cart)
      expect(truth().sold).toBeLessThanOrEqual(exposure(standing))
    }
    for (const cart of carts) control.completeCart(eventId, cart)
    expect(truth().sold).toBeLessThanOrEqual(exposure(standing))
  })
})
