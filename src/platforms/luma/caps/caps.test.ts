import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  CONTEXT,
  failureOf,
  startLumaHarness,
  valueOf,
  type LumaHarness,
} from '../../../../test/support/platforms/luma.js'

let harness: LumaHarness
beforeAll(async () => {
  harness = await startLumaHarness()
})
afterAll(() => harness.close())
afterEach(() => {
  harness.simulator.toggles.patch({
    maxCapacityBelowCount: 'accept',
    waitlistApi: 'absent',
    idNames: 'id',
    pendingHoldsCapacity: 'yes',
  })
})

const FREE = { ticketTypes: [{ maxCapacity: 20 }] }
const truthOf = (eventId: string) => harness.simulator.control.truth(eventId)
const capWrites = (eventId: string) =>
  harness.simulator.trace.query({ eventId }).caps.filter(({ cause }) => cause.endsWith('cap'))

const calls = (eventId: string, operation: string) =>
  harness.simulator.trace.query().calls.filter((call) => call.operation === operation && call.path.includes(eventId))
    .length

describe('LumaAdapter.readChannel', () => {
  it('reads cap, sold, carts and waitlist, and ignores invited guests and applicants', async () => {
    const { truth, listing } = harness.createListing({ ticketTypes: [{ maxCapacity: 20 }, { requireApproval: true }] })
    harness.sell(truth.eventId, 5)
    const second = truth.ticketTypes[1]?.id ?? ''
    harness.simulator.control.register({ eventId: truth.eventId, ticketTypeId: second, email: 'p@example.com' })
    const byType = valueOf(await harness.adapter.readChannel(listing, CONTEXT))
    expect(byType).toMatchObject({ cap: 20, capSource: 'read', sold: 5, pending: 0, mode: 'OPEN' })
    expect(byType.waitlistAvailable).toBe(true)
    const whole = { ...listing, externalTicketClassId: null, acknowledgedCap: 15 }
    const reading = valueOf(await harness.adapter.readChannel(whole, CONTEXT))
    expect(reading).toMatchObject({ cap: 15, capSource: 'acknowledged', sold: 5, pending: 0 })
    harness.simulator.control.openCart({ eventId: truth.eventId, quantity: 2 })
    expect(valueOf(await harness.adapter.readChannel(whole, CONTEXT))).toMatchObject({ sold: 5, pending: 2 })
  })

  it('reads a sold-out channel as waitlist only, and a disabled waitlist as unavailable', async () => {
    const { truth, listing } = harness.createListing({ ticketTypes: [{ maxCapacity: 4 }], waitlist: 'disabled' })
    harness.sell(truth.eventId, 4)
    const reading = valueOf(await harness.adapter.readChannel(listing, CONTEXT))
    expect(reading).toMatchObject({ cap: 4, sold: 4, mode: 'WAITLIST_ONLY', waitlistAvailable: false })
  })

  it('counts a guest without tickets as one seat, and returns no cap if none can be read', async () => {
    const { truth, listing } = harness.createListing({ ticketTypes: [], maxCapacity: 10 }, 'EVENT')
    harness.simulator.control.register({ eventId: truth.eventId, email: 'a@example.com' })
    const reading = valueOf(await harness.adapter.readChannel(listing, CONTEXT))
    expect(reading).toMatchObject({ cap: null, capSource: 'none', sold: 1, mode: 'UNKNOWN' })
  })

  it('counts guests over several pages, and with the older names of the ids', async () => {
    const { truth, listing } = harness.createListing({})
    harness.sell(truth.eventId, 450)
    expect(valueOf(await harness.adapter.readChannel(listing, CONTEXT)).sold).toBe(450)
    harness.simulator.toggles.patch({ idNames: 'api_id' })
    expect(valueOf(await harness.adapter.readChannel(listing, CONTEXT)).sold).toBe(450)
  })

  it('returns GONE for a missing event or ticket type', async () => {
    const { listing } = harness.createListing()
    expect(
      failureOf(await harness.adapter.readChannel({ ...listing, externalEventId: 'evt-none' }, CONTEXT)).kind,
    ).toBe('GONE')
    const other = { ...listing, externalTicketClassId: 'evtticktyp-none' }
    expect(failureOf(await harness.adapter.readChannel(other, CONTEXT)).kind).toBe('GONE')
    expect(failureOf(await harness.adapter.writeCap(other, 5, CONTEXT)).kind).toBe('GONE')
  })
})

describe('LumaAdapter.writeCap', () => {
  it('writes the cap of the ticket type and confirms the stored value', async () => {
    const { truth, listing } = harness.createListing(FREE)
    const state = valueOf(await harness.adapter.writeCap(listing, 58, CONTEXT))
    expect(state).toMatchObject({ cap: 58, mode: 'OPEN', pending: 0 })
    expect(truthOf(truth.eventId).ticketTypes[0]?.cap).toBe(58)
    expect(valueOf(await harness.adapter.readChannel(listing, CONTEXT))).toMatchObject({ cap: 58, capSource: 'read' })
  })

  it('reports the own cap of an event listed as a whole as a limit that cannot be read', async () => {
    const whole = harness.createListing(FREE, 'EVENT').listing
    expect(valueOf(await harness.adapter.readChannel(whole, CONTEXT))).toMatchObject({ hasUnreadLimit: true })
    const type = harness.createListing(FREE).listing
    expect(valueOf(await harness.adapter.readChannel(type, CONTEXT))).toMatchObject({ hasUnreadLimit: false })
  })

  it('writes the caps of the event and of its only type for an event listed as a whole', async () => {
    const { truth, listing } = harness.createListing({ ...FREE, maxCapacity: 1 }, 'EVENT')
    valueOf(await harness.adapter.writeCap(listing, 7, CONTEXT))
    expect(truthOf(truth.eventId)).toMatchObject({ cap: 7, eventCap: 7, ticketTypes: [{ cap: 7 }] })
  })

  it('does not write the cap of the event if the channel is one of its types', async () => {
    const { truth, listing } = harness.createListing({ ...FREE, maxCapacity: 50 }, 'TYPE')
    valueOf(await harness.adapter.writeCap(listing, 7, CONTEXT))
    expect(truthOf(truth.eventId)).toMatchObject({ eventCap: 50, ticketTypes: [{ cap: 7 }] })
  })

  it('writes the cap of an event without ticket types, and reads it back as acknowledged', async () => {
    const { truth, listing } = harness.createListing({ ticketTypes: [], maxCapacity: 10 }, 'EVENT')
    expect(valueOf(await harness.adapter.writeCap(listing, 6, CONTEXT)).cap).toBe(6)
    expect(truthOf(truth.eventId).eventCap).toBe(6)
    const reading = valueOf(await harness.adapter.readChannel({ ...listing, acknowledgedCap: 6 }, CONTEXT))
    expect(reading).toMatchObject({ cap: 6, capSource: 'acknowledged' })
  })

  it('splits a cap over several types in proportion, and writes the cap of the event as well', async () => {
    const types = [{ maxCapacity: 90 }, { maxCapacity: 10 }]
    const { truth, listing } = harness.createListing({ ticketTypes: types }, 'EVENT')
    expect(valueOf(await harness.adapter.writeCap(listing, 50, CONTEXT)).cap).toBe(50)
    expect(truthOf(truth.eventId)).toMatchObject({ eventCap: 50, cap: 50, ticketTypes: [{ cap: 45 }, { cap: 5 }] })
  })

  it('caps an unlimited type that has sold more than its share at the tickets it has sold', async () => {
    const { truth, listing } = harness.createListing({ ticketTypes: [{}, {}] }, 'EVENT')
    const [popular] = truth.ticketTypes
    harness.sell(truth.eventId, 30, popular?.id)
    harness.simulator.toggles.patch({ maxCapacityBelowCount: 'reject' })
    expect(valueOf(await harness.adapter.writeCap(listing, 50, CONTEXT)).cap).toBe(50)
    expect(truthOf(truth.eventId)).toMatchObject({ eventCap: 50, ticketTypes: [{ cap: 30 }, { cap: 25 }] })
    const { unlimitedParts } = valueOf(await harness.adapter.readChannel({ ...listing, acknowledgedCap: 50 }, CONTEXT))
    expect(unlimitedParts).toEqual([])
  })

  it('never writes a cap below 1', async () => {
    const { truth, listing } = harness.createListing(FREE)
    for (const cap of [0, -3]) expect(valueOf(await harness.adapter.writeCap(listing, cap, CONTEXT)).cap).toBe(1)
    expect(capWrites(truth.eventId).map(({ cap }) => cap)).toEqual([1, 1])
    expect(failureOf(await harness.adapter.writeCap(listing, Number.NaN, CONTEXT))).toMatchObject({
      code: 'INVALID_CAP',
    })
  })

  it.each(['accept', 'reject'] as const)(
    'shrinks below the tickets sold if the platform would %s that',
    async (toggle) => {
      const { truth, listing } = harness.createListing(FREE)
      harness.sell(truth.eventId, 8)
      harness.simulator.toggles.patch({ maxCapacityBelowCount: toggle })
      const state = valueOf(await harness.adapter.writeCap(listing, 3, CONTEXT))
      expect(state.cap).toBe(toggle === 'accept' ? 3 : 8)
      expect(truthOf(truth.eventId)).toMatchObject({ sold: 8, mode: 'WAITLIST_ONLY' })
    },
  )

  it('does not count guests after a shrink, and returns sold as unknown', async () => {
    const { truth, listing } = harness.createListing({ ticketTypes: [{ maxCapacity: 20 }] })
    harness.sell(truth.eventId, 8)
    const state = valueOf(await harness.adapter.writeCap({ ...listing, acknowledgedCap: 20 }, 5, CONTEXT))
    expect(state).toMatchObject({ cap: 5, mode: 'OPEN', pending: 0, sold: null })
    expect(calls(truth.eventId, 'guests/list')).toBe(0)
  })
})

describe('LumaAdapter.setMode', () => {
  it('closes to the waitlist at the tickets sold, and reopens', async () => {
    const { truth, listing } = harness.createListing(FREE)
    harness.sell(truth.eventId, 6)
    const closed = valueOf(await harness.adapter.setMode(listing, 'WAITLIST_ONLY', 6, CONTEXT))
    expect(closed).toMatchObject({ cap: 6, mode: 'WAITLIST_ONLY' })
    const late = harness.simulator.control.register({ eventId: truth.eventId, email: 'late@example.com' })
    expect(late.status).toBe('waitlist')
    expect(valueOf(await harness.adapter.readChannel(listing, CONTEXT)).mode).toBe('WAITLIST_ONLY')
    const opened = valueOf(await harness.adapter.setMode(listing, 'OPEN', 12, CONTEXT))
    expect(opened).toMatchObject({ cap: 12, mode: 'OPEN' })
    expect(truthOf(truth.eventId).mode).toBe('OPEN')
  })

  it('closes immediately at the caller’s count; a later read shows that fewer are sold', async () => {
    const { truth, listing } = harness.createListing(FREE)
    const [guest = ''] = harness.sell(truth.eventId, 6)
    harness.simulator.control.cancel(truth.eventId, guest)
    const closed = valueOf(await harness.adapter.setMode(listing, 'WAITLIST_ONLY', 6, CONTEXT))
    expect(closed).toMatchObject({ cap: 6, mode: 'WAITLIST_ONLY', sold: null })
    expect(calls(truth.eventId, 'guests/list')).toBe(0)
    const reading = valueOf(await harness.adapter.readChannel(listing, CONTEXT))
    expect(reading).toMatchObject({ cap: 6, sold: 4, mode: 'OPEN' })
    valueOf(await harness.adapter.setMode(listing, 'WAITLIST_ONLY', 4, CONTEXT))
    expect(truthOf(truth.eventId).mode).toBe('WAITLIST_ONLY')
  })

  it('never raises a cap when closing', async () => {
    const { truth, listing } = harness.createListing(FREE)
    valueOf(await harness.adapter.setMode({ ...listing, acknowledgedCap: 20 }, 'WAITLIST_ONLY', 500, CONTEXT))
    expect(Math.max(...capWrites(truth.eventId).map(({ cap }) => cap ?? Infinity))).toBe(20)
  })

  it('closes an unsold channel at a cap of 1 over all its types', async () => {
    const { truth, listing } = harness.createListing({ ticketTypes: [{ maxCapacity: 9 }, { maxCapacity: 9 }] }, 'EVENT')
    expect(valueOf(await harness.adapter.setMode(listing, 'WAITLIST_ONLY', 0, CONTEXT))).toMatchObject({ cap: 1 })
    expect(truthOf(truth.eventId).cap).toBe(1)
    const reading = valueOf(await harness.adapter.readChannel({ ...listing, acknowledgedCap: 1 }, CONTEXT))
    expect(reading).toMatchObject({ cap: 1, mode: 'WAITLIST_ONLY' })
  })

  it.each([
    ['absent', 'disabled', 0],
    ['accepted', 'enabled', 1],
    ['ignored', 'disabled', 1],
  ] as const)(
    'enables the waitlist only if the API description lists it: %s',
    async (waitlistApi, status, attempts) => {
      const closing = await startLumaHarness({ toggles: { waitlistApi } })
      const { truth, listing } = closing.createListing({ ...FREE, waitlist: 'disabled' })
      closing.sell(truth.eventId, 2)
      valueOf(await closing.adapter.setMode(listing, 'WAITLIST_ONLY', 2, CONTEXT))
      const updates = () =>
        closing.simulator.trace.query().calls.filter(({ operation }) => operation === 'events/update')
      const reads = () => closing.simulator.trace.query().calls.filter(({ operation }) => operation === 'events/get')
      // It is not awaited by the closing.
      await expect.poll(() => reads().length).toBe(1 + attempts)
      expect(updates()).toHaveLength(attempts)
      expect(closing.simulator.control.truth(truth.eventId).waitlistStatus).toBe(status)
      await closing.close()
    },
  )
})
