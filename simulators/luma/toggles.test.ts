import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lumaApi, type LumaApi } from '../../test/support/platforms/luma-api.js'
import type { EventOptions } from './state/create-event.js'
import type { EventTruth } from './state/model.js'
import { startSimulator, type LumaSimulator } from './server.js'
import type { LumaToggles } from './toggles.js'

let simulator: LumaSimulator
let api: LumaApi
beforeEach(async () => {
  simulator = await startSimulator({ toggles: { invitedPerRegistration: 0 } })
  api = lumaApi(simulator)
})
afterEach(() => simulator.close())

/** A full event: two tickets of two, and one guest on the waitlist. */
function full(event: EventOptions = {}): EventTruth {
  const { control } = simulator
  const truth = control.createEvent({ ticketTypes: [{ maxCapacity: 2 }], ...event })
  control.register({ eventId: truth.eventId, quantity: 2, email: 'first@example.com' })
  control.register({ eventId: truth.eventId, email: 'waiting@example.com' })
  return truth
}

const set = (toggles: Partial<LumaToggles>) => api.patch('toggles', toggles)
const truthOf = ({ eventId }: EventTruth) => simulator.control.truth(eventId)
const writeCap = async ({ ticketTypes }: EventTruth, max_capacity: number | null) =>
  (await api.post('/v1/events/ticket-types/update', { event_ticket_type_id: ticketTypes[0]?.id, max_capacity })).status

describe('toggles of caps', () => {
  it('maxCapacityBelowCount accepts the cap and sells out, or rejects it', async () => {
    const truth = full()
    expect(await writeCap(truth, 1)).toBe(200)
    expect(truthOf(truth)).toMatchObject({ cap: 1, sold: 2, mode: 'WAITLIST_ONLY' })
    await set({ maxCapacityBelowCount: 'reject' })
    expect(await writeCap(truth, 1)).toBe(400)
    expect(await writeCap(truth, 2)).toBe(200)
  })

  it('maxCapacityZero rejects the cap, sells out, or removes the limit', async () => {
    const truth = full()
    expect(await writeCap(truth, 0)).toBe(400)
    await set({ maxCapacityZero: 'soldOut' })
    expect(await writeCap(truth, -5)).toBe(200)
    expect(truthOf(truth)).toMatchObject({ cap: 0, mode: 'WAITLIST_ONLY' })
    await set({ maxCapacityZero: 'unlimited' })
    expect(await writeCap(truth, 0)).toBe(200)
    expect(truthOf(truth)).toMatchObject({ cap: null, mode: 'OPEN' })
  })

  it.each(['yes', 'no'] as const)(
    'pendingHoldsCapacity %s decides whether guests waiting for approval count',
    async (pendingHoldsCapacity) => {
      await set({ pendingHoldsCapacity })
      const truth = full({ ticketTypes: [{ maxCapacity: 2, requireApproval: true }] })
      const holds = pendingHoldsCapacity === 'yes'
      expect(truthOf(truth)).toMatchObject({ sold: 0, pending: holds ? 2 : 3, waitlisted: holds ? 1 : 0 })
      for (const { id, status } of simulator.control.guests(truth.eventId)) {
        if (status !== 'pending_approval') continue
        if (truthOf(truth).sold < 2) simulator.control.approve(truth.eventId, id)
        else expect(() => simulator.control.approve(truth.eventId, id)).toThrow('sold out')
      }
      expect(truthOf(truth).sold).toBe(2)
    },
  )

  it('autoPromote fills freed and added places from the waitlist', async () => {
    const truth = full()
    await set({ autoPromote: 'on' })
    await writeCap(truth, 3)
    expect(truthOf(truth)).toMatchObject({ sold: 3, waitlisted: 0 })
  })

  it('the waitlistPromotion knob fills freed places from the waitlist at random', async () => {
    const truth = full()
    simulator.knobs.patch({ waitlistPromotion: 1 })
    const [first] = simulator.control.guests(truth.eventId)
    simulator.control.refund(truth.eventId, first?.id ?? '')
    expect(truthOf(truth)).toMatchObject({ sold: 1, waitlisted: 0 })
  })
})

describe('toggles of the waitlist', () => {
  it('waitlistFreeOnly decides whether a paid event has a waitlist', async () => {
    const paid: EventOptions = { ticketTypes: [{ maxCapacity: 2, type: 'paid', cents: 900 }] }
    expect(truthOf(full(paid)).waitlisted).toBe(0)
    await set({ waitlistFreeOnly: 'no' })
    expect(truthOf(full(paid)).waitlisted).toBe(1)
  })

  it.each([
    ['absent', 400, 'enabled', 'OPEN'],
    ['accepted', 200, 'disabled', 'WAITLIST_ONLY'],
    ['ignored', 200, 'enabled', 'OPEN'],
  ] as const)(
    'waitlistApi and registrationOpenApi %s decide whether the API accepts these fields',
    async (value, status, waitlistStatus, mode) => {
      await set({ waitlistApi: value, registrationOpenApi: value })
      const truth = simulator.control.createEvent()
      const update = { event_id: truth.eventId, waitlist_status: 'disabled', registration_open: false }
      expect((await api.post('/v1/events/update', update)).status).toBe(status)
      expect(truthOf(truth)).toMatchObject({ waitlistStatus, mode })
      const description = JSON.stringify((await api.get('/openapi.json')).body)
      expect(description.includes('waitlist_status')).toBe(value !== 'absent')
    },
  )
})

describe('toggles of guests, ticket types and lists', () => {
  it('selfCancelShape declines a cancelled guest or removes the row', async () => {
    const { control } = simulator
    const { eventId } = control.createEvent()
    const guest = control.register({ eventId, email: 'a@example.com' }).guestId ?? ''
    control.cancel(eventId, guest)
    expect((await api.get('/v1/events/guests/get', { event_id: eventId, id: guest })).body).toMatchObject({
      approval_status: 'declined',
      event_tickets: [],
    })
    await set({ selfCancelShape: 'vanishes' })
    const other = control.register({ eventId, email: 'b@example.com' }).guestId ?? ''
    control.cancel(eventId, other)
    expect((await api.get('/v1/events/guests/get', { event_id: eventId, id: other })).status).toBe(404)
    const { body } = await api.get('/v1/events/guests/list', { event_id: eventId })
    expect(body['entries']).toHaveLength(1)
  })

  it('reRegistration reuses the guest or creates a new one', async () => {
    const { control } = simulator
    const { eventId } = control.createEvent()
    const registerAndCancel = () => {
      const id = control.register({ eventId, email: 'a@example.com' }).guestId ?? ''
      control.cancel(eventId, id)
      return id
    }
    const first = registerAndCancel()
    expect(registerAndCancel()).toBe(first)
    await set({ reRegistration: 'newGuest' })
    expect(registerAndCancel()).not.toBe(first)
  })

  it('sameStatusMailsAgain decides whether an unchanged status sends another email', async () => {
    const { control } = simulator
    const { eventId } = control.createEvent()
    const guest_id = control.register({ eventId, email: 'a@example.com' }).guestId
    const change = () =>
      api.post('/v1/events/guests/update-status', { event_id: eventId, guest_id, status: 'approved' })
    await change()
    expect(control.context.state.mails).toHaveLength(0)
    await set({ sameStatusMailsAgain: 'yes' })
    expect((await change()).body).toEqual({})
    expect(control.context.state.mails).toHaveLength(1)
  })

  it('hideLastType rejects or accepts hiding the last visible type', async () => {
    const { ticketTypes } = simulator.control.createEvent()
    const hide = { event_ticket_type_id: ticketTypes[0]?.id, is_hidden: true }
    expect((await api.post('/v1/events/ticket-types/update', hide)).status).toBe(400)
    await set({ hideLastType: 'accept' })
    expect((await api.post('/v1/events/ticket-types/update', hide)).body).toMatchObject({ is_hidden: true })
  })

  it('idNames renames all ids to api_id', async () => {
    await set({ idNames: 'api_id' })
    const { eventId } = simulator.control.createEvent()
    simulator.control.register({ eventId, email: 'a@example.com' })
    const { body } = await api.get('/v1/events/guests/list', { event_id: eventId })
    const text = JSON.stringify(body)
    expect(text).toContain('"api_id":"gst-')
    expect(text).toContain('"event_ticket_type_api_id"')
    expect(text).not.toContain('"id":')
  })

  it('guestsWithoutTickets omits the tickets of the first N guests', async () => {
    const { eventId } = full()
    const rows = async () => (await api.get('/v1/events/guests/list', { event_id: eventId })).body['entries']
    expect(await rows()).toMatchObject([{ event_tickets: [{}, {}] }, { event_tickets: [] }])
    await set({ guestsWithoutTickets: 1 })
    const [first] = (await rows()) as object[]
    expect(first).not.toHaveProperty('event_tickets')
  })

  it('goneGuestList returns 404 or an empty list for an unknown event', async () => {
    const list = () => api.get('/v1/events/guests/list', { event_id: 'evt-none' })
    expect((await list()).status).toBe(404)
    await set({ goneGuestList: 'empty' })
    expect((await list()).body).toEqual({ entries: [], has_more: false })
  })

  it.each([
    ['repeat', 1, 2],
    ['cycle', 2, 2],
    ['empty', 4, 0],
  ] as const)('stuckList %s returns pages without end', async (stuckList, cursors, rows) => {
    const { eventId } = full()
    await set({ stuckList })
    const seen = new Set<unknown>()
    let cursor = ''
    let maxRows = 0
    for (let page = 0; page < 4; page++) {
      const query = { event_id: eventId, ...(cursor === '' ? {} : { pagination_cursor: cursor }) }
      const { body } = await api.get('/v1/events/guests/list', query)
      expect(body['has_more']).toBe(true)
      cursor = String(body['next_cursor'])
      seen.add(cursor)
      maxRows = Math.max(maxRows, (body['entries'] as unknown[]).length)
    }
    expect(seen.size).toBe(cursors)
    expect(maxRows).toBe(rows)
  })

  it('the clockSkewMs knob changes the Date header of a response', async () => {
    simulator.knobs.patch({ clockSkewMs: 600_000 })
    const { headers } = await api.get('/v1/users/get-self')
    expect(Math.abs(Date.parse(headers.get('date') ?? '') - Date.now() - 600_000)).toBeLessThan(30_000)
  })

  it('unknown toggles and values are rejected', async () => {
    expect((await set({ autoPromote: 'sometimes' } as never)).status).toBe(400)
    expect((await api.patch('toggles', { nonsense: 1 })).body).toMatchObject({ errors: [{ field: 'nonsense' }] })
  })
})
