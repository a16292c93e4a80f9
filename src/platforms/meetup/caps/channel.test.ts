import { afterEach, describe, expect, it } from 'vitest'
import {
  BULK,
  EVENT,
  GROW,
  LISTING,
  listingOf,
  PROTECT,
  startEvent,
  valueOf,
  type Harness,
  type HarnessOptions,
} from '../harness.test-support.js'

let harness: Harness

/** An event of this capacity with this number of RSVPs. */
async function start(capacity: number | null, rsvps = 0, options: HarnessOptions = {}): Promise<Harness> {
  harness = await startEvent(capacity, rsvps, options)
  return harness
}

afterEach(() => harness.close())

describe('MeetupAdapter.readChannel', () => {
  it('reads limit, attendees and mode', async () => {
    const { adapter, control } = await start(10, 3)
    control.rsvp(EVENT, { guests: 2 })
    expect(valueOf(await adapter.readChannel(LISTING, BULK))).toMatchObject({
      cap: 10,
      capSource: 'read',
      sold: 6,
      pending: 0,
      mode: 'OPEN',
      waitlistAvailable: true,
    })
    control.editEvent(EVENT, { maxTickets: 6 })
    expect(valueOf(await adapter.readChannel(LISTING, BULK)).mode).toBe('WAITLIST_ONLY')
    control.editEvent(EVENT, { rsvpsClosed: true, maxTickets: null })
    expect(valueOf(await adapter.readChannel(LISTING, BULK))).toMatchObject({
      cap: 'UNLIMITED',
      mode: 'WAITLIST_ONLY',
      waitlistAvailable: false,
    })
  })

  it.each(['no', 'yes'] as const)(
    'counts attendees once whether or not yesCount includes guests: %s',
    async (yesCountIsHeads) => {
      const { adapter, control } = await start(20, 2, { toggles: { yesCountIsHeads } })
      for (let i = 0; i < 3; i++) control.rsvp(EVENT, { guests: 2 })
      expect(valueOf(await adapter.readChannel(LISTING, BULK)).sold).toBe(11)
    },
  )

  it('counts hidden members, pending payments and checked-in members', async () => {
    const { adapter, control } = await start(30)
    const fee = control.createEvent({ id: '309000222', capacity: 5, feeRequired: true }).eventId
    control.rsvp(fee, { unpaid: true })
    control.rsvp(fee, {})
    expect(valueOf(await adapter.readChannel(listingOf(fee), BULK))).toMatchObject({
      sold: 2,
      waitlistAvailable: false,
    })
    control.rsvp(EVENT, { hidden: true })
    control.rsvp(EVENT, { hidden: true, guests: 1 })
    const { rsvpId } = control.rsvp(EVENT)
    control.mark(rsvpId ?? '', 'ATTENDED')
    expect(valueOf(await adapter.readChannel(LISTING, BULK)).sold).toBe(4)
  })

  it('returns GONE, or FORBIDDEN if Meetup reports it, for an event that is unknown, renumbered or of others', async () => {
    const { adapter, control } = await start(10)
    expect((await adapter.readChannel(listingOf('1'), BULK)).kind).toBe('GONE')
    control.createEvent({ id: '309000333', organizers: ['1'] })
    expect((await adapter.readChannel(listingOf('309000333'), BULK)).kind).toBe('GONE')
    control.toggles.patch({ forbiddenEvent: 'error' })
    expect((await adapter.readChannel(listingOf('309000333'), BULK)).kind).toBe('FORBIDDEN')
    control.rollEventId(EVENT)
    expect((await adapter.readChannel(LISTING, BULK)).kind).toBe('GONE')
  })
})

describe('MeetupAdapter.writeCap', () => {
  it('writes an absolute limit, keeps the guest limit, and reads it back', async () => {
    const { adapter, control } = await start(10, 4, { toggles: { omittedSettings: 'reset' } })
    control.editEvent(EVENT, { guestLimit: 1 })
    expect(valueOf(await adapter.writeCap(LISTING, 25, GROW))).toMatchObject({ cap: 25, mode: 'OPEN', pending: 0 })
    expect(valueOf(await adapter.readChannel(LISTING, BULK)).cap).toBe(25)
    expect(control.truth(EVENT).maxTickets).toBe(25)
    expect(control.rsvp(EVENT, { guests: 2 }).status).toBe('REFUSED')
    expect(control.rsvp(EVENT, { guests: 1 }).status).toBe('YES')
  })

  it('sends the configured guest limit', async () => {
    const { adapterWith, control } = await start(10)
    valueOf(await adapterWith({ guestLimit: 0 }).writeCap(LISTING, 8, GROW))
    expect(control.rsvp(EVENT, { guests: 1 })).toMatchObject({ reason: 'TOO_MANY_GUESTS' })
  })

  it('writes a shrink without a read, and leaves the count to a later read', async () => {
    const { adapter, control, limiter } = await start(20, 4)
    control.rsvp(EVENT, { guests: 2 })
    const written = valueOf(await adapter.writeCap(LISTING, 3, PROTECT))
    expect(written).toMatchObject({ cap: 3, pending: 0, sold: null })
    expect(limiter.weights).toEqual([10])
    expect(control.rsvp(EVENT).status).toBe('WAITLIST')
    expect(valueOf(await adapter.readChannel(LISTING, PROTECT))).toMatchObject({ cap: 3, sold: 7 })
  })

  it('retries a refused shrink once at the attendees of a new read', async () => {
    const { adapter, control, pass } = await start(20, 4, { toggles: { limitBelowYes: 'refuse' } })
    control.rsvp(EVENT, { guests: 2 })
    pass(1_000)
    expect(valueOf(await adapter.writeCap(LISTING, 2, PROTECT))).toMatchObject({ cap: 7, mode: 'WAITLIST_ONLY' })
    expect(control.truth(EVENT).maxTickets).toBe(7)
  })

  it('returns CAP_BELOW_SOLD if a shrink is refused because of sales that reads do not show yet', async () => {
    const { adapter, control, pass } = await start(20, 4, { toggles: { limitBelowYes: 'refuse' } })
    control.knobs.patch({ readLagMs: 2_000 })
    pass(5_000)
    control.rsvp(EVENT)
    expect(await adapter.writeCap(LISTING, 4, PROTECT)).toMatchObject({
      kind: 'CAP_BELOW_SOLD',
      sold: null,
      pending: 0,
    })
    expect(await adapter.writeCap(LISTING, 2, PROTECT)).toMatchObject({ kind: 'CAP_BELOW_SOLD', sold: 4, pending: 0 })
    expect(control.truth(EVENT).maxTickets).toBe(20)
  })

  it('never sends 0, which would remove the limit', async () => {
    const { adapter, control } = await start(20)
    expect(valueOf(await adapter.writeCap(LISTING, 0, PROTECT)).cap).toBe(1)
    expect(control.truth(EVENT).maxTickets).toBe(1)
    for (const cap of [-1, 1.5, Number.NaN, 2 ** 31]) {
      expect(await adapter.writeCap(LISTING, cap, PROTECT)).toMatchObject({ kind: 'REJECTED', code: 'INVALID_CAP' })
    }
    expect(control.trace.query().caps.every(({ cap }) => cap !== null)).toBe(true)
  })

  it('sets a limit on an unlimited event', async () => {
    const { adapter, control } = await start(null, 3)
    expect(valueOf(await adapter.readChannel(LISTING, BULK)).cap).toBe('UNLIMITED')
    expect(valueOf(await adapter.writeCap(LISTING, 5, PROTECT))).toMatchObject({ cap: 5, mode: 'OPEN' })
    expect(control.truth(EVENT).maxTickets).toBe(5)
  })

  it('returns a refusal and keeps the old limit', async () => {
    const { adapter, control } = await start(10)
    control.createEvent({ id: '309000333', capacity: 10, organizers: ['1'] })
    expect((await adapter.writeCap(listingOf('309000333'), 5, PROTECT)).kind).toBe('GONE')
    control.createEvent({ id: '309000444', capacity: 10, eventType: 'HYBRID' })
    expect(await adapter.readChannel(listingOf('309000444'), PROTECT)).toMatchObject({ code: 'HYBRID_EVENT' })
    expect(await adapter.writeCap(listingOf('309000444'), 5, PROTECT)).toMatchObject({ code: 'HYBRID_EVENT' })
    expect(control.truth('309000444').maxTickets).toBe(10)
    const closed = await adapter.setMode(listingOf('309000444'), 'WAITLIST_ONLY', 4, PROTECT)
    expect([closed.kind, control.truth('309000444').closed]).toEqual(['OK', true])
  })
})

describe('MeetupAdapter.setMode', () => {
  it('sets waitlist only by a limit equal to the attendees, and reopens', async () => {
    const { adapter, control, limiter } = await start(20, 5)
    expect(valueOf(await adapter.setMode(LISTING, 'WAITLIST_ONLY', 5, PROTECT))).toMatchObject({
      cap: 5,
      mode: 'WAITLIST_ONLY',
      sold: null,
    })
    expect(limiter.weights).toEqual([10])
    expect(control.truth(EVENT)).toMatchObject({ maxTickets: 5, closed: false })
    expect(control.rsvp(EVENT).status).toBe('WAITLIST')
    expect(valueOf(await adapter.setMode(LISTING, 'OPEN', 12, GROW))).toMatchObject({ cap: 12, mode: 'OPEN' })
    expect(control.truth(EVENT)).toMatchObject({ maxTickets: 12, sold: 6, waiting: 0 })
  })

  it.each(['yes', 'no'] as const)(
    'closes an event with nothing sold (closing removes the limit: %s) and reopens it',
    async (wipes) => {
      const { adapter, control } = await start(20, 0, { toggles: { closeWipesSettings: wipes } })
      expect(valueOf(await adapter.setMode(LISTING, 'WAITLIST_ONLY', 1, PROTECT))).toMatchObject({
        cap: 1,
        mode: 'WAITLIST_ONLY',
      })
      expect(control.truth(EVENT)).toMatchObject({ closed: true, maxTickets: 1 })
      expect(control.rsvp(EVENT)).toMatchObject({ reason: 'CLOSED' })
      expect(valueOf(await adapter.setMode(LISTING, 'OPEN', 12, GROW))).toMatchObject({ cap: 12, mode: 'OPEN' })
      expect(control.truth(EVENT)).toMatchObject({ closed: false, maxTickets: 12 })
    },
  )

  it('closes RSVPs immediately if the limit is refused', async () => {
    const { adapter, control, pass, limiter } = await start(20, 5, { toggles: { limitBelowYes: 'refuse' } })
    control.knobs.patch({ readLagMs: 2_000 })
    pass(5_000)
    // Two more than any read shows yet.
    control.rsvp(EVENT)
    control.rsvp(EVENT)
    const closed = valueOf(await adapter.setMode(LISTING, 'WAITLIST_ONLY', 5, PROTECT))
    expect(closed).toMatchObject({ mode: 'WAITLIST_ONLY', sold: null })
    expect(control.truth(EVENT).closed).toBe(true)
    expect(limiter.weights.slice(0, 2)).toEqual([10, 10])
  })

  it('closes without a limit if the budget allows no second call, and restores it with the next write', async () => {
    const { adapter, control, limiter } = await start(20)
    limiter.refuse = (lane) => lane !== 'protect'
    expect(valueOf(await adapter.setMode(LISTING, 'WAITLIST_ONLY', 1, PROTECT))).toMatchObject({ cap: 1 })
    expect(control.truth(EVENT)).toMatchObject({ closed: true, maxTickets: null })
    expect(limiter.weights).toEqual([10])
    expect(valueOf(await adapter.setMode(LISTING, 'WAITLIST_ONLY', 1, PROTECT))).toMatchObject({ cap: 1 })
    expect(control.truth(EVENT)).toMatchObject({ closed: true, maxTickets: 1 })
    expect(limiter.weights).toEqual([10, 10])
  })

  it.each([
    ['nothing is sold: it sells a first ticket', 0, 1, { cap: 1, mode: 'OPEN' }],
    ['more is sold than is known', 5, 3, { cap: 5, mode: 'WAITLIST_ONLY' }],
  ])('never removes the limit where a lost opening may still land: %s', async (_, rsvps, cap, expected) => {
    const { adapter, control } = await start(20, rsvps, { toggles: { limitBelowYes: 'refuse' } })
    const context = { ...PROTECT, unsettled: true }
    expect(valueOf(await adapter.setMode(LISTING, 'WAITLIST_ONLY', cap, context))).toMatchObject(expected)
    // The opening lands.
    control.editEvent(EVENT, { rsvpsClosed: false })
    expect(control.truth(EVENT)).toMatchObject({ closed: false, maxTickets: expected.cap })
    expect(control.trace.query().caps.every((change) => change.cap !== null && change.cause !== 'close')).toBe(true)
  })

  it('closes an event with a limit of one once no lost opening can land', async () => {
    const { adapter, control } = await start(20)
    valueOf(await adapter.setMode(LISTING, 'WAITLIST_ONLY', 1, { ...PROTECT, unsettled: true }))
    const closed = valueOf(await adapter.setMode(LISTING, 'WAITLIST_ONLY', 1, PROTECT))
    expect(closed).toMatchObject({ cap: 1, mode: 'WAITLIST_ONLY' })
    expect(control.truth(EVENT).closed).toBe(true)
  })

  it('limits a closed event without closing it again where a lost opening may still land', async () => {
    const { adapter, control, limiter } = await start(20)
    control.editEvent(EVENT, { rsvpsClosed: true })
    const context = { ...PROTECT, unsettled: true }
    expect(valueOf(await adapter.setMode(LISTING, 'WAITLIST_ONLY', 1, context))).toMatchObject({
      cap: 1,
      mode: 'WAITLIST_ONLY',
    })
    expect(limiter.weights).toEqual([10])
    expect(control.truth(EVENT)).toMatchObject({ closed: true, maxTickets: 1 })
  })

  it('closes an event again that was reopened manually', async () => {
    const { adapter, control } = await start(20)
    valueOf(await adapter.setMode(LISTING, 'WAITLIST_ONLY', 1, PROTECT))
    control.editEvent(EVENT, { rsvpsClosed: false })
    expect(valueOf(await adapter.setMode(LISTING, 'WAITLIST_ONLY', 1, PROTECT)).mode).toBe('WAITLIST_ONLY')
    expect(control.truth(EVENT)).toMatchObject({ closed: true, maxTickets: 1 })
  })

  it('resumes an opening that was throttled after its first call', async () => {
    const { adapter, control, limiter } = await start(20)
    valueOf(await adapter.setMode(LISTING, 'WAITLIST_ONLY', 1, PROTECT))
    valueOf(await adapter.readChannel(LISTING, PROTECT))
    const before = limiter.weights.length
    limiter.refuse = () => limiter.weights.length > before
    // Its limit has changed already.
    const throttled = await adapter.setMode(LISTING, 'OPEN', 12, GROW)
    expect(throttled).toMatchObject({ kind: 'UNKNOWN', acknowledged: true })
    limiter.refuse = () => false
    expect(valueOf(await adapter.setMode(LISTING, 'OPEN', 12, GROW))).toMatchObject({ cap: 12, mode: 'OPEN' })
    expect(limiter.weights.slice(before)).toEqual([10, 10])
    expect(control.truth(EVENT)).toMatchObject({ closed: false, maxTickets: 12 })
  })

  it('closes again and returns UNKNOWN if opening removed the limit', async () => {
    const { adapter, control } = await start(20, 0, { toggles: { openWipesSettings: 'yes' } })
    valueOf(await adapter.setMode(LISTING, 'WAITLIST_ONLY', 1, PROTECT))
    expect(await adapter.setMode(LISTING, 'OPEN', 12, GROW)).toMatchObject({
      kind: 'UNKNOWN',
      reason: expect.stringContaining('UNLIMITED; closed again') as unknown,
    })
    expect(control.truth(EVENT)).toMatchObject({ closed: true, sold: 0 })
    expect(valueOf(await adapter.readChannel(LISTING, BULK))).toMatchObject({ cap: 'UNLIMITED', mode: 'WAITLIST_ONLY' })
  })

  it('closes again and returns UNKNOWN if the event opened with a larger limit than written', async () => {
    const { adapter, control } = await start(20)
    valueOf(await adapter.setMode(LISTING, 'WAITLIST_ONLY', 1, PROTECT))
    control.knobs.patch({ latencyMs: 200 })
    const opening = adapter.setMode(LISTING, 'OPEN', 12, GROW)
    await expect.poll(() => control.truth(EVENT).maxTickets, { interval: 5, timeout: 3_000 }).toBe(12)
    // The organizer changes the limit on the website before the event opens.
    control.editEvent(EVENT, { maxTickets: 30 })
    expect(await opening).toMatchObject({
      kind: 'UNKNOWN',
      reason: expect.stringContaining('limit 30; closed again') as unknown,
    })
    expect(control.truth(EVENT)).toMatchObject({ closed: true, sold: 0 })
  })

  it('opens at the requested cap while reads are stale', async () => {
    const { adapter, control } = await start(20, 0, { knobs: { readLagMs: 60_000 } })
    valueOf(await adapter.setMode(LISTING, 'WAITLIST_ONLY', 1, PROTECT))
    // Reads still show it open with 20.
    expect(valueOf(await adapter.setMode(LISTING, 'OPEN', 6, GROW))).toMatchObject({ cap: 6, mode: 'OPEN' })
    expect(control.truth(EVENT)).toMatchObject({ closed: false, maxTickets: 6 })
  })
})
