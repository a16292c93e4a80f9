import { afterAll, beforeAll, expect, it } from 'vitest'
import { Sales, type Person } from '../../support/fixtures/sales.js'
import { startRedis, type DedicatedRedis } from '../../support/servers/redis.js'

let redis: DedicatedRedis
let sales: Sales
let door: Person

beforeAll(async () => {
  redis = await startRedis()
  sales = await Sales.start({ redisUrl: redis.url })
  door = await sales.staff('DOOR')
})

afterAll(async () => {
  await sales?.stop()
  await redis?.stop()
})

it('The door works without Redis, except for sales', async () => {
  const eventId = await sales.event({ safetyStockRatio: 0.1 })
  const { id } = await sales.createHold(eventId, { quantity: 2 })
  const tickets = (await sales.confirm(id)).body.tickets ?? []
  const call = (method: 'GET' | 'POST', path: string, body?: object) =>
    sales.service.call(method, `/events/${eventId}/${path}`, { token: door.token, ...(body && { body }) })
  await redis.kill()
  const started = performance.now()
  expect((await call('GET', 'attendees')).status).toBe(200)
  expect((await call('GET', 'attendees.csv')).status).toBe(200)
  expect(await call('POST', 'check-ins', { code: tickets[0]?.code })).toMatchObject({
    status: 200,
    body: { first: true },
  })
  expect((await call('POST', 'check-ins', { items: [{ code: tickets[1]?.code }] })).status).toBe(200)
  expect((await call('POST', 'walk-ins', { quantity: 3, from: 'COUNT' })).status).toBe(201)
  expect(await call('GET', 'door')).toMatchObject({ status: 200, body: { checkedIn: 2, walkIns: 3, inTheRoom: 5 } })
  expect(performance.now() - started).toBeLessThan(5_000)
  const sale = await call('POST', 'walk-ins', { quantity: 1, from: 'SAFETY' })
  expect([sale.status, await sales.prisma.walkIn.count({ where: { eventId, source: 'SAFETY' } })]).toEqual([503, 0])
})
