import { expect } from 'vitest'
import { untilInSync, reconcile } from '../fixtures/reconcile.js'
import { until, WEBHOOK_TOKEN, type TestSystem } from '../service/test-system.js'

const SECOND_ADMIN = { email: 'nora@example.com', password: 'the password of Nora' }

/** Two events that show every feature of the dashboard: one on sale, one in red alarm. */
export async function dashboardEvents(system: TestSystem): Promise<{ onSale: string; alarmed: string }> {
  const call = async (path: string, body: object, token = system.token): Promise<void> => {
    const { status, body: response } = await system.app.call('POST', path, { token, body })
    expect(status, `${path}: ${JSON.stringify(response)}`).toBeLessThan(300)
  }
  const [own, other] = [system.list(), system.list()]
  const rows = ['A', 'B', 'C'].map((row) => ({ row, count: 16 }))
  const onSale = await system.createEvent(240, own, {
    name: 'Open event with a rather long name, a reading and a concert',
    venue: 'Kühlhaus, Hall 2',
    timezone: 'America/New_York',
    directWeight: 1,
    seats: [
      { section: 'Stalls', rows },
      { section: 'Balcony', rows },
    ],
  })
  const alarmed = await system.createEvent(40, other, { name: 'Full event', softCapRatio: 0.1 })
  await untilInSync(system, onSale)
  await untilInSync(system, alarmed)

  await call('/operators', { ...SECOND_ADMIN, name: 'Nora Nightingale', role: 'ADMIN' })
  const secondAdminToken = await system.app.login(SECOND_ADMIN)
  for (let index = 0; index < 6; index++) {
    system.luma.control.register({ eventId: own.luma, name: 'Ada Lovelace', email: `ada${index}@example.com` })
    system.eventbrite.control.buy({ eventId: own.eventbrite, quantity: 1 })
    system.luma.control.register({ eventId: other.luma, email: `full${index}@example.com` })
  }
  system.meetup.control.rsvp(own.meetup, { memberName: 'Bartholomew Featherstonehaugh-Montgomery', guests: 1 })
  await call(`/events/${onSale}/holds`, { seats: ['Stalls-A-3', 'Stalls-A-4'], ttlSeconds: 3_600 })
  await call(`/events/${onSale}/holds`, { quantity: 2, source: 'SAFETY_STOCK', ttlSeconds: 3_600 })
  await call(`/events/${onSale}/waitlist`, { name: 'Wanda Waits', email: 'wanda@example.com', quantity: 2 })
  await call(`/events/${onSale}/safety-stock/sales`, {
    quantity: 1,
    buyer: { name: 'Dora Door', email: 'dora@example.com' },
    reason: 'a guest of the speaker',
  })
  const release = { platform: 'LUMA', quantity: 2, reason: 'the waitlist on Luma is long' }
  await call(`/events/${onSale}/safety-stock/releases`, release)
  await call(`/events/${onSale}/safety-stock/releases`, { ...release, platform: 'EVENTBRITE' }, secondAdminToken)
  await sendUnmatchedDelivery(system)
  await until(async () => {
    const { channels } = await system.stock(onSale)
    expect(Object.fromEntries(channels.map(({ platform, sold }) => [platform, sold]))).toEqual({
      EVENTBRITE: 6,
      LUMA: 6,
      MEETUP: 2,
      DIRECT: 1,
    })
    expect(await system.stock(alarmed)).toMatchObject({ state: 'RED_ALARM' })
  })
  await createCapDrift(system, onSale, own.meetup)
  return { onSale, alarmed }
}

/** Sends a delivery for an event without a channel; it is dead-lettered. */
export async function sendUnmatchedDelivery({ app }: TestSystem, externalEventId = '999999999999'): Promise<void> {
  const { status } = await app.call('POST', `//webhooks/eventbrite/${WEBHOOK_TOKEN}`, {
    body: {
      api_url: `https://www.eventbriteapi.com/v3/events/${externalEventId}/`,
      config: { action: 'event.updated', user_id: '1', endpoint_url: 'https://example.com/', webhook_id: '1' },
    },
  })
  expect(status).toBe(202)
}

/** Changes a cap at the platform and reconciles until the drift is found; retries if the service writes another cap in between. */
export async function createCapDrift(system: TestSystem, eventId: string, meetup: string): Promise<void> {
  await until(async () => {
    const cap = system.meetup.control.truth(meetup).cap ?? 0
    system.meetup.control.editEvent(meetup, { maxTickets: cap - 1 })
    const run = await reconcile(system, { eventId })
    expect(run.items.map(({ kind }) => kind)).toContain('CAP_DRIFT')
  }, 40_000)
}
