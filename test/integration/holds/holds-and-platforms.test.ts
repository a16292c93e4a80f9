import { afterAll, beforeAll, expect, it } from 'vitest'
import { SoftCap } from '../../../src/channels/soft-cap.js'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { startIdleTestSystem, untilInSync } from '../../support/fixtures/reconcile.js'
import { until, type TestSystem } from '../../support/service/test-system.js'

let system: TestSystem

beforeAll(async () => {
  system = await startIdleTestSystem()
})
afterAll(() => system?.close())

it('Holds close no platform, however many, before they are bought', async () => {
  const listings = system.list()
  const fields = { safetyStockRatio: 0, softCapRatio: 0.9, directWeight: 97, maxHeldPerCustomer: null }
  const eventId = await system.createEvent(100, listings, fields)
  await untilInSync(system, eventId)
  const { token } = system
  const { app } = system.app
  const channels = () => app.get(PrismaService).channel.findMany({ where: { eventId } })
  const modes = async () => new Set((await channels()).flatMap((one) => [one.desiredMode, one.confirmedMode]))
  const hold = await system.app.call<{ id: string }>('POST', `/events/${eventId}/holds`, {
    token,
    body: { quantity: 95 },
  })
  expect(hold.status).toBe(201)
  await app.get(SoftCap).check(eventId)
  await app.get(SoftCap).checkAll()
  expect(await system.stock(eventId)).toMatchObject({ state: 'ON_SALE', held: 95 })
  expect(await modes()).toEqual(new Set(['OPEN']))
  const sold = system.luma.control.register({ eventId: listings.luma, name: 'Cy', email: 'cy@example.com' })
  expect(sold.guestId).toEqual(expect.any(String))

  const confirmed = await system.app.call('POST', `/holds/${hold.body.id}/confirm`, {
    token,
    body: { buyer: { name: 'Jane', email: 'jane@example.com' } },
  })
  expect(confirmed.status).toBe(200)
  await until(async () => expect(await system.stock(eventId)).toMatchObject({ state: 'RED_ALARM' }))
  await until(async () => expect(await modes()).toEqual(new Set(['WAITLIST_ONLY'])))
})
