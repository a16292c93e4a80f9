import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Platforms } from '../../../src/platforms/platforms.js'
import { untilInSync, startIdleTestSystem } from '../../support/fixtures/reconcile.js'
import { until, type Listings, type TestSystem } from '../../support/service/test-system.js'

const CLOSED = 'WAITLIST_ONLY'

let system: TestSystem
beforeAll(async () => {
  system = await startIdleTestSystem()
}, 120_000)
afterAll(() => system?.close())

const act = (eventId: string, action: string) =>
  system.app.call('POST', `/events/${eventId}/${action}`, { token: system.token })
const capsOf = ({ eventbrite, luma, meetup }: Listings) => [
  system.eventbrite.control.truth(eventbrite).capacity,
  system.luma.control.truth(luma).cap,
  system.meetup.control.truth(meetup).cap,
]
const meetupMode = ({ meetup }: Listings) => system.meetup.control.truth(meetup).mode

/** Applies every closing and drops its response. Returns a function that restores the adapters. */
function loseClosings(): () => void {
  const adapters = system.app.app
    .get(Platforms)
    .all()
    .map(({ adapter }) => adapter)
  const originals = adapters.map((adapter) => adapter.setMode.bind(adapter))
  for (const [index, adapter] of adapters.entries()) {
    adapter.setMode = async (...call) => {
      const outcome = await originals[index]?.(...call)
      const lost = { kind: 'UNKNOWN', reason: 'the response was lost' } as const
      return outcome === undefined || (outcome.kind === 'OK' && call[1] === CLOSED) ? lost : outcome
    }
  }
  return () => {
    for (const [index, adapter] of adapters.entries()) adapter.setMode = originals[index] ?? adapter.setMode
  }
}

describe('Caps on the simulated platforms', () => {
  it('are restored by a resume after the response to an applied closing was lost', async () => {
    const listings = system.list()
    const id = await system.createEvent(100, listings)
    await untilInSync(system, id)
    const restore = loseClosings()
    expect((await act(id, 'pause')).status).toBe(200)
    try {
      // With nothing sold, a cap of 1 is as closed as Luma can be; Meetup's limit stays while its RSVPs are closed.
      await until(() => expect([...capsOf(listings).slice(0, 2), meetupMode(listings)]).toEqual([1, 1, CLOSED]))
    } finally {
      restore()
    }
    expect((await act(id, 'resume')).status).toBe(200)
    await until(() => {
      expect(capsOf(listings)).toEqual([30, 30, 30])
      expect(meetupMode(listings)).toBe('OPEN')
    }, 40_000)
    expect(system.eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 1 }).orderId).not.toBeNull()
    await untilInSync(system, id)
  }, 120_000)

  it('cover no units of holds that are created while the first caps of unlimited listings are in flight', async () => {
    const luma = system.luma.control.createEvent({ maxCapacity: null, ticketTypes: [{ maxCapacity: null }] }).eventId
    const meetup = system.meetup.control.createEvent({ capacity: null, guestLimit: 2 }).eventId
    for (const { knobs } of [system.luma, system.meetup.control]) knobs.patch({ latencyMs: { p50: 300, p99: 300 } })
    const channels = [
      { platform: 'LUMA', externalEventId: luma },
      { platform: 'MEETUP', externalEventId: meetup },
    ]
    const id = await system.createEvent(300, system.list(), { channels, directWeight: 0.5 })
    const hold = () => system.app.call('POST', `/events/${id}/holds`, { token: system.token, body: { quantity: 1 } })
    for (let attempt = 0; attempt < 100; attempt++) await hold()
    for (const { knobs } of [system.luma, system.meetup.control]) knobs.patch({ latencyMs: { p50: 0, p99: 0 } })
    await untilInSync(system, id)
    const { channels: rows } = await system.stock(id)
    const held = rows.find(({ platform }) => platform === 'DIRECT')?.held ?? 0
    // The allocation of the direct channel can be held at any time.
    expect(held).toBeGreaterThan(0)
    const caps =
      (system.luma.control.truth(luma).cap ?? Infinity) + (system.meetup.control.truth(meetup).cap ?? Infinity)
    expect(caps + held + 30).toBeLessThanOrEqual(300)
  }, 120_000)
})
