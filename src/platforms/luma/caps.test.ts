import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { CONTEXT, failureOf, lumaStage, valueOf, type LumaStage } from '../../../test/support/luma.js'

let stage: LumaStage
beforeAll(async () => {
  stage = await lumaStage()
})
afterAll(() => stage.close())
afterEach(() => {
  stage.simulator.toggles.patch({
    maxCapacityBelowCount: 'accept',
    waitlistApi: 'absent',
    idNames: 'id',
    pendingHoldsCapacity: 'yes',
  })
})

const FREE = { ticketTypes: [{ maxCapacity: 20 }] }
const truthOf = (eventId: string) => stage.simulator.control.truth(eventId)
const capWrites = (eventId: string) =>
  stage.simulator.trace.query({ eventId }).caps.filter(({ cause }) => cause.endsWith('cap'))

const calls = (eventId: string, operation: string) =>
  stage.simulator.trace.query().calls.filter((call) => call.operation === operation && call.path.includes(eventId))
    .length

describe('reading a channel', () => {
  it('reads cap, sold, carts and the waitlist; invited guests and applicants count for nothing', async () => {
    const { truth, listing } = stage.listed({ ticketTypes: [{ maxCapacity: 20 }, { requireApproval: true }] })
    stage.sell(truth.eventId, 5)
    const second = truth.ticketTypes[1]?.id ?? ''
    stage.simulator.control.register({ eventId: truth.eventId, ticketTypeId: second, email: 'p@example.com' })
    const byType = valueOf(await stage.adapter.readChannel(listing, CONTEXT))
    expect(byType).toMatchObject({ cap: 20, capSource: 'read', sold: 5, pending: 0, mode: 'OPEN' })
    expect(byType.waitlistAvailable).toBe(true)
    const whole = { ...listing, externalTicketClassId: null, acknowledgedCap: 15 }
    const reading = valueOf(await stage.adapter.readChannel(whole, CONTEXT))
    expect(reading).toMatchObject({ cap: 15, capSource: 'acknowledged', sold: 5, pending: 0 })
    stage.simulator.control.openCart({ eventId: truth.eventId, quantity: 2 })
    expect(valueOf(await stage.adapter.readChannel(whole, CONTEXT))).toMatchObject({ sold: 5, pending: 2 })
  })

  it('reads a sold-out channel as waitlist only, and a disabled waitlist as none', async () => {
    const { truth, listing } = stage.listed({ ticketTypes: [{ maxCapacity: 4 }], waitlist: 'disabled' })
    stage.sell(truth.eventId, 4)
    const reading = valueOf(await stage.adapter.readChannel(listing, CONTEXT))
    expect(reading).toMatchObject({ cap: 4, sold: 4, mode: 'WAITLIST_ONLY', waitlistAvailable: false })
  })

  it('counts a guest without tickets as one seat, and says when no cap can be known', async () => {
    const { truth, listing } = stage.listed({ ticketTypes: [], maxCapacity: 10 }, 'EVENT')
    stage.simulator.control.register({ eventId: truth.eventId, email: 'a@example.com' })
    const reading = valueOf(await stage.adapter.readChannel(listing, CONTEXT))
    expect(reading).toMatchObject({ cap: null, capSource: 'none', sold: 1, mode: 'UNKNOWN' })
  })

  it('reads all pages of many guests, and under the ids’ older names', async () => {
    const { truth, listing } = stage.listed({})
    stage.sell(truth.eventId, 450)
    expect(valueOf(await stage.adapter.readChannel(listing, CONTEXT)).sold).toBe(450)
    stage.simulator.toggles.patch({ idNames: 'api_id' })
    expect(valueOf(await stage.adapter.readChannel(listing, CONTEXT)).sold).toBe(450)
  })

  it('says GONE for an event or a ticket type that is not there', async () => {
    const { listing } = stage.listed()
    expect(failureOf(await stage.adapter.readChannel({ ...listing, externalEventId: 'evt-none' }, CONTEXT)).kind).toBe(
      'GONE',
    )
    const other = { ...listing, externalTicketClassId: 'evtticktyp-none' }
    expect(failureOf(await stage.adapter.readChannel(other, CONTEXT)).kind).toBe('GONE')
    expect(failureOf(await stage.adapter.writeCap(other, 5, CONTEXT)).kind).toBe('GONE')
  })
})

describe('writing a cap', () => {
  it('writes the ticket type and confirms what its answer stored', async () => {
    const { truth, listing } = stage.listed(FREE)
    const state = valueOf(await stage.adapter.writeCap(listing, 58, CONTEXT))
    expect(state).toMatchObject({ cap: 58, mode: 'OPEN', pending: 0 })
    expect(truthOf(truth.eventId).ticketTypes[0]?.cap).toBe(58)
    expect(valueOf(await stage.adapter.readChannel(listing, CONTEXT))).toMatchObject({ cap: 58, capSource: 'read' })
  })

  it('takes the only ticket type of an event listed as a whole, and lets no smaller cap of the event stand', async () => {
    const { truth, listing } = stage.listed({ ...FREE, maxCapacity: 1 }, 'EVENT')
    valueOf(await stage.adapter.writeCap(listing, 7, CONTEXT))
    expect(truthOf(truth.eventId)).toMatchObject({ cap: 7, eventCap: 7, ticketTypes: [{ cap: 7 }] })
  })

  it('leaves the cap of the event alone where only one of its types is the channel', async () => {
    const { truth, listing } = stage.listed({ ...FREE, maxCapacity: 50 }, 'TYPE')
    valueOf(await stage.adapter.writeCap(listing, 7, CONTEXT))
    expect(truthOf(truth.eventId)).toMatchObject({ eventCap: 50, ticketTypes: [{ cap: 7 }] })
  })

  it('writes the event where there is no ticket type: acknowledged is all there is', async () => {
    const { truth, listing } = stage.listed({ ticketTypes: [], maxCapacity: 10 }, 'EVENT')
    expect(valueOf(await stage.adapter.writeCap(listing, 6, CONTEXT)).cap).toBe(6)
    expect(truthOf(truth.eventId).eventCap).toBe(6)
    const reading = valueOf(await stage.adapter.readChannel({ ...listing, acknowledgedCap: 6 }, CONTEXT))
    expect(reading).toMatchObject({ cap: 6, capSource: 'acknowledged' })
  })

  it('splits a cap over several types by their proportion, with the event’s cap as the belt', async () => {
    const types = [{ maxCapacity: 90 }, { maxCapacity: 10 }]
    const { truth, listing } = stage.listed({ ticketTypes: types }, 'EVENT')
    expect(valueOf(await stage.adapter.writeCap(listing, 50, CONTEXT)).cap).toBe(50)
    expect(truthOf(truth.eventId)).toMatchObject({ eventCap: 50, cap: 50, ticketTypes: [{ cap: 45 }, { cap: 5 }] })
  })

  it('gives a type without a limit, that has sold more than its share, what it has sold', async () => {
    const { truth, listing } = stage.listed({ ticketTypes: [{}, {}] }, 'EVENT')
    const [popular] = truth.ticketTypes
    stage.sell(truth.eventId, 30, popular?.id)
    stage.simulator.toggles.patch({ maxCapacityBelowCount: 'reject' })
    expect(valueOf(await stage.adapter.writeCap(listing, 50, CONTEXT)).cap).toBe(50)
    expect(truthOf(truth.eventId)).toMatchObject({ eventCap: 50, ticketTypes: [{ cap: 30 }, { cap: 25 }] })
    const { unlimitedParts } = valueOf(await stage.adapter.readChannel({ ...listing, acknowledgedCap: 50 }, CONTEXT))
    expect(unlimitedParts).toEqual([])
  })

  it('never sends 0 or less', async () => {
    const { truth, listing } = stage.listed(FREE)
    for (const cap of [0, -3]) expect(valueOf(await stage.adapter.writeCap(listing, cap, CONTEXT)).cap).toBe(1)
    expect(capWrites(truth.eventId).map(({ cap }) => cap)).toEqual([1, 1])
    expect(failureOf(await stage.adapter.writeCap(listing, Number.NaN, CONTEXT))).toMatchObject({ code: 'INVALID_CAP' })
  })

  it.each(['accept', 'reject'] as const)('shrinks below sold where the platform would %s it', async (toggle) => {
    const { truth, listing } = stage.listed(FREE)
    stage.sell(truth.eventId, 8)
    stage.simulator.toggles.patch({ maxCapacityBelowCount: toggle })
    const state = valueOf(await stage.adapter.writeCap(listing, 3, CONTEXT))
    expect(state.cap).toBe(toggle === 'accept' ? 3 : 8)
    expect(truthOf(truth.eventId)).toMatchObject({ sold: 8, mode: 'WAITLIST_ONLY' })
  })

  it('counts nothing after a shrink, and says so', async () => {
    const { truth, listing } = stage.listed({ ticketTypes: [{ maxCapacity: 20 }] })
    stage.sell(truth.eventId, 8)
    const state = valueOf(await stage.adapter.writeCap({ ...listing, acknowledgedCap: 20 }, 5, CONTEXT))
    expect(state).toMatchObject({ cap: 5, mode: 'OPEN', pending: 0, sold: null })
    expect(calls(truth.eventId, 'guests/list')).toBe(0)
  })
})

describe('modes', () => {
  it('closes to the waitlist at what is sold, and opens again', async () => {
    const { truth, listing } = stage.listed(FREE)
    stage.sell(truth.eventId, 6)
    const closed = valueOf(await stage.adapter.setMode(listing, 'WAITLIST_ONLY', 6, CONTEXT))
    expect(closed).toMatchObject({ cap: 6, mode: 'WAITLIST_ONLY' })
    const late = stage.simulator.control.register({ eventId: truth.eventId, email: 'late@example.com' })
    expect(late.status).toBe('waitlist')
    expect(valueOf(await stage.adapter.readChannel(listing, CONTEXT)).mode).toBe('WAITLIST_ONLY')
    const opened = valueOf(await stage.adapter.setMode(listing, 'OPEN', 12, CONTEXT))
    expect(opened).toMatchObject({ cap: 12, mode: 'OPEN' })
    expect(truthOf(truth.eventId).mode).toBe('OPEN')
  })

  it('closes at once at what its caller knows; a later reading tells that fewer are sold', async () => {
    const { truth, listing } = stage.listed(FREE)
    const [guest = ''] = stage.sell(truth.eventId, 6)
    stage.simulator.control.cancel(truth.eventId, guest)
    const closed = valueOf(await stage.adapter.setMode(listing, 'WAITLIST_ONLY', 6, CONTEXT))
    expect(closed).toMatchObject({ cap: 6, mode: 'WAITLIST_ONLY', sold: null })
    expect(calls(truth.eventId, 'guests/list')).toBe(0)
    const reading = valueOf(await stage.adapter.readChannel(listing, CONTEXT))
    expect(reading).toMatchObject({ cap: 6, sold: 4, mode: 'OPEN' })
    valueOf(await stage.adapter.setMode(listing, 'WAITLIST_ONLY', 4, CONTEXT))
    expect(truthOf(truth.eventId).mode).toBe('WAITLIST_ONLY')
  })

  it('never raises a cap by closing', async () => {
    const { truth, listing } = stage.listed(FREE)
    valueOf(await stage.adapter.setMode({ ...listing, acknowledgedCap: 20 }, 'WAITLIST_ONLY', 500, CONTEXT))
    expect(Math.max(...capWrites(truth.eventId).map(({ cap }) => cap ?? Infinity))).toBe(20)
  })

  it('closes an unsold channel at 1, over all its types', async () => {
    const { truth, listing } = stage.listed({ ticketTypes: [{ maxCapacity: 9 }, { maxCapacity: 9 }] }, 'EVENT')
    expect(valueOf(await stage.adapter.setMode(listing, 'WAITLIST_ONLY', 0, CONTEXT))).toMatchObject({ cap: 1 })
    expect(truthOf(truth.eventId).cap).toBe(1)
    const reading = valueOf(await stage.adapter.readChannel({ ...listing, acknowledgedCap: 1 }, CONTEXT))
    expect(reading).toMatchObject({ cap: 1, mode: 'WAITLIST_ONLY' })
  })

  it.each([
    ['absent', 'disabled', 0],
    ['accepted', 'enabled', 1],
    ['ignored', 'disabled', 1],
  ] as const)('switches the waitlist on only where the API lists it: %s', async (waitlistApi, status, attempts) => {
    const own = await lumaStage({ toggles: { waitlistApi } })
    const { truth, listing } = own.listed({ ...FREE, waitlist: 'disabled' })
    own.sell(truth.eventId, 2)
    valueOf(await own.adapter.setMode(listing, 'WAITLIST_ONLY', 2, CONTEXT))
    const updates = () => own.simulator.trace.query().calls.filter(({ operation }) => operation === 'events/update')
    const looks = () => own.simulator.trace.query().calls.filter(({ operation }) => operation === 'events/get')
    // Nobody waits for it: it goes on beside the closing.
    await expect.poll(() => looks().length).toBe(1 + attempts)
    expect(updates()).toHaveLength(attempts)
    expect(own.simulator.control.truth(truth.eventId).waitlistStatus).toBe(status)
    await own.close()
  })
})
