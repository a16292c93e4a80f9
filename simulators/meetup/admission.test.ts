import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EVENT, SET_LIMIT, start } from './testing.test-support.js'

let running: Awaited<ReturnType<typeof start>>
beforeEach(async () => {
  running = await start({ limitScale: 1_000 })
})
afterEach(() => running.simulator.close())

async function post(path: string, body: object): Promise<{ rsvpId: string | null; status: string }> {
  const response = await fetch(`${running.simulator.controlUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return (await response.json()) as { rsvpId: string | null; status: string }
}

describe('the limit', () => {
  it('is never exceeded by 200 buyers at once, while organisers move it and members come and go', async () => {
    const { control, ask } = running
    control.createEvent({ id: EVENT, capacity: 60 })
    const buyers = Array.from({ length: 200 }, async (_, i) => {
      const answer = await post(`/events/${EVENT}/rsvps`, { guests: i % 3 })
      if (i % 5 === 0 && answer.rsvpId) await post(`/rsvps/${answer.rsvpId}/cancel`, {})
      return answer
    })
    const limits = [80, 40, 90, 70].map(async (rsvpLimit) => {
      await ask(SET_LIMIT, { input: { eventId: EVENT, rsvpSettings: { rsvpLimit, guestLimit: 2 } } })
    })
    await Promise.all([...buyers, ...limits])
    const { caps, dropped } = control.trace.query({ eventId: EVENT })
    expect(dropped.caps).toBe(0)
    expect(caps.length).toBeGreaterThan(200)
    for (const [place, { cap, sold, cause }] of caps.entries()) {
      const before = caps[place - 1]?.sold ?? 0
      if (sold > before) expect(sold, cause).toBeLessThanOrEqual(cap ?? 0)
    }
    const truth = control.truth(EVENT)
    expect(truth.sold).toBe(truth.seats)
    expect(truth.waiting).toBeGreaterThan(0)
  }, 30_000)

  it('counts parties whole, and refuses guests beyond what the organiser allows', () => {
    const { control } = running
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

  it('counts guests and hosts as the toggles say', () => {
    const { control } = running
    control.toggles.patch({ guestsCountAgainstLimit: 'no', hostsCountAgainstLimit: 'no' })
    control.createEvent({ id: EVENT, capacity: 2 })
    control.rsvp(EVENT, { isHost: true })
    control.rsvp(EVENT, { guests: 2 })
    expect(control.rsvp(EVENT).status).toBe('YES')
    expect(control.rsvp(EVENT).status).toBe('WAITLIST')
    expect(control.truth(EVENT)).toMatchObject({ sold: 5, seats: 2 })
  })

  it('lets a member who answers again change the answer, not take a second seat', () => {
    const { control } = running
    control.createEvent({ id: EVENT, capacity: 3 })
    const first = control.rsvp(EVENT, { memberId: '1', guests: 2 })
    expect(control.rsvp(EVENT, { memberId: '1', guests: 0 })).toEqual(first)
    expect(control.truth(EVENT).sold).toBe(1)
    control.cancel(first.rsvpId ?? '')
    expect(control.rsvp(EVENT, { memberId: '1' })).toEqual(first)
  })

  it('turns nobody away while there is none, and 0 takes it away', async () => {
    const { control, ask } = running
    control.createEvent({ id: EVENT, capacity: 1 })
    control.rsvp(EVENT)
    control.rsvp(EVENT)
    const input = { eventId: EVENT, rsvpSettings: { rsvpLimit: 0 } }
    expect((await ask(SET_LIMIT, { input })).body.data?.editEvent?.event?.maxTickets).toBeNull()
    expect(control.truth(EVENT)).toMatchObject({ cap: null, sold: 2, waiting: 0, mode: 'OPEN' })
  })
})

describe('the waitlist', () => {
  it('moves up subscribers first, then by time of joining', () => {
    const { control } = running
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
  ] as const)('passes over a party that does not fit: %s', (largeParty, expected) => {
    const { control } = running
    control.toggles.patch({ largeParty })
    control.createEvent({ id: EVENT, capacity: 3 })
    const seated = [control.rsvp(EVENT), control.rsvp(EVENT), control.rsvp(EVENT)]
    control.rsvp(EVENT, { guests: 2 })
    const single = control.rsvp(EVENT)
    control.cancel(seated[0]?.rsvpId ?? '')
    expect(control.rsvps(EVENT).find(({ id }) => id === single.rsvpId)?.status).toBe(expected)
  })

  it('stands still while RSVPs are closed', () => {
    const { control } = running
    control.createEvent({ id: EVENT, capacity: 1 })
    const { rsvpId } = control.rsvp(EVENT)
    control.rsvp(EVENT)
    control.editEvent(EVENT, { rsvpsClosed: true })
    control.cancel(rsvpId ?? '')
    expect(control.truth(EVENT)).toMatchObject({ sold: 0, waiting: 1, cap: 0 })
    control.editEvent(EVENT, { rsvpsClosed: false })
    expect(control.truth(EVENT)).toMatchObject({ sold: 1, waiting: 0 })
  })

  it('does not exist where a fee must be paid', () => {
    const { control } = running
    control.createEvent({ id: EVENT, capacity: 1, feeRequired: true })
    const { rsvpId, status } = control.rsvp(EVENT, { unpaid: true })
    expect(status).toBe('YES_PENDING_PAYMENT')
    expect(control.truth(EVENT)).toMatchObject({ sold: 0, pending: 1, seats: 1 })
    expect(control.rsvp(EVENT)).toMatchObject({ reason: 'FULL' })
    control.mark(rsvpId ?? '', 'YES')
    expect(control.truth(EVENT)).toMatchObject({ sold: 1, pending: 0 })
  })
})

describe('the crowd', () => {
  it('holds seats without paying, as many as told', () => {
    const { control } = running
    control.createEvent({ id: EVENT, capacity: 5, feeRequired: true })
    control.knobs.patch({ cartHold: 3 })
    expect(control.truth(EVENT)).toMatchObject({ sold: 0, pending: 3 })
    control.knobs.patch({ cartHold: 9 })
    expect(control.truth(EVENT).pending).toBe(5)
    control.knobs.patch({ cartHold: 1 })
    expect(control.truth(EVENT)).toMatchObject({ pending: 1, sold: 0 })
  })

  it('lets payments lapse', async () => {
    const { control } = running
    control.toggles.patch({ paymentLapse: 20 })
    control.createEvent({ id: EVENT, capacity: 5, feeRequired: true })
    control.rsvp(EVENT, { unpaid: true })
    await expect.poll(() => control.truth(EVENT).pending).toBe(0)
  })

  it('takes a freed seat before anyone looks', () => {
    const { control } = running
    control.knobs.patch({ waitlistPromotion: 1 })
    control.createEvent({ id: EVENT, capacity: 2 })
    const { rsvpId } = control.rsvp(EVENT)
    control.rsvp(EVENT)
    control.cancel(rsvpId ?? '')
    expect(control.truth(EVENT).sold).toBe(2)
    control.editEvent(EVENT, { maxTickets: 3 })
    expect(control.truth(EVENT).sold).toBe(3)
  })

  it('shops as simulated buyers do', async () => {
    const { control } = running
    control.createEvent({ id: EVENT, capacity: 2 })
    const shop = control.shop(EVENT)
    const ada = { name: 'Ada Adler', email: 'ada@example.com' }
    const bought = await shop.buy(ada, 2)
    expect(await shop.buy(ada, 1)).toBeNull()
    await shop.cancel(bought ?? '')
    expect(control.truth(EVENT)).toMatchObject({ sold: 1, waiting: 0 })
  })
})
