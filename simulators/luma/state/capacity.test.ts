import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lumaApi, type LumaApi } from '../../../test/support/platforms/luma-api.js'
import { assertWithinCaps } from './capacity.js'
import { startSimulator, type LumaSimulator } from '../server.js'

let simulator: LumaSimulator
let api: LumaApi
beforeEach(async () => {
  simulator = await startSimulator({ limitScale: 100, toggles: { invitedPerRegistration: 1 } })
  api = lumaApi(simulator)
})
afterEach(() => simulator.close())

const statuses = (responses: { body: Record<string, unknown> }[]) => responses.map(({ body }) => body['status'])

describe('the caps of the simulated Luma', () => {
  it('are not exceeded by 200 concurrent buyers of one or two tickets', async () => {
    const { control } = simulator
    const { eventId, ticketTypes } = control.createEvent({
      maxCapacity: 150,
      ticketTypes: [{ maxCapacity: 100 }, { maxCapacity: 80 }],
    })
    const responses = await Promise.all(
      Array.from({ length: 200 }, (_, number) =>
        api.command('register', {
          eventId,
          ticketTypeId: ticketTypes[number % 2]?.id,
          quantity: 1 + (number % 2),
          email: `buyer.${number}@example.com`,
        }),
      ),
    )
    const truth = control.truth(eventId)
    expect(truth.sold).toBe(150)
    expect(truth.ticketTypes.map(({ taken }) => taken)).toEqual([
      expect.toSatisfy((taken: number) => taken <= 100),
      expect.toSatisfy((taken: number) => taken <= 80),
    ])
    const sold = responses.filter(({ body }) => body['status'] === 'approved')
    expect(sold.flatMap(({ body }) => body['ticketIds'] as string[]).toSorted()).toEqual(truth.ticketIds.toSorted())
    expect(statuses(responses).filter((status) => status === 'waitlist')).toHaveLength(200 - sold.length)
  })

  it('are not exceeded at any instant while they change during sales', async () => {
    const { eventId, ticketTypes } = simulator.control.createEvent({ ticketTypes: [{ maxCapacity: 30 }] })
    const event_ticket_type_id = ticketTypes[0]?.id
    await Promise.all(
      Array.from({ length: 120 }, async (_, number) => {
        await api.command('register', { eventId, email: `buyer.${number}@example.com` })
        if (number % 20 === 0) {
          await api.post('/v1/events/ticket-types/update', { event_ticket_type_id, max_capacity: 20 + number / 4 })
        }
      }),
    )
    const { caps } = simulator.trace.query({ eventId })
    let before = 0
    for (const { cap, sold } of caps) {
      if (sold > before) expect(sold).toBeLessThanOrEqual(cap ?? Infinity)
      before = sold
    }
    expect(caps.filter(({ cause }) => cause === 'type cap')).toHaveLength(6)
  })

  it('are guarded: exceeding them throws an error', () => {
    const { eventId } = simulator.control.createEvent({ ticketTypes: [{ maxCapacity: 2 }] })
    simulator.control.register({ eventId, quantity: 2, email: 'a@example.com' })
    const event = simulator.control.context.state.event(eventId)
    const rules = simulator.toggles.current
    expect(() => assertWithinCaps(event, rules)).not.toThrow()
    event.types[0]!.maxCapacity = 1
    expect(() => assertWithinCaps(event, rules)).toThrow('oversold: ticket type')
    event.types[0]!.maxCapacity = null
    event.maxCapacity = 1
    expect(() => assertWithinCaps(event, rules)).toThrow('oversold: event')
  })

  it('count guests if each may have only one ticket, tickets otherwise', () => {
    const { control } = simulator
    const single = control.createEvent({ maxCapacity: 2, multipleTickets: false })
    expect(() => control.register({ eventId: single.eventId, quantity: 2, email: 'a@example.com' })).toThrow(
      'one ticket',
    )
    const several = control.createEvent({ maxCapacity: 3 })
    expect(control.register({ eventId: several.eventId, quantity: 2, email: 'a@example.com' }).status).toBe('approved')
    expect(control.register({ eventId: several.eventId, quantity: 2, email: 'b@example.com' }).status).toBe('waitlist')
    expect(control.register({ eventId: several.eventId, quantity: 1, email: 'c@example.com' }).status).toBe('approved')
  })

  it('a cancellation frees a place, which stays free until the host promotes a guest', () => {
    const { control } = simulator
    const { eventId } = control.createEvent({ ticketTypes: [{ maxCapacity: 1 }] })
    const first = control.register({ eventId, email: 'a@example.com' })
    expect(control.register({ eventId, email: 'b@example.com' }).status).toBe('waitlist')
    control.cancel(eventId, first.guestId ?? '')
    expect(control.truth(eventId)).toMatchObject({ sold: 0, waitlisted: 1, mode: 'OPEN' })
    expect(control.promote(eventId)).toBe(1)
    expect(control.truth(eventId)).toMatchObject({ sold: 1, waitlisted: 0, mode: 'WAITLIST_ONLY' })
  })
})

describe('carts', () => {
  it('reserve nothing by default: completing a cart may fail as sold out', () => {
    const { control } = simulator
    const { eventId } = control.createEvent({ ticketTypes: [{ maxCapacity: 2 }] })
    const [first, second] = [control.openCart({ eventId, quantity: 2 }), control.openCart({ eventId, quantity: 2 })]
    expect(control.completeCart(eventId, second ?? '')).toBe(true)
    expect(control.completeCart(eventId, first ?? '')).toBe(false)
    expect(control.truth(eventId)).toMatchObject({ sold: 2, pending: 0 })
  })

  it('reserve their seats with sessionHoldsCapacity, even after the cap is lowered', () => {
    const { control } = simulator
    simulator.toggles.patch({ sessionHoldsCapacity: 'yes' })
    const { eventId, ticketTypes } = control.createEvent({ ticketTypes: [{ maxCapacity: 2 }] })
    const cart = control.openCart({ eventId, quantity: 2 })
    expect(control.openCart({ eventId })).toBeNull()
    expect(control.register({ eventId, email: 'a@example.com' }).status).toBe('waitlist')
    control.setCap(eventId, 1, ticketTypes[0]?.id)
    expect(control.completeCart(eventId, cart ?? '')).toBe(true)
    expect(control.truth(eventId)).toMatchObject({ sold: 2, cap: 1 })
  })

  it('are opened in addition to the buyers by the cartHold knob, and can be abandoned', () => {
    const { control } = simulator
    simulator.knobs.patch({ cartHold: 3 })
    const { eventId } = control.createEvent()
    control.register({ eventId, email: 'a@example.com' })
    expect(control.truth(eventId).pending).toBe(3)
    const cart = control.guests(eventId).find(({ status }) => status === 'session')
    control.abandonCart(eventId, cart?.id ?? '')
    expect(control.truth(eventId).pending).toBe(2)
  })
})
