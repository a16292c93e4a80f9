import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  CONTEXT,
  failureOf,
  startLumaHarness,
  valueOf,
  type LumaHarness,
} from '../../../../test/support/platforms/luma.js'
import type { EventOptions } from '../../../../simulators/luma/state/create-event.js'
import type { ConfirmedState, Listing } from '../../port.js'

let harness: LumaHarness
beforeAll(async () => {
  harness = await startLumaHarness({ toggles: { invitedPerRegistration: 0 } })
})
afterAll(() => harness.close())
afterEach(() => {
  harness.simulator.toggles.patch({ maxCapacityBelowCount: 'accept', pendingHoldsCapacity: 'yes' })
  harness.simulator.knobs.patch({ latencyMs: 0 })
})

const truthOf = ({ externalEventId }: Listing) => harness.simulator.control.truth(externalEventId)
const close = (listing: Listing, cap: number) => harness.adapter.setMode(listing, 'WAITLIST_ONLY', cap, CONTEXT)

/** An event whose cap was written by the adapter; `operations` lists the calls of the protect lane since then. */
async function driven(event: EventOptions, by: 'TYPE' | 'EVENT', cap: number) {
  const { truth, listing } = harness.createListing(event, by)
  valueOf(await harness.adapter.writeCap(listing, cap, CONTEXT))
  const { calls } = harness.simulator.trace.query()
  const before = calls.length
  const operations = () =>
    harness.simulator.trace
      .query()
      .calls.slice(before)
      .map(({ operation }) => operation)
      .filter((operation) => operation !== 'events/get')
  return { eventId: truth.eventId, listing: { ...listing, acknowledgedCap: cap }, operations }
}

describe('LumaAdapter.setMode to WAITLIST_ONLY', () => {
  it.each([
    ['of a ticket type', { ticketTypes: [{ maxCapacity: 90 }] }, 'TYPE', ['ticket-types/update']],
    ['of an event with one type', { ticketTypes: [{}] }, 'EVENT', ['ticket-types/update', 'events/update']],
    ['of an event with several types', { ticketTypes: [{}, {}] }, 'EVENT', ['events/update']],
    ['of an event without types', { ticketTypes: [] }, 'EVENT', ['events/update']],
  ] as const)('writes the cap %s without any read', async (_name, { ticketTypes }, by, expected) => {
    const { eventId, listing, operations } = await driven({ ticketTypes: [...ticketTypes] }, by, 60)
    if (ticketTypes.length > 0) harness.sell(eventId, 6)
    const sold = ticketTypes.length > 0 ? 6 : 1
    expect(valueOf(await close(listing, sold))).toMatchObject({ cap: sold, mode: 'WAITLIST_ONLY', sold: null })
    expect(operations()).toEqual(expected)
    expect(truthOf(listing).cap).toBe(sold)
  })

  it.each([
    ['a ticket type', 'TYPE', [4]],
    ['an event with one type', 'EVENT', [4]],
    ['an event with several types', 'EVENT', [3, 1]],
  ] as const)('does not raise the cap of a listing that is not imported yet: %s', async (_name, by, caps) => {
    harness.simulator.toggles.patch({ maxCapacityBelowCount: 'reject' })
    const ticketTypes = caps.map((maxCapacity) => ({ maxCapacity }))
    const { truth, listing } = harness.createListing({ ticketTypes }, by)
    truth.ticketTypes.forEach(({ id }, index) => harness.sell(truth.eventId, caps[index] ?? 0, id))
    expect(valueOf(await close(listing, 1))).toMatchObject({ cap: 4, mode: 'WAITLIST_ONLY' })
    const written = harness.simulator.trace.query({ eventId: truth.eventId }).caps
    expect(Math.max(...written.map(({ cap }) => cap ?? 0))).toBe(4)
  })

  it('writes the event’s own cap before it lists types that are not cached', async () => {
    const { truth, listing } = harness.createListing({ ticketTypes: [{ maxCapacity: 20 }] }, 'EVENT')
    harness.sell(truth.eventId, 6)
    expect(valueOf(await close(listing, 6))).toMatchObject({ cap: 6, mode: 'WAITLIST_ONLY' })
    const caps = harness.simulator.trace
      .query({ eventId: truth.eventId })
      .caps.filter(({ cause }) => cause.endsWith('cap'))
    expect(caps.map(({ cause, cap }) => [cause, cap])).toEqual([
      ['event cap', 6],
      ['type cap', 6],
    ])
  })

  it('writes the event’s own cap if the cached type no longer exists', async () => {
    const { eventId, listing } = await driven({ ticketTypes: [{}] }, 'EVENT', 60)
    const { types } = harness.simulator.control.context.state.event(eventId)
    Object.assign(types[0] ?? {}, { id: 'evtticktyp-NEW' })
    harness.sell(eventId, 4)
    expect(valueOf(await close(listing, 4))).toMatchObject({ cap: 4, mode: 'WAITLIST_ONLY' })
    expect(truthOf(listing)).toMatchObject({ eventCap: 4, ticketTypes: [{ cap: 4 }] })
  })

  it.each(['TYPE', 'EVENT'] as const)('closes at the count if a cap below it is refused: %s', async (by) => {
    const { eventId, listing, operations } = await driven({ ticketTypes: [{}] }, by, 60)
    harness.sell(eventId, 45)
    harness.simulator.toggles.patch({ maxCapacityBelowCount: 'reject' })
    expect(valueOf(await close(listing, 38))).toMatchObject({ cap: 45, mode: 'WAITLIST_ONLY' })
    expect(truthOf(listing)).toMatchObject({ cap: 45, mode: 'WAITLIST_ONLY' })
    expect(operations()).not.toContain('guests/list')
  })

  it('returns CAP_BELOW_SOLD, not REJECTED, if applicants hold more seats than the cap in force', async () => {
    const { eventId, listing } = await driven({ ticketTypes: [{ requireApproval: true }] }, 'EVENT', 90)
    for (let i = 0; i < 50; i++) harness.simulator.control.register({ eventId, email: `applicant.${i}@example.com` })
    harness.simulator.toggles.patch({ maxCapacityBelowCount: 'reject' })
    const failure = failureOf(await close({ ...listing, acknowledgedCap: 33 }, 1))
    expect(failure).toMatchObject({ kind: 'CAP_BELOW_SOLD', sold: 0, pending: 0 })
    expect(failureOf(await harness.adapter.writeCap(listing, 33, CONTEXT))).toMatchObject({
      kind: 'CAP_BELOW_SOLD',
      sold: 0,
    })
    expect(truthOf(listing).cap).toBe(90)
  })
})

describe('LumaAdapter.setMode while tickets are sold', () => {
  it.each(['accept', 'reject'] as const)('stops sales within a few calls: %s', async (maxCapacityBelowCount) => {
    const { eventId, listing } = await driven({ ticketTypes: [{}] }, 'EVENT', 900)
    harness.sell(eventId, 300)
    harness.simulator.toggles.patch({ maxCapacityBelowCount })
    harness.simulator.knobs.patch({ latencyMs: 60 })
    let refused = 0
    const buyer = setInterval(() => {
      const email = `late.${truthOf(listing).sold}.${refused}@example.com`
      if (harness.simulator.control.register({ eventId, email }).status !== 'approved') refused += 1
    }, 20)
    try {
      let known = 285
      let state: ConfirmedState | null = null
      for (let attempt = 0; attempt < 5 && state?.mode !== 'WAITLIST_ONLY'; attempt++) {
        const outcome = await close(listing, known)
        if (outcome.kind === 'CAP_BELOW_SOLD') known = outcome.sold ?? known
        else state = valueOf(outcome)
        if (state && state.mode !== 'WAITLIST_ONLY') known = truthOf(listing).sold
      }
      expect(state?.mode).toBe('WAITLIST_ONLY')
      const { sold } = truthOf(listing)
      expect(state?.cap).toBeLessThanOrEqual(285 + 250)
      await expect.poll(() => refused).toBeGreaterThan(3)
      expect(truthOf(listing).sold).toBeLessThanOrEqual(Math.max(sold, state?.cap ?? 0))
    } finally {
      clearInterval(buyer)
    }
  })
})

describe('LumaAdapter limits of ticket types', () => {
  const TYPES = [{ maxCapacity: 10 }, { maxCapacity: 90 }]

  it.each(['recorded', 'not recorded'])('are restored in proportion after closing and reopening: %s', async (how) => {
    const { truth, listing } = harness.createListing({ ticketTypes: TYPES }, 'EVENT')
    const [vip = '', ga = ''] = truth.ticketTypes.map(({ id }) => id)
    const { typeLimits = null } = valueOf(await harness.adapter.readChannel(listing, CONTEXT))
    expect(typeLimits).toEqual({ [vip]: 10, [ga]: 90 })
    const known = { ...listing, typeLimits: how === 'recorded' ? typeLimits : null }
    valueOf(await harness.adapter.writeCap({ ...known, acknowledgedCap: 100 }, 50, CONTEXT))
    expect(truthOf(listing).ticketTypes.map(({ cap }) => cap)).toEqual([5, 45])
    harness.sell(truth.eventId, 4, vip)
    harness.sell(truth.eventId, 1, ga)
    valueOf(await close({ ...known, acknowledgedCap: 50 }, 5))
    expect(truthOf(listing)).toMatchObject({ eventCap: 5, mode: 'WAITLIST_ONLY' })
    valueOf(await harness.adapter.setMode({ ...known, acknowledgedCap: 5 }, 'OPEN', 100, CONTEXT))
    expect(truthOf(listing)).toMatchObject({ eventCap: 100, ticketTypes: [{ cap: 10 }, { cap: 90 }] })
  })

  it('are not exceeded: a cap above their sum is not confirmed', async () => {
    const { truth, listing } = harness.createListing({ ticketTypes: TYPES }, 'EVENT')
    const [vip = '', ga = ''] = truth.ticketTypes.map(({ id }) => id)
    const known = { ...listing, typeLimits: { [vip]: 10, [ga]: 90 } }
    expect(valueOf(await harness.adapter.writeCap(known, 150, CONTEXT)).cap).toBe(100)
    expect(truthOf(listing)).toMatchObject({ eventCap: 100, ticketTypes: [{ cap: 10 }, { cap: 90 }] })
    const one = { ...listing, typeLimits: { [vip]: 10 } }
    expect(valueOf(await harness.adapter.writeCap(one, 150, CONTEXT)).cap).toBe(150)
    expect(truthOf(listing)).toMatchObject({ eventCap: 150, ticketTypes: [{ cap: 10 }, { cap: 140 }] })
  })

  it('are kept for a type that has sold more than its share, under the event’s cap', async () => {
    const { truth, listing } = harness.createListing({ ticketTypes: TYPES }, 'EVENT')
    const [vip = ''] = truth.ticketTypes.map(({ id }) => id)
    harness.sell(truth.eventId, 9, vip)
    harness.simulator.toggles.patch({ maxCapacityBelowCount: 'reject' })
    expect(valueOf(await harness.adapter.writeCap(listing, 50, CONTEXT)).cap).toBe(50)
    expect(truthOf(listing)).toMatchObject({ eventCap: 50, ticketTypes: [{ cap: 10 }, { cap: 45 }] })
  })

  it('are kept for hidden types', async () => {
    const ticketTypes = [{ maxCapacity: 90 }, { maxCapacity: 12, isHidden: true }]
    const { truth, listing } = harness.createListing({ ticketTypes }, 'EVENT')
    valueOf(await harness.adapter.writeCap(listing, 40, CONTEXT))
    valueOf(await close({ ...listing, acknowledgedCap: 40 }, 1))
    valueOf(await harness.adapter.setMode({ ...listing, acknowledgedCap: 1 }, 'OPEN', 60, CONTEXT))
    expect(truthOf(listing)).toMatchObject({ eventCap: 60, ticketTypes: [{ cap: 60 }, { cap: 12 }] })
    expect(truth.ticketTypes).toHaveLength(2)
  })

  it('that add up to the acknowledged cap do not show that the event’s own cap was kept', async () => {
    const { listing } = harness.createListing({ ticketTypes: TYPES, maxCapacity: 6 }, 'EVENT')
    const read = async (acknowledgedCap: number | null) =>
      valueOf(await harness.adapter.readChannel({ ...listing, acknowledgedCap }, CONTEXT))
    expect(await read(100)).toMatchObject({ cap: 100, capSource: 'acknowledged' })
    expect(await read(120)).toMatchObject({ cap: 100, capSource: 'read' })
    expect(await read(null)).toMatchObject({ cap: 100, capSource: 'read' })
  })
})
