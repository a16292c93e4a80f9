import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WaitlistOffers } from '../../../src/waitlist/waitlist-offers.js'
import { startRedis, type DedicatedRedis } from '../../support/servers/redis.js'
import { leaveEntry, readEntry, verifyEntry } from '../../support/fixtures/entry-owner.js'
import { Sales, tally } from '../../support/fixtures/sales.js'
import { until } from '../../support/service/test-system.js'

let redis: DedicatedRedis
let sales: Sales

beforeAll(async () => {
  redis = await startRedis()
  sales = await Sales.start({ redisUrl: redis.url })
})

afterAll(async () => {
  await sales?.stop()
  await redis?.stop()
})

interface Joined {
  id: string
  position: number
  leaveToken: string
  code?: string
}

const join = (eventId: string, index: number) =>
  sales.service.call<Joined>('POST', `/events/${eventId}/waitlist`, {
    body: { name: 'Ana', email: `ana${index}@example.com`, quantity: 1 },
    ip: `10.6.0.${index}`,
  })
const mode = (body: object) => sales.service.call('POST', '/system/mode', { token: sales.operator.token, body })
const untilMode = (expected: string) =>
  until(async () => {
    const shown = await sales.service.call<{ mode: string }>('GET', '/system/mode', { token: sales.operator.token })
    expect(shown.body.mode).toBe(expected)
  })

describe('The waitlist in fail-safe mode and in a Redis outage', () => {
  it('accepts joining, reading and leaving, and makes no offers', async () => {
    const eventId = await sales.event({ waitlistPolicy: 'AUTOMATIC' })
    await mode({ mode: 'FAIL_SAFE', reason: 'drill' })
    await untilMode('FAIL_SAFE')
    const one = await join(eventId, 1)
    expect([one.status, one.body.position]).toEqual([201, 1])
    await sales.service.app.get(WaitlistOffers).offerAll()
    const refused = await sales.service.call('POST', `/waitlist/${one.body.id}/offer`, { token: sales.operator.token })
    expect([refused.status, refused.body]).toMatchObject([503, { code: 'FAIL_SAFE' }])

    await redis.kill()
    const started = Date.now()
    const crowd = await Promise.all(Array.from({ length: 20 }, (_, index) => join(eventId, index + 2)))
    expect(tally(crowd)).toEqual({ '201': 20 })
    expect(Date.now() - started).toBeLessThan(5_000)
    const last = crowd.at(-1)?.body
    const own = [sales.service, last?.id ?? '', last?.leaveToken ?? ''] as const
    expect((await verifyEntry(sales.service, own[1])).body).toMatchObject({ emailVerified: true })
    expect((await readEntry(...own)).body).toMatchObject({ state: 'WAITING' })
    expect((await leaveEntry(...own)).status).toBe(204)
    const list = await sales.service.call<{ items: { state: string }[] }>(
      'GET',
      `/events/${eventId}/waitlist?limit=100`,
      {
        token: sales.operator.token,
      },
    )
    expect(list.body.items.map(({ state }) => state).filter((state) => state === 'WAITING')).toHaveLength(20)
    await redis.restart()
    expect(await sales.balances(eventId)).toMatchObject({ HELD: 0, 'ALLOCATED:DIRECT': 100 })
  })
})
