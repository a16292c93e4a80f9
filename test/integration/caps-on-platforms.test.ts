import { afterAll, beforeAll, expect, it } from 'vitest'
import { Platforms } from '../../src/platforms/platforms.js'
import { inStep, startIdleTestSystem } from '../support/reconcile.js'
import { until, type Listings, type TestSystem } from '../support/test-system.js'

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

/** Every closing is applied, and the service never hears of it. Answers a function that ends this. */
function loseClosings(): () => void {
  const adapters = system.app.app.get(Platforms).all()
  const originals = adapters.map((adapter) => adapter.setMode.bind(adapter))
  for (const [index, adapter] of adapters.entries()) {
    adapter.setMode = async (...call) => {
      const outcome = await originals[index]?.(...call)
      const lost = { kind: 'UNKNOWN', reason: 'the answer was lost' } as const
      return outcome === undefined || (outcome.kind === 'OK' && call[1] === CLOSED) ? lost : outcome
    }
  }
  return () => {
    for (const [index, adapter] of adapters.entries()) adapter.setMode = originals[index] ?? adapter.setMode
  }
}

it('A closing that was applied and whose answer was lost does not stay closed after a resume', async () => {
  const listings = system.list()
  const id = await system.createEvent(100, listings)
  await inStep(system, id)
  const found = loseClosings()
  expect((await act(id, 'pause')).status).toBe(200)
  try {
    // With nothing sold Luma is as closed as it can be at 1, and Meetup's limit stays while its RSVPs are closed.
    await until(() => expect([...capsOf(listings).slice(0, 2), meetupMode(listings)]).toEqual([1, 1, CLOSED]))
  } finally {
    found()
  }
  expect((await act(id, 'resume')).status).toBe(200)
  await until(() => {
    expect(capsOf(listings)).toEqual([30, 30, 30])
    expect(meetupMode(listings)).toBe('OPEN')
  }, 40_000)
  expect(system.eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 1 }).orderId).not.toBeNull()
  await inStep(system, id)
}, 120_000)

it('Holds while the first caps are on their way take nothing that an unlimited platform could sell', async () => {
  const luma = system.luma.control.createEvent({ maxCapacity: null, ticketTypes: [{ maxCapacity: null }] }).eventId
  const meetup = system.meetup.control.createEvent({ capacity: null, guestLimit: 2 }).eventId
  for (const { knobs } of [system.luma, system.meetup.control]) knobs.patch({ latencyMs: { p50: 300, p99: 300 } })
  const channels = [
    { platform: 'LUMA', externalEventId: luma },
    { platform: 'MEETUP', externalEventId: meetup },
  ]
  const id = await system.createEvent(300, system.list(), { channels, directWeight: 0.5 })
  const hold = () => system.app.call('POST', `/events/${id}/holds`, { token: system.token, body: { quantity: 1 } })
  for (let tries = 0; tries < 100; tries++) await hold()
  for (const { knobs } of [system.luma, system.meetup.control]) knobs.patch({ latencyMs: { p50: 0, p99: 0 } })
  await inStep(system, id)
  const { channels: rows } = await system.stock(id)
  const held = rows.find(({ platform }) => platform === 'DIRECT')?.held ?? 0
  // What is set aside for the direct sale is there to be held all the time.
  expect(held).toBeGreaterThan(0)
  const caps = (system.luma.control.truth(luma).cap ?? Infinity) + (system.meetup.control.truth(meetup).cap ?? Infinity)
  expect(caps + held + 30).toBeLessThanOrEqual(300)
}, 120_000)
