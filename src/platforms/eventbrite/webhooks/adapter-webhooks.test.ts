import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  listingOf,
  startHarness,
  TOKEN,
  valueOf,
  WEBHOOK_TOKEN,
} from '../../../../test/support/platforms/eventbrite.js'
import { startStubPlatform } from '../../../../test/support/platforms/stub-platform.js'
import type { CallContext, Delivery } from '../../port.js'
import { EVENTBRITE_ACTIONS } from '../config.js'
import { EventbriteAdapter } from '../eventbrite-adapter.js'

const BULK: CallContext = { lane: 'bulk' }

/** A webhook endpoint that records deliveries. */
async function startReceiver() {
  const deliveries: Delivery[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
      const pathToken = (request.url ?? '').split('/').at(-1) ?? null
      deliveries.push({ headers, body: Buffer.concat(chunks), pathToken })
      response.writeHead(202).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return { deliveries, url: `http://127.0.0.1:${port}/webhooks/eventbrite/${WEBHOOK_TOKEN}` }
}

describe('ensureWebhookSubscription', () => {
  it('creates a subscription once and finds it again', async () => {
    const { adapter, simulator, calls } = await startHarness()
    const { url } = await startReceiver()
    const first = valueOf(await adapter.ensureWebhookSubscription(url, BULK))
    expect(first).toMatchObject({ created: true, secret: null })
    expect(simulator.control.webhooks()).toMatchObject([{ id: first.id, url, actions: [...EVENTBRITE_ACTIONS] }])
    calls()
    expect(valueOf(await adapter.ensureWebhookSubscription(url, BULK))).toMatchObject({ id: first.id, created: false })
    expect(calls()).toHaveLength(2)
  })

  it('is not part of checkAccess, which only finds an existing subscription', async () => {
    const { adapter, simulator } = await startHarness()
    const { url } = await startReceiver()
    expect(valueOf(await adapter.checkAccess(null, BULK)).subscribed).toBeNull()
    expect(valueOf(await adapter.checkAccess(url, BULK)).subscribed).toBe(false)
    expect(simulator.control.webhooks()).toEqual([])
    await adapter.ensureWebhookSubscription(url, BULK)
    expect(valueOf(await adapter.checkAccess(url, BULK)).subscribed).toBe(true)
  })

  it('replaces a subscription that differs, deletes duplicates, and does not touch those for other URLs', async () => {
    const { adapter, simulator } = await startHarness()
    const { control } = simulator
    const { url } = await startReceiver()
    const other = control.addWebhook('http://127.0.0.1:9/theirs', ['order.placed'])
    control.addWebhook(url, ['order.placed'])
    control.addWebhook(url, [...EVENTBRITE_ACTIONS], '1999000000001')
    control.addWebhook(url, [...EVENTBRITE_ACTIONS, 'attendee.checked_in'])
    const { id, created } = valueOf(await adapter.ensureWebhookSubscription(url, BULK))
    expect(created).toBe(true)
    expect(control.webhooks().map((webhook) => webhook.id)).toEqual([other.id, id])
    control.addWebhook(url, [...EVENTBRITE_ACTIONS])
    expect(valueOf(await adapter.ensureWebhookSubscription(url, BULK)).created).toBe(false)
    expect(control.webhooks()).toHaveLength(2)
  })

  it('finds a subscription on a later page', async () => {
    const { adapter, simulator } = await startHarness()
    const { url } = await startReceiver()
    for (let i = 0; i < 60; i++) simulator.control.addWebhook(`http://127.0.0.1:9/${i}`, ['order.placed'])
    const { id } = simulator.control.addWebhook(url, [...EVENTBRITE_ACTIONS])
    expect(valueOf(await adapter.ensureWebhookSubscription(url, BULK))).toMatchObject({ id, created: false })
  })

  it('creates the subscription again after a 410 has ended it', async () => {
    const { adapter, simulator } = await startHarness({ simulator: { toggles: { testPingOnCreate: 'no' } } })
    const server = createServer((_request, response) => response.writeHead(410).end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
    const { id } = valueOf(await adapter.ensureWebhookSubscription(url, BULK))
    simulator.control.testWebhook(id)
    expect(await simulator.drain(5_000)).toBe(0)
    expect(simulator.control.webhooks()).toEqual([])
    const again = valueOf(await adapter.ensureWebhookSubscription(url, BULK))
    expect(again.created).toBe(true)
    expect(again.id).not.toBe(id)
  })
})

describe('ensureWebhookSubscription per event', () => {
  const scopes = (control: { webhooks: () => { eventId: string | null }[] }) =>
    control.webhooks().map(({ eventId }) => eventId)

  it('creates subscriptions for the given events, finds them again, and deletes those of other events', async () => {
    const { adapter, simulator, calls } = await startHarness()
    const { control } = simulator
    const { url } = await startReceiver()
    const [a, b, c] = Array.from({ length: 3 }, () => control.createEvent().id)
    if (a === undefined || b === undefined || c === undefined) throw new Error('no events')
    control.addWebhook(url, [...EVENTBRITE_ACTIONS])
    const first = valueOf(await adapter.ensureWebhookSubscription(url, BULK, [a, b]))
    expect(first).toMatchObject({ created: true, complete: true, problems: [] })
    // The one for the whole account has been deleted.
    expect(scopes(control)).toEqual([a, b])
    expect(Object.values(first.events ?? {})).toEqual([a, b])
    calls()
    const again = valueOf(await adapter.ensureWebhookSubscription(url, BULK, [b, a]))
    expect(again).toMatchObject({ created: false, complete: true, events: first.events })
    expect(calls()).toHaveLength(2)
    expect(valueOf(await adapter.ensureWebhookSubscription(url, BULK, [b, c]))).toMatchObject({ created: true })
    expect(scopes(control)).toEqual([b, c])
    expect(valueOf(await adapter.checkAccess(url, BULK, [b, c])).subscribed).toBe(true)
    expect(valueOf(await adapter.checkAccess(url, BULK, [a, b])).subscribed).toBe(false)
    expect(valueOf(await adapter.checkAccess(url, BULK, [])).subscribed).toBeNull()
    expect(valueOf(await adapter.ensureWebhookSubscription(url, BULK, []))).toMatchObject({ id: '', created: false })
    expect(control.webhooks()).toEqual([])
  })

  it('causes no deliveries for other events', async () => {
    const { adapter, simulator } = await startHarness({ simulator: { toggles: { testPingOnCreate: 'no' } } })
    const { control } = simulator
    const { deliveries, url } = await startReceiver()
    const [ours, others] = [control.createEvent().id, control.createEvent().id]
    const { events } = valueOf(await adapter.ensureWebhookSubscription(url, BULK, [ours]))
    control.buy({ eventId: others, quantity: 1 })
    control.buy({ eventId: ours, quantity: 1 })
    expect(await simulator.drain(5_000)).toBe(0)
    const hints = deliveries.flatMap((delivery) => adapter.parseDelivery(delivery.body) ?? [])
    expect(hints).toHaveLength(4)
    for (const hint of hints) {
      if (hint.kind === 'ORDER') expect(events?.[hint.subscriptionId ?? '']).toBe(ours)
      if (hint.kind === 'EVENT') expect(hint.externalEventId).toBe(ours)
    }
  })

  it('uses one for the account where the platform rejects event ids, and for more than 100 events', async () => {
    const { adapter, simulator } = await startHarness()
    const { control } = simulator
    const { url } = await startReceiver()
    simulator.toggles.patch({ webhookEventId: 'reject' })
    const { id } = control.createEvent()
    expect(valueOf(await adapter.ensureWebhookSubscription(url, BULK, [id]))).toMatchObject({ created: true })
    expect(scopes(control)).toEqual([null])
    simulator.toggles.patch({ webhookEventId: 'accept' })
    const many = Array.from({ length: 101 }, () => control.createEvent().id)
    expect(valueOf(await adapter.ensureWebhookSubscription(url, BULK, many))).toMatchObject({ created: false })
    expect(scopes(control)).toEqual([null])
  })

  it('creates many subscriptions over several checks, and keeps the previous one until then', async () => {
    const { adapter, simulator, calls } = await startHarness()
    const { control } = simulator
    const { url } = await startReceiver()
    control.addWebhook(url, [...EVENTBRITE_ACTIONS])
    const ids = Array.from({ length: 30 }, () => control.createEvent().id)
    calls()
    expect(valueOf(await adapter.ensureWebhookSubscription(url, BULK, ids)).complete).toBe(false)
    expect(calls().length).toBeLessThanOrEqual(22)
    expect(scopes(control)).toContain(null)
    expect(valueOf(await adapter.ensureWebhookSubscription(url, BULK, ids)).complete).toBe(true)
    expect(scopes(control)).toEqual(ids)
  })

  it('reports a problem for an unknown event and subscribes to the others', async () => {
    const { adapter, simulator } = await startHarness()
    const { url } = await startReceiver()
    const { id } = simulator.control.createEvent()
    const ensured = valueOf(await adapter.ensureWebhookSubscription(url, BULK, ['1', id]))
    expect(ensured.problems).toHaveLength(1)
    expect(scopes(simulator.control)).toEqual([id])
  })
})

describe('ensureWebhookSubscription with several organizations', () => {
  it.each([403, 503])('subscribes in the others when one of them returns %d', async (status) => {
    const url = 'https://tickets.example.com/webhooks/eventbrite/x'
    const created: unknown[] = []
    const { http, url: base } = await startStubPlatform('EVENTBRITE', ({ method, path, body }) => {
      if (path.includes('/users/')) return { json: { organizations: [{ id: 'A' }, { id: 'B' }] } }
      if (path.includes('/organizations/A/')) return { status, json: { error: 'NOT_AUTHORIZED' } }
      if (path.includes('/events/')) return { json: { organization_id: 'B' } }
      if (method === 'GET') return { json: { webhooks: [] } }
      created.push({ path, ...(body as object) })
      return { json: { id: String(15 + created.length) } }
    })
    const config = { apiUrl: `${base}/v3`, token: TOKEN, webhookToken: WEBHOOK_TOKEN }
    const adapter = new EventbriteAdapter({ config, http, now: () => new Date() })
    const ensured = valueOf(await adapter.ensureWebhookSubscription(url, BULK, ['7']))
    expect(ensured).toMatchObject({ id: '16', created: true, complete: status === 403 })
    expect(created).toMatchObject([{ path: '/v3/organizations/B/webhooks/', event_id: '7', endpoint_url: url }])
    expect(valueOf(await adapter.ensureWebhookSubscription(url, BULK)).id).toBe('17')
  })
})

describe('EventbriteAdapter.parseDelivery', () => {
  it('returns hints to read the order after a purchase and its refund', async () => {
    const { adapter, simulator, advance } = await startHarness()
    const { control } = simulator
    const { deliveries, url } = await startReceiver()
    valueOf(await adapter.ensureWebhookSubscription(url, BULK))
    const { id: eventId } = control.createEvent({ capacity: 10 })
    const { orderId } = control.buy({ eventId, quantity: 2 })
    advance(2_000)
    control.refund(orderId ?? '')
    expect(await simulator.drain(5_000)).toBe(0)
    const now = new Date()
    expect(deliveries.every((delivery) => adapter.authenticate(delivery, now) === 'AUTHENTIC')).toBe(true)
    const hints = deliveries.flatMap((delivery) => adapter.parseDelivery(delivery.body) ?? [null])
    expect(hints).not.toContain(null)
    expect(hints).toContainEqual({ kind: 'NONE', reason: 'a test delivery' })
    const subscriptionId = control.webhooks()[0]?.id
    expect(hints).toContainEqual({ kind: 'ORDER', orderId, externalEventId: null, snapshot: null, subscriptionId })
    expect(hints).toContainEqual({ kind: 'EVENT', externalEventId: eventId })
    // 1 test delivery, 5 of the purchase, 4 of the refund.
    expect(hints).toHaveLength(10)
    const order = valueOf(await adapter.getOrder(listingOf(eventId), orderId ?? '', BULK))
    expect(order?.tickets.map((ticket) => ticket.live)).toEqual([false, false])
  })

  it.each(['yes', 'no'] as const)('returns hints to read the listing after our own writes (sent: %s)', async (echo) => {
    const { adapter, simulator } = await startHarness()
    const { deliveries, url } = await startReceiver()
    simulator.toggles.patch({ echoOwnWrites: echo, testPingOnCreate: 'no' })
    valueOf(await adapter.ensureWebhookSubscription(url, BULK))
    const { id } = simulator.control.createEvent()
    valueOf(await adapter.writeCap(listingOf(id), 50, BULK))
    expect(await simulator.drain(5_000)).toBe(0)
    const hints = deliveries.flatMap((delivery) => adapter.parseDelivery(delivery.body) ?? [])
    expect(hints).toEqual(echo === 'yes' ? [{ kind: 'EVENT', externalEventId: id, about: 'LISTING' }] : [])
  })
})
