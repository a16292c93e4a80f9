import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTestBench, type TestBench } from './test-client.js'

interface Received {
  headers: IncomingHttpHeaders
  body: { config: Record<string, string>; api_url: string }
  port: number | undefined
  at: number
}

let bench: TestBench
let server: Server
let url: string
let answers: number[]
let received: Received[]

beforeEach(async () => {
  received = []
  answers = []
  server = createServer((request, response) => {
    const at = Date.now()
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      const body = JSON.parse(text) as Received['body']
      received.push({ headers: request.headers, body, port: request.socket.remotePort, at })
      response.writeHead(answers.shift() ?? 200).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret`
})

afterEach(async () => {
  await bench.close()
  server.closeAllConnections()
  server.close()
})

const ORDERS = ['order.placed', 'order.updated', 'order.refunded', 'attendee.updated']

describe('deliveries', () => {
  it('of a purchase of two: five, in the captured order and spacing', async () => {
    bench = await startTestBench({ webhookPace: 1 })
    const { id: webhookId } = bench.control.addWebhook(url, ORDERS)
    const { id } = bench.control.createEvent()
    const sale = bench.control.buy({ eventId: id, quantity: 2 })
    expect(await bench.drain(5_000)).toBe(0)
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
    // The trap: the delivery header names the subscription.
    expect(new Set(received.map(({ headers }) => headers['x-eventbrite-delivery']))).toEqual(new Set([webhookId]))
    expect(new Set(received.map(({ port }) => port)).size).toBeGreaterThan(1)
    const after = received.map(({ at }) => at - (first?.at ?? 0))
    expect(after[4]).toBeGreaterThan(1_000)
    expect(after[2]).toBeGreaterThan(250)
  })

  it('of a refund, to those who asked for them and that event only', async () => {
    bench = await startTestBench()
    const { id } = bench.control.createEvent()
    const other = bench.control.createEvent()
    bench.control.addWebhook(url, ['order.refunded'], id)
    const buy = (eventId: string) => bench.control.buy({ eventId, quantity: 1 }).orderId ?? ''
    const orders = [buy(id), buy(other.id)]
    for (const order of orders) bench.control.refund(order)
    expect(await bench.drain(5_000)).toBe(0)
    expect(received.map(({ body }) => body.api_url)).toEqual([`https://www.eventbriteapi.com/v3/orders/${orders[0]}/`])
  })

  it('are retried until a 2xx; 410 ends the subscription; lasting failure may', async () => {
    bench = await startTestBench({ toggles: { webhookRetryBaseMs: 10, webhookRetries: 3, disableAfterFailures: 1 } })
    const { id } = bench.control.addWebhook(url, ORDERS)
    answers = [500, 503, 200]
    bench.control.testWebhook(id)
    expect(await bench.drain(5_000)).toBe(0)
    expect(received).toHaveLength(3)
    answers = [410]
    bench.control.testWebhook(id)
    expect(await bench.drain(5_000)).toBe(0)
    expect(bench.control.webhooks()).toEqual([])
    const second = bench.control.addWebhook(url, ORDERS)
    answers = [500, 500, 500, 500]
    bench.control.testWebhook(second.id)
    expect(await bench.drain(5_000)).toBe(0)
    expect(bench.control.webhooks()).toEqual([])
  })

  it('can be lost and doubled', async () => {
    bench = await startTestBench({ knobs: { webhookDuplicate: 1 } })
    const { id } = bench.control.addWebhook(url, ORDERS)
    bench.control.testWebhook(id)
    expect(await bench.drain(5_000)).toBe(0)
    expect(received).toHaveLength(2)
    bench.knobs.patch({ webhookLoss: 1 })
    bench.control.testWebhook(id)
    expect(await bench.drain(5_000)).toBe(0)
    expect(received).toHaveLength(2)
  })
})

describe('subscriptions', () => {
  const path = '/organizations/300000000001/webhooks/'

  it('are made with one string of actions, listed, read and deleted', async () => {
    bench = await startTestBench()
    const made = await bench.call('POST', path, { json: { endpoint_url: url, actions: 'order.placed,order.updated' } })
    const { id } = made.body
    expect(made.body).toMatchObject({
      endpoint_url: url,
      actions: ['order.placed', 'order.updated'],
      user_id: '300000000001',
      event_id: null,
      resource_uri: `https://www.eventbriteapi.com/v3/webhooks/${String(id)}/`,
    })
    expect((await bench.call('GET', path)).body.webhooks).toMatchObject([{ id }])
    expect((await bench.call('GET', `/webhooks/${String(id)}/`)).body).toMatchObject({ id })
    expect((await bench.call('DELETE', `/webhooks/${String(id)}/`)).body).toEqual({ id, success: true })
    expect((await bench.call('DELETE', `/webhooks/${String(id)}/`)).status).toBe(404)
    expect(await bench.drain(5_000)).toBe(0)
    const [ping] = received
    expect(ping?.body.config.action).toBe('test')
    expect(ping?.body.api_url).toBe('https://www.eventbriteapi.com/v3/{api-endpoint-to-fetch-object-details}')
  })

  it('are refused when they make no sense', async () => {
    bench = await startTestBench({ toggles: { testPingOnCreate: 'no' } })
    for (const json of [
      {},
      { endpoint_url: url },
      { endpoint_url: url, actions: 'attendee.created' },
      { endpoint_url: url, actions: ['order.placed'] },
      { endpoint_url: 'https://elsewhere.example/', actions: 'order.placed' },
      { endpoint_url: 'nonsense', actions: 'order.placed' },
    ]) {
      expect((await bench.call('POST', path, { json })).body.error).toBe('ARGUMENTS_ERROR')
    }
    expect(bench.control.webhooks()).toEqual([])
    await bench.call('POST', path, { json: { endpoint_url: url, actions: 'order.placed' } })
    expect(await bench.drain(1_000)).toBe(0)
    expect(received).toEqual([])
  })
})

describe('the control surface', () => {
  it('does over HTTP what it does directly, and says what is wrong', async () => {
    bench = await startTestBench()
    const made = await bench.ask('POST', '/events', {
      id: '1999000000001',
      capacity: 20,
      classes: [{ id: '3450000001', capacity: 20 }],
    })
    expect(made.body).toMatchObject({ id: '1999000000001', capacity: 20, classes: [{ id: '3450000001' }] })
    expect((await bench.ask('POST', '/events', { id: '1999000000001' })).status).toBe(400)
    expect((await bench.ask('POST', '/events/1999000000001/buy', { quantity: 3 })).body.reason).toBeNull()
    expect((await bench.ask('POST', '/events/1999000000001/buy', { quantity: 0 })).body.reason).toBe('BAD_QUANTITY')
    expect((await bench.ask('POST', '/events/7/buy', { quantity: 1 })).status).toBe(404)
    for (const wrong of [{}, { quantity: 'many' }, { quantity: 1.5 }, { quantity: 1, buyer: {} }]) {
      const refused = await bench.ask('POST', '/events/1999000000001/buy', wrong)
      expect([refused.status, typeof refused.body.error]).toEqual([400, 'string'])
    }
    const fields = { capacity: 12 }
    const edited = await bench.ask('PATCH', '/events/1999000000001', { ticketClassId: '3450000001', fields })
    expect(edited.body).toMatchObject({ capacity: 12, sold: 3 })
    const person = { name: 'Wanda Example', email: 'wanda@example.com' }
    expect((await bench.ask('POST', '/events/1999000000001/waitlist', person)).body.position).toBe(1)
    expect((await bench.ask('POST', '/webhooks', { url })).body.actions).toContain('order.placed')
    expect((await bench.ask('PATCH', '/toggles', { evictCartsOnShrink: 'maybe' })).status).toBe(400)
    expect((await bench.ask('PATCH', '/toggles', { evictCartsOnShrink: 'yes' })).body.evictCartsOnShrink).toBe('yes')
    expect((await bench.ask('PATCH', '/knobs', { readLagMs: 5 })).body.readLagMs).toBe(5)
    const trace = await bench.ask('GET', '/trace?eventId=1999000000001')
    expect(trace.body.caps).toMatchObject([{ cap: 20, sold: 0 }, { pending: 3 }, { sold: 3 }, { cap: 12, sold: 3 }])
    expect((await bench.ask('GET', '/events')).body.items).toHaveLength(1)
  })
})
