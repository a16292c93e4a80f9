import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTestHarness, type TestHarness } from './harness.test-support.js'

interface Received {
  headers: IncomingHttpHeaders
  body: { config: Record<string, string>; api_url: string }
  port: number | undefined
  at: number
}

let harness: TestHarness
let server: Server
let url: string
let statuses: number[]
let received: Received[]

beforeEach(async () => {
  received = []
  statuses = []
  server = createServer((request, response) => {
    const at = Date.now()
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      const body = JSON.parse(text) as Received['body']
      received.push({ headers: request.headers, body, port: request.socket.remotePort, at })
      response.writeHead(statuses.shift() ?? 200).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret`
})

afterEach(async () => {
  await harness.close()
  server.closeAllConnections()
  server.close()
})

const ORDERS = ['order.placed', 'order.updated', 'order.refunded', 'attendee.updated']

describe('webhooks', () => {
  it('sends five deliveries for a purchase of two tickets, in the captured order and spacing', async () => {
    harness = await startTestHarness({ webhookPace: 1 })
    const { id: webhookId } = harness.control.addWebhook(url, ORDERS)
    const { id } = harness.control.createEvent()
    const sale = harness.control.buy({ eventId: id, quantity: 2 })
    expect(await harness.drain(5_000)).toBe(0)
    expect(received.map(({ body }) => body.config.action)).toEqual([
      'order.updated',
      'order.placed',
      'attendee.updated',
      'attendee.updated',
      'order.updated',
    ])
    const [first] = received
    expect(first?.body).toEqual({
      config: { action: 'order.updated', user_id: '300000000001', endpoint_url: url, webhook_id: webhookId },
      api_url: `https://www.eventbriteapi.com/v3/orders/${sale.orderId}/`,
    })
    expect(first?.headers).toMatchObject({
      'x-eventbrite-event': 'order.updated',
      'user-agent': 'Eventbrite Webhooks (Dilithium)',
      accept: 'text/plain',
      'content-type': 'application/json',
    })
    // The header called delivery contains the id of the subscription.
    expect(new Set(received.map(({ headers }) => headers['x-eventbrite-delivery']))).toEqual(new Set([webhookId]))
    expect(new Set(received.map(({ port }) => port)).size).toBeGreaterThan(1)
    const after = received.map(({ at }) => at - (first?.at ?? 0))
    expect(after[4]).toBeGreaterThan(1_000)
    expect(after[2]).toBeGreaterThan(250)
  })

  it('sends a refund only to subscriptions to that action and event', async () => {
    harness = await startTestHarness()
    const { id } = harness.control.createEvent()
    const other = harness.control.createEvent()
    harness.control.addWebhook(url, ['order.refunded'], id)
    const buy = (eventId: string) => harness.control.buy({ eventId, quantity: 1 }).orderId ?? ''
    const orders = [buy(id), buy(other.id)]
    for (const order of orders) harness.control.refund(order)
    expect(await harness.drain(5_000)).toBe(0)
    expect(received.map(({ body }) => body.api_url)).toEqual([`https://www.eventbriteapi.com/v3/orders/${orders[0]}/`])
  })

  it('retries until a 2xx; ends the subscription after 410, and after failures if configured', async () => {
    harness = await startTestHarness({
      toggles: { webhookRetryBaseMs: 10, webhookRetries: 3, disableAfterFailures: 1 },
    })
    const { id } = harness.control.addWebhook(url, ORDERS)
    statuses = [500, 503, 200]
    harness.control.testWebhook(id)
    expect(await harness.drain(5_000)).toBe(0)
    expect(received).toHaveLength(3)
    statuses = [410]
    harness.control.testWebhook(id)
    expect(await harness.drain(5_000)).toBe(0)
    expect(harness.control.webhooks()).toEqual([])
    const second = harness.control.addWebhook(url, ORDERS)
    statuses = [500, 500, 500, 500]
    harness.control.testWebhook(second.id)
    expect(await harness.drain(5_000)).toBe(0)
    expect(harness.control.webhooks()).toEqual([])
  })

  it('loses and duplicates deliveries as configured by the knobs', async () => {
    harness = await startTestHarness({ knobs: { webhookDuplicate: 1 } })
    const { id } = harness.control.addWebhook(url, ORDERS)
    harness.control.testWebhook(id)
    expect(await harness.drain(5_000)).toBe(0)
    expect(received).toHaveLength(2)
    harness.knobs.patch({ webhookLoss: 1 })
    harness.control.testWebhook(id)
    expect(await harness.drain(5_000)).toBe(0)
    expect(received).toHaveLength(2)
  })
})

describe('webhook subscriptions', () => {
  const path = '/organizations/300000000001/webhooks/'

  it('are created with one string of actions, listed, read and deleted', async () => {
    harness = await startTestHarness()
    const created = await harness.call('POST', path, {
      json: { endpoint_url: url, actions: 'order.placed,order.updated' },
    })
    const { id } = created.body
    expect(created.body).toMatchObject({
      endpoint_url: url,
      actions: ['order.placed', 'order.updated'],
      user_id: '300000000001',
      event_id: null,
      resource_uri: `https://www.eventbriteapi.com/v3/webhooks/${String(id)}/`,
    })
    expect((await harness.call('GET', path)).body.webhooks).toMatchObject([{ id }])
    expect((await harness.call('GET', `/webhooks/${String(id)}/`)).body).toMatchObject({ id })
    expect((await harness.call('DELETE', `/webhooks/${String(id)}/`)).body).toEqual({ id, success: true })
    expect((await harness.call('DELETE', `/webhooks/${String(id)}/`)).status).toBe(404)
    expect(await harness.drain(5_000)).toBe(0)
    const [ping] = received
    expect(ping?.body.config.action).toBe('test')
    expect(ping?.body.api_url).toBe('https://www.eventbriteapi.com/v3/{api-endpoint-to-fetch-object-details}')
  })

  it('are rejected without a valid URL and valid actions', async () => {
    harness = await startTestHarness({ toggles: { testPingOnCreate: 'no' } })
    for (const json of [
      {},
      { endpoint_url: url },
      { endpoint_url: url, actions: 'attendee.created' },
      { endpoint_url: url, actions: ['order.placed'] },
      { endpoint_url: 'https://elsewhere.example/', actions: 'order.placed' },
      { endpoint_url: 'nonsense', actions: 'order.placed' },
    ]) {
      expect((await harness.call('POST', path, { json })).body.error).toBe('ARGUMENTS_ERROR')
    }
    expect(harness.control.webhooks()).toEqual([])
    await harness.call('POST', path, { json: { endpoint_url: url, actions: 'order.placed' } })
    expect(await harness.drain(1_000)).toBe(0)
    expect(received).toEqual([])
  })
})

describe('the control routes', () => {
  it('offer the control methods over HTTP and reject invalid input', async () => {
    harness = await startTestHarness()
    const created = await harness.callControl('POST', '/events', {
      id: '1999000000001',
      capacity: 20,
      classes: [{ id: '3450000001', capacity: 20 }],
    })
    expect(created.body).toMatchObject({ id: '1999000000001', capacity: 20, classes: [{ id: '3450000001' }] })
    expect((await harness.callControl('POST', '/events', { id: '1999000000001' })).status).toBe(400)
    expect((await harness.callControl('POST', '/events/1999000000001/buy', { quantity: 3 })).body.reason).toBeNull()
    expect((await harness.callControl('POST', '/events/1999000000001/buy', { quantity: 0 })).body.reason).toBe(
      'BAD_QUANTITY',
    )
    expect((await harness.callControl('POST', '/events/7/buy', { quantity: 1 })).status).toBe(404)
    for (const invalid of [{}, { quantity: 'many' }, { quantity: 1.5 }, { quantity: 1, buyer: {} }]) {
      const rejected = await harness.callControl('POST', '/events/1999000000001/buy', invalid)
      expect([rejected.status, typeof rejected.body.error]).toEqual([400, 'string'])
    }
    const fields = { capacity: 12 }
    const edited = await harness.callControl('PATCH', '/events/1999000000001', { ticketClassId: '3450000001', fields })
    expect(edited.body).toMatchObject({ capacity: 12, sold: 3 })
    const person = { name: 'Wanda Example', email: 'wanda@example.com' }
    expect((await harness.callControl('POST', '/events/1999000000001/waitlist', person)).body.position).toBe(1)
    expect((await harness.callControl('POST', '/webhooks', { url })).body.actions).toContain('order.placed')
    expect((await harness.callControl('PATCH', '/toggles', { evictCartsOnShrink: 'maybe' })).status).toBe(400)
    expect(
      (await harness.callControl('PATCH', '/toggles', { evictCartsOnShrink: 'yes' })).body.evictCartsOnShrink,
    ).toBe('yes')
    expect((await harness.callControl('PATCH', '/knobs', { readLagMs: 5 })).body.readLagMs).toBe(5)
    const trace = await harness.callControl('GET', '/trace?eventId=1999000000001')
    expect(trace.body.caps).toMatchObject([{ cap: 20, sold: 0 }, { pending: 3 }, { sold: 3 }, { cap: 12, sold: 3 }])
    expect((await harness.callControl('GET', '/events')).body.items).toHaveLength(1)
  })
})
