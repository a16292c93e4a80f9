import { afterAll, beforeAll, expect, it } from 'vitest'
import type { RebalanceMoveDto } from '../../src/read-api/event-reads.dto.js'
import { untilInSync, startIdleTestSystem } from '../support/fixtures/reconcile.js'
import { until, type TestSystem } from '../support/service/test-system.js'

let system: TestSystem

beforeAll(async () => {
  system = await startIdleTestSystem()
}, 120_000)
afterAll(() => system.close())

async function moves(eventId: string): Promise<RebalanceMoveDto[]> {
  const { token } = system
  const { body } = await system.app.call<{ items: RebalanceMoveDto[] }>('GET', `/events/${eventId}/rebalances`, {
    token,
  })
  return body.items
}

it('A rebalancing move is confirmed when the receiver confirms a cap that includes the units, and not before', async () => {
  const listings = system.list()
  const eventId = await system.createEvent(90, listings)
  await untilInSync(system, eventId)
  expect(await moves(eventId)).toEqual([])
  const { luma } = system
  // From now on the receiver rejects every write; its sales are still reported.
  const buy = (from: number, to: number) => {
    for (let index = from; index < to; index++) {
      luma.control.register({ eventId: listings.luma, email: `buyer${index}@example.com` })
    }
  }
  buy(0, 22)
  await until(async () => {
    expect((await system.stock(eventId)).channels.find(({ platform }) => platform === 'LUMA')).toMatchObject({
      sold: 22,
    })
  })
  luma.knobs.patch({ serverErrorRate: 1 })
  const planned = await until(async () => {
    await system.app.call('POST', `/events/${eventId}/rebalance`, { token: system.token, body: {} })
    const found = (await moves(eventId)).filter(({ to }) => to === 'LUMA')
    expect(found.length).toBeGreaterThan(0)
    return found
  })
  // The donor has released the units; the receiver has not confirmed them yet.
  const donor = planned[0]?.from
  await until(async () => {
    const channel = (await system.stock(eventId)).channels.find(({ platform }) => platform === donor)
    expect(channel?.confirmedCap).toBe(channel?.desiredCap)
  })
  const open = (await moves(eventId)).filter(({ to }) => to === 'LUMA')
  expect(open.map(({ confirmedAt }) => confirmedAt)).toEqual(open.map(() => null))

  const repairedAt = Date.now()
  luma.knobs.patch({ serverErrorRate: 0 })
  const confirmed = await until(async () => {
    const found = (await moves(eventId)).filter(({ id }) => planned.some((move) => move.id === id))
    for (const { confirmedAt } of found) expect(confirmedAt).not.toBeNull()
    return found
  }, 40_000)
  for (const { confirmedAt, plannedAt } of confirmed) {
    expect(Date.parse(confirmedAt ?? '')).toBeGreaterThanOrEqual(repairedAt)
    expect(Date.parse(confirmedAt ?? '')).toBeGreaterThan(Date.parse(plannedAt))
  }
})

it('A move to the direct channel is confirmed immediately for unallocated units, and after the release for units of a platform', async () => {
  const eventId = await system.createEvent(60, system.list(), { directWeight: 0.1 })
  await untilInSync(system, eventId)
  const hold = (key: string) =>
    system.app.call('POST', `/events/${eventId}/holds`, {
      token: system.token,
      headers: { 'idempotency-key': key },
      body: { quantity: 1 },
    })
  let keyCount = 0
  const found = await until(async () => {
    await hold(`key-${++keyCount}`)
    await system.app.call('POST', `/events/${eventId}/rebalance`, { token: system.token, body: {} })
    const items = (await moves(eventId)).filter(({ to }) => to === 'DIRECT')
    expect(items.some(({ confirmedAt }) => confirmedAt !== null)).toBe(true)
    return items
  })
  for (const { from, plannedAt, confirmedAt } of found) {
    if (from === 'UNALLOCATED') expect(confirmedAt).toBe(plannedAt)
    else if (confirmedAt) expect(Date.parse(confirmedAt)).toBeGreaterThanOrEqual(Date.parse(plannedAt))
  }
}, 60_000)
