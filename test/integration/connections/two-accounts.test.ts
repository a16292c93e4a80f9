import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConditionRunner } from '../../../src/alert-conditions/condition-runner.js'
import type { ConnectionDto } from '../../../src/connection-commands/connections.dto.js'
import { environmentConnectionId } from '../../../src/domain/connection-record.js'
import { Outbound } from '../../../src/platforms/outbound.js'
import { Platforms } from '../../../src/platforms/platforms.js'
import { RENEWED_TOKEN, SECOND_TOKEN, startTwoAccounts, type TwoAccounts } from '../../support/fixtures/accounts.js'
import { printStateOnFailure } from '../../support/service/system-state.js'
import { EVENTBRITE_TOKEN, until, WEBHOOK_TOKEN } from '../../support/service/test-system.js'

const ENVIRONMENT = environmentConnectionId('EVENTBRITE')

let two: TwoAccounts
let connectionId: string
let eventId: string
let mine: string
let theirs: string

beforeAll(async () => {
  two = await startTwoAccounts({ instances: 2 })
  const { system, first, second } = two
  const { status, body } = await call<ConnectionDto>('POST', '/connections', {
    platform: 'EVENTBRITE',
    label: 'Second',
    credentials: { token: SECOND_TOKEN },
  })
  expect(status).toBe(201)
  connectionId = body.id
  mine = first.control.createEvent({ capacityTotal: 1 }).id
  theirs = second.control.createEvent({ capacityTotal: 1 }).id
  const channels = [
    { platform: 'EVENTBRITE', connectionId: ENVIRONMENT, externalEventId: mine },
    { platform: 'EVENTBRITE', connectionId, externalEventId: theirs },
  ]
  const event = await call<{ id: string }>('POST', '/events', {
    name: 'Two accounts',
    startsAt: '2031-01-01T18:00:00Z',
    capacity: 100,
    channels,
  })
  eventId = event.body.id
  await until(async () => {
    expect((await system.stock(eventId)).channels.slice(0, 2)).toMatchObject([
      { confirmedCap: 45 },
      { confirmedCap: 45 },
    ])
    expect(first.control.webhooks().some((webhook) => webhook.eventId === mine)).toBe(true)
    expect(second.control.webhooks().some((webhook) => webhook.eventId === theirs)).toBe(true)
  }, 60_000)
}, 120_000)
afterAll(() => two?.close())
printStateOnFailure(() => two?.system)

function call<T>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object) {
  return two.system.app.call<T>(method, path, { token: two.system.token, ...(body && { body }) })
}
const sold = async () => (await two.system.stock(eventId)).channels.slice(0, 2).map((channel) => channel.sold)
const pathTokenOf = (id: string) => two.system.app.app.get(Platforms).connection(id).webhookToken ?? ''

describe('Two accounts on one platform', () => {
  it('sell one event, each with its own token, budget and webhooks', async () => {
    const { first, second, front } = two
    first.control.buy({ eventId: mine, quantity: 3 })
    second.control.buy({ eventId: theirs, quantity: 2 })
    await until(async () => expect(await sold()).toEqual([3, 2]))
    expect([first.control.truth(mine).capacity, second.control.truth(theirs).capacity]).toEqual([45, 45])
    expect(front.seen).toEqual(expect.arrayContaining([EVENTBRITE_TOKEN, SECOND_TOKEN]))
    const outbound = two.system.app.app.get(Outbound)
    const budgets = await Promise.all([ENVIRONMENT, connectionId].map(async (id) => (await outbound.status(id)).budget))
    expect(budgets[0]?.bucket).not.toBe(budgets[1]?.bucket)
    expect(first.control.webhooks().every(({ url }) => url.endsWith(`/webhooks/eventbrite/${WEBHOOK_TOKEN}`))).toBe(
      true,
    )
    expect(second.control.webhooks().map(({ url }) => url)).toEqual([
      `${two.system.app.url}/webhooks/eventbrite/${pathTokenOf(connectionId)}`,
    ])
  })

  it('do not take deliveries of each other', async () => {
    const { first, second } = two
    first.knobs.patch({ webhookLoss: 1 })
    const { orderId } = first.control.buy({ eventId: mine, quantity: 1 })
    // To the address of the other account, which does not have this order.
    expect((await two.deliver(pathTokenOf(connectionId), orderId ?? '')).status).toBe(202)
    const readFrom = (simulator: typeof second) =>
      simulator.trace.query().calls.some(({ operation, status }) => operation === 'read_order' && status === 404)
    await until(() => expect(readFrom(second)).toBe(true), 40_000)
    // Late deliveries of earlier sales may cause a read of the listing, which counts the sale, but none of this order.
    expect(readFrom(first)).toBe(false)
    expect((await sold())[1]).toBe(2)
    expect((await two.deliver(WEBHOOK_TOKEN, orderId ?? '')).status).toBe(202)
    await until(async () => expect(await sold()).toEqual([4, 2]))
    first.knobs.patch({ webhookLoss: 0 })
    expect((await two.deliver('an unknown address', orderId ?? '')).status).toBe(401)
    const luma = await fetch(`${two.system.app.url}/webhooks/luma/${pathTokenOf(connectionId)}`, { method: 'POST' })
    expect(luma.status).toBe(401)
  })

  it('are alerted apart: a revoked one affects its own channels only, until it has other credentials', async () => {
    const { system, accounts, first, second } = two
    // The front sends unknown tokens to the first account, which refuses them.
    const origin = accounts.get(SECOND_TOKEN) ?? ''
    accounts.delete(SECOND_TOKEN)
    second.knobs.patch({ webhookLoss: 1 })
    await two.deliver(pathTokenOf(connectionId), '1')
    // A new cap is to be written to both.
    expect((await call('PATCH', `/events/${eventId}`, { capacity: 120 })).status).toBe(200)
    const state = async () => (await call<{ items: ConnectionDto[] }>('GET', '/connections')).body.items
    await until(async () => {
      expect((await state()).find(({ id }) => id === connectionId)).toMatchObject({
        state: 'REFUSED',
        detail: expect.stringContaining('invalid'),
        account: { id: '300000000002' },
      })
    }, 40_000)
    expect((await state()).find(({ id }) => id === ENVIRONMENT)).toMatchObject({ state: 'READY' })
    type Alerts = { items: { platform: string; kind: string; detail: string; resolvedAt: string | null }[] }
    const alerts = async () => {
      await system.app.app.get(ConditionRunner).evaluateAll()
      const { items } = (await call<Alerts>('GET', '/alerts')).body
      return items.filter(({ detail, resolvedAt }) => resolvedAt === null && detail.includes('refuses our credentials'))
    }
    await until(async () => expect(await alerts()).toHaveLength(1), 40_000)
    expect((await alerts())[0]?.detail).toContain('EVENTBRITE (Second)')
    const channels = async () => {
      const { body } = await call<{ channels: { connectionId: string; syncError: string | null }[] }>(
        'GET',
        `/events/${eventId}`,
      )
      return body.channels
    }
    expect((await channels()).find((one) => one.connectionId === ENVIRONMENT)?.syncError).toBeNull()
    // The other account continues to sell.
    first.control.buy({ eventId: mine, quantity: 1 })
    await until(async () => expect((await sold())[0]).toBe(5))

    accounts.set(RENEWED_TOKEN, origin)
    const replaced = await call<ConnectionDto>('PATCH', `/connections/${connectionId}`, {
      credentials: { token: RENEWED_TOKEN },
    })
    expect(replaced.body).toMatchObject({ state: 'READY', detail: null })
    second.knobs.patch({ webhookLoss: 0 })
    second.control.buy({ eventId: theirs, quantity: 1 })
    await until(async () => expect((await sold())[1]).toBe(3), 40_000)
    await until(async () => expect(await alerts()).toEqual([]), 40_000)
  })
})
