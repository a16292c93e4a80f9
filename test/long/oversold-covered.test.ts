import { afterAll, beforeAll, expect, it } from 'vitest'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { untilInSync, startIdleTestSystem } from '../support/fixtures/reconcile.js'
import { until, type TestSystem } from '../support/service/test-system.js'

let system: TestSystem
beforeAll(async () => {
  system = await startIdleTestSystem()
}, 120_000)
afterAll(() => system.close())

it('A raised capacity covers oversold tickets first, and only the rest is put on sale', async () => {
  const { eventbrite, app, token } = system
  // Before the import, the organizer had sold two tickets more than the capacity.
  const listing = eventbrite.control.createEvent({ capacityTotal: 12, waitlistEnabled: true }).id
  for (let order = 0; order < 12; order++) eventbrite.control.buy({ eventId: listing, quantity: 1 })
  const channels = [{ platform: 'EVENTBRITE', externalEventId: listing }]
  const body = { name: 'Small room', startsAt: '2031-01-01T18:00:00Z', capacity: 10, safetyStockRatio: 0.1, channels }
  const { id } = (await app.call<{ id: string }>('POST', '/events', { token, body })).body
  await until(async () => expect(await system.stock(id)).toMatchObject({ sold: 12, oversold: 2, capacity: 10 }))

  // As if the process had crashed after recording them and before raising the alert.
  const { alert } = app.app.get(PrismaService)
  await alert.deleteMany({ where: { kind: 'OVERSOLD' } })
  const raisedAlert = await until(() => alert.findFirstOrThrow({ where: { kind: 'OVERSOLD', eventId: id } }), 30_000)
  expect(raisedAlert.detail).toContain('2 ticket(s) sold on EVENTBRITE exceed the stock')

  const patch = (capacity: number) => app.call('PATCH', `/events/${id}`, { token, body: { capacity } })
  expect((await patch(11)).status).toBe(409)
  expect((await patch(16)).status).toBe(200)
  const free = async () => {
    const { unallocated, inTransit, safetyStock, channels: all } = await system.stock(id)
    return unallocated + inTransit + safetyStock.remaining + all.reduce((sum, { allocation }) => sum + allocation, 0)
  }
  await until(async () => expect(await system.stock(id)).toMatchObject({ sold: 12, oversold: 0, capacity: 16 }))
  expect(await free()).toBe(4)
  expect(await system.stock(id)).toMatchObject({ available: 4, safetyStock: { total: 2, remaining: 2 } })
})

it('Oversold tickets raise an alert if they are not covered in time, and none if they are', async () => {
  const { eventbrite, luma, app } = system
  const { alert } = app.app.get(PrismaService)
  const raised = (eventId: string) => alert.count({ where: { kind: 'OVERSOLD', eventId } })
  const createEvent = async () => {
    const listings = system.list()
    const eventId = await system.createEvent(30, listings, { safetyStockRatio: 0, softCapRatio: 1 })
    await untilInSync(system, eventId)
    await app.call('POST', `/events/${eventId}/freeze`, { token: system.token })
    const types = luma.control.truth(listings.luma).ticketTypes
    return { eventId, listings, type: types[0]?.id }
  }
  const oversell = async ({ eventId, listings, type }: Awaited<ReturnType<typeof createEvent>>) => {
    luma.control.setCap(listings.luma, 16)
    luma.control.setCap(listings.luma, 16, type)
    for (let guest = 0; guest < 8; guest++) {
      luma.control.register({ eventId: listings.luma, email: `guest${guest}-${eventId}@example.com`, quantity: 2 })
    }
    await until(async () => expect(await system.stock(eventId)).toMatchObject({ sold: 16 }))
  }
  const covered = await createEvent()
  await oversell(covered)
  await until(async () => expect(await system.stock(covered.eventId)).toMatchObject({ oversold: 0 }))
  const blocked = await createEvent()
  eventbrite.knobs.patch({ serverErrorRate: 1 })
  system.meetup.control.knobs.patch({ serverErrorRate: 1 })
  await oversell(blocked)
  expect((await system.stock(blocked.eventId)).oversold).toBeGreaterThan(0)
  expect(await raised(blocked.eventId)).toBe(0)
  await until(async () => expect(await raised(blocked.eventId)).toBe(1), 60_000)
  expect(await raised(covered.eventId)).toBe(0)
}, 120_000)
