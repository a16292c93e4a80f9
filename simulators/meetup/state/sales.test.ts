import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EVENT, SET_LIMIT, startTestHarness } from '../harness.test-support.js'

let harness: Awaited<ReturnType<typeof startTestHarness>>
beforeEach(async () => {
  harness = await startTestHarness({ limitScale: 1_000 })
})
afterEach(() => harness.simulator.close())

async function post(path: string, body: object): Promise<{ rsvpId: string | null; status: string }> {
  const response = await fetch(`${harness.simulator.controlUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return (await response.json()) as { rsvpId: string | null; status: string }
}

describe('the RSVP limit', () => {
  it('is never exceeded by 200 concurrent buyers while organizers change it and members cancel', async () => {
    const { control, graphql } = harness
    control.createEvent({ id: EVENT, capacity: 60 })
    const buyers = Array.from({ length: 200 }, async (_, i) => {
      const result = await post(`/events/${EVENT}/rsvps`, { guests: i % 3 })
      if (i % 5 === 0 && result.rsvpId) await post(`/rsvps/${result.rsvpId}/cancel`, {})
      return result
    })
    const limits = [80, 40, 90, 70].map(async (rsvpLimit) => {
      await graphql(SET_LIMIT, { input: { eventId: EVENT, rsvpSettings: { rsvpLimit, guestLimit: 2 } } })
    })
    await Promise.all([...buyers, ...limits])
    const { caps, dropped } = control.trace.query({ eventId: EVENT })
    expect(dropped.caps).toBe(0)
    expect(caps.length).toBeGreaterThan(200)
    for (const [index, { cap, sold, cause }] of caps.entries()) {
      const before = caps[index - 1]?.sold ?? 0
      if (sold > before) expect(sold, cause).toBeLessThanOrEqual(cap ?? 0)
    }
    const truth = control.truth(EVENT)
    expect(truth.sold).toBe(truth.seats)
    expect(truth.waiting).toBeGreaterThan(0)
  }, 30_000)

  it('admits a party completely or not at all, and rejects more guests than the organizer allows', () => {
    const { control } = harness
    control.createEvent({ id: EVENT, capacity: 4, guestLimit: 2 })
    const first = control.rsvp(EVENT, { guests: 1 })
    expect(control.rsvp(EVENT, { guests: 2 }).status).toBe('WAITLIST')
    expect(control.rsvp(EVENT, { guests: 3 })).toMatchObject({ reason: 'TOO_MANY_GUESTS' })
    expect(control.setGuests(first.rsvpId ?? '', 2).status).toBe('YES')
    const last = control.rsvp(EVENT)
    expect(last.status).toBe('YES')
    expect(control.setGuests(last.rsvpId ?? '', 1)).toMatchObject({ reason: 'FULL' })
    expect(control.truth(EVENT)).toMatchObject({ sold: 4, seats: 4, mode: 'WAITLIST_ONLY' })
  })

  it('counts guests and hosts depending on the toggles', () => {
    const { control } = harness
    control.toggles.patch({ guestsCountAgainstLimit: 'no', hostsCountAgainstLimit: 'no' })
    control.createEvent({ id: EVENT, capacity: 2 })
    control.rsvp(EVENT, { isHost: true })
    control.rsvp(EVENT, { guests: 2 })
    expect(control.rsvp(EVENT).status).toBe('YES')
    expect(control.rsvp(EVENT).status).toBe('WAITLIST')
    expect(control.truth(EVENT)).toMatchObject({ sold: 5, seats: 2 })
  })

  it('changes the RSVP of a member who responds again, without a second seat', () => {
    const { control } = harness
    control.createEvent({ id: EVENT, capacity: 3 })
    const first = control.rsvp(EVENT, { memberId: '1', guests: 2 })
    expect(control.rsvp(EVENT, { memberId: '1', guests: 0 })).toEqual(first)
    expect(control.truth(EVENT).sold).toBe(1)
    control.cancel(first.rsvpId ?? '')
    expect(control.rsvp(EVENT, { memberId: '1' })).toEqual(first)
  })

  it('is removed by a limit of 0, which admits the waitlist', async () => {
    const { control, graphql } = harness
    control.createEvent({ id: EVENT, capacity: 1 })
    control.rsvp(EVENT)
    control.rsvp(EVENT)
    const input = { eventId: EVENT, rsvpSettings: { rsvpLimit: 0 } }
    expect((await graphql(SET_LIMIT, { input })).body.data?.editEvent?.event?.maxTickets).toBeNull()
    expect(control.truth(EVENT)).toMatchObject({ cap: null, sold: 2, waiting: 0, mode: 'OPEN' })
  })
})

describe('the waitlist', () => {
  it('is promoted in order of joining, subscribers first', () => {
    const { control } = harness
    control.createEvent({ id: EVENT, capacity: 1 })
    const seated = control.rsvp(EVENT)
    const [early, late, subscriber] = [{}, {}, { priority: true }].map((request) => control.rsvp(EVENT, request))
    const statusOf = (id: string | null | undefined) => control.rsvps(EVENT).find((rsvp) => rsvp.id === id)?.status
    control.cancel(seated.rsvpId ?? '')
    expect(statusOf(subscriber?.rsvpId)).toBe('YES')
    control.editEvent(EVENT, { maxTickets: 2 })
    expect([statusOf(early?.rsvpId), statusOf(late?.rsvpId)]).toEqual(['YES', 'WAITLIST'])
  })

  it.each([
    ['skip', 'YES'],
    ['block', 'WAITLIST'],
  ] as const)('skips or is blocked by a party that does not fit, with largeParty %s', (largeParty, expected) => {
    const { control } = harness
    control.toggles.patch({ largeParty })
    control.createEvent({ id: EVENT, capacity: 3 })
    const seated = [control.rsvp(EVENT), control.rsvp(EVENT), control.rsvp(EVENT)]
    control.rsvp(EVENT, { guests: 2 })
    const single = control.rsvp(EVENT)
    control.cancel(seated[0]?.rsvpId ?? '')
    expect(control.rsvps(EVENT).find(({ id }) => id === single.rsvpId)?.status).toBe(expected)
  })

  it('is not promoted while RSVPs are closed', () => {
    const { control } = harness
    control.createEvent({ id: EVENT, capacity: 1 })
    const { rsvpId } = control.rsvp(EVENT)
    control.rsvp(EVENT)
    control.editEvent(EVENT, { rsvpsClosed: true })
    control.cancel(rsvpId ?? '')
    expect(control.truth(EVENT)).toMatchObject({ sold: 0, waiting: 1, cap: 0 })
    control.editEvent(EVENT, { rsvpsClosed: false })
    expect(control.truth(EVENT)).toMatchObject({ sold: 1, waiting: 0 })
  })

  it('does not exist for an event with a fee', () => {
    const { control } = harness
    control.createEvent({ id: EVENT, capacity: 1, feeRequired: true })
    const { rsvpId, status } = control.rsvp(EVENT, { unpaid: true })
    expect(status).toBe('YES_PENDING_PAYMENT')
    expect(control.truth(EVENT)).toMatchObject({ sold: 0, pending: 1, seats: 1 })
    expect(control.rsvp(EVENT)).toMatchObject({ reason: 'FULL' })
    control.mark(rsvpId ?? '', 'YES')
    expect(control.truth(EVENT)).toMatchObject({ sold: 1, pending: 0 })
  })
})

describe('background members', () => {
  it('hold as many unpaid seats as the cartHold knob sets', () => {
    const { control } = harness
    control.createEvent({ id: EVENT, capacity: 5, feeRequired: true })
    control.knobs.patch({ cartHold: 3 })
    expect(control.truth(EVENT)).toMatchObject({ sold: 0, pending: 3 })
    control.knobs.patch({ cartHold: 9 })
    expect(control.truth(EVENT).pending).toBe(5)
    control.knobs.patch({ cartHold: 1 })
    expect(control.truth(EVENT)).toMatchObject({ pending: 1, sold: 0 })
  })

  it('lose unpaid seats after paymentLapse', async () => {
    const { control } = harness
    control.toggles.patch({ paymentLapse: 20 })
    control.createEvent({ id: EVENT, capacity: 5, feeRequired: true })
    control.rsvp(EVENT, { unpaid: true })
    await expect.poll(() => control.truth(EVENT).pending).toBe(0)
  })

  it('take a freed seat immediately with waitlistPromotion', () => {
    const { control } = harness
    control.knobs.patch({ waitlistPromotion: 1 })
    control.createEvent({ id: EVENT, capacity: 2 })
    const { rsvpId } = control.rsvp(EVENT)
    control.rsvp(EVENT)
    control.cancel(rsvpId ?? '')
    expect(control.truth(EVENT).sold).toBe(2)
    control.editEvent(EVENT, { maxTickets: 3 })
    expect(control.truth(EVENT).sold).toBe(3)
  })

  it('a shop buys and cancels for simulated demand', async () => {
    const { control } = harness
    control.createEvent({ id: EVENT, capacity: 2 })
    const shop = control.shop(EVENT)
    const ada = { name: 'Ada Adler', email: 'ada@example.com' }
    const bought = await shop.buy(ada, 2)
    expect(await shop.buy(ada, 1)).toBeNull()
    await shop.cancel(bought ?? '')
    expect(control.truth(EVENT)).toMatchObject({ sold: 1, waiting: 0 })
  })
})
