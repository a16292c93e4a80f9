import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { listingOf, startBench, valueOf, WEBHOOK_TOKEN } from '../../../test/support/eventbrite.js'
import type { CallContext, Delivery } from '../port.js'
import { EVENTBRITE_ACTIONS } from './config.js'

const BULK: CallContext = { lane: 'bulk' }

/** Somewhere to deliver to; remembers what came. */
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

describe('the subscription', () => {
  it('is made once, and found again', async () => {
    const { adapter, simulator, calls } = await startBench()
    const { url } = await startReceiver()
    const first = valueOf(await adapter.ensureWebhookSubscription(url, BULK))
    expect(first).toMatchObject({ created: true, secret: null })
    expect(simulator.control.webhooks()).toMatchObject([{ id: first.id, url, actions: [...EVENTBRITE_ACTIONS] }])
    calls()
    expect(valueOf(await adapter.ensureWebhookSubscription(url, BULK))).toMatchObject({ id: first.id, created: false })
    expect(calls()).toHaveLength(2)
  })

  it('is looked for without making one', async () => {
    const { adapter, simulator } = await startBench()
    const { url } = await startReceiver()
    expect(valueOf(await adapter.checkAccess(null, BULK)).subscribed).toBeNull()
    expect(valueOf(await adapter.checkAccess(url, BULK)).subscribed).toBe(false)
    expect(simulator.control.webhooks()).toEqual([])
    await adapter.ensureWebhookSubscription(url, BULK)
    expect(valueOf(await adapter.checkAccess(url, BULK)).subscribed).toBe(true)
  })

  it('replaces one that differs, removes duplicates, and leaves those of others alone', async () => {
    const { adapter, simulator } = await startBench()
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

  it('is found on a later page', async () => {
    const { adapter, simulator } = await startBench()
    const { url } = await startReceiver()
    for (let i = 0; i < 60; i++) simulator.control.addWebhook(`http://127.0.0.1:9/${i}`, ['order.placed'])
    const { id } = simulator.control.addWebhook(url, [...EVENTBRITE_ACTIONS])
    expect(valueOf(await adapter.ensureWebhookSubscription(url, BULK))).toMatchObject({ id, created: false })
  })

  it('is made again after a 410 ended it', async () => {
    const { adapter, simulator } = await startBench({ simulator: { toggles: { testPingOnCreate: 'no' } } })
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

describe('deliveries', () => {
  it('of a purchase and its refund lead to the orders as they are', async () => {
    const { adapter, simulator, advance } = await startBench()
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
    expect(hints).toContainEqual({ kind: 'NONE', why: 'a test delivery' })
    expect(hints).toContainEqual({ kind: 'ORDER', orderId, externalEventId: null, snapshot: null })
    expect(hints).toContainEqual({ kind: 'EVENT', externalEventId: eventId })
    // 1 test ping, 5 of the purchase, 4 of the refund.
    expect(hints).toHaveLength(10)
    const order = valueOf(await adapter.getOrder(listingOf(eventId), orderId ?? '', BULK))
    expect(order?.tickets.map((ticket) => ticket.live)).toEqual([false, false])
  })

  it.each(['yes', 'no'] as const)('our own writes echo (%s) as hints to the event', async (echo) => {
    const { adapter, simulator } = await startBench()
    const { deliveries, url } = await startReceiver()
    simulator.toggles.patch({ echoOwnWrites: echo, testPingOnCreate: 'no' })
    valueOf(await adapter.ensureWebhookSubscription(url, BULK))
    const { id } = simulator.control.createEvent()
    valueOf(await adapter.writeCap(listingOf(id), 50, BULK))
    expect(await simulator.drain(5_000)).toBe(0)
    const hints = deliveries.flatMap((delivery) => adapter.parseDelivery(delivery.body) ?? [])
    expect(hints).toEqual(echo === 'yes' ? [{ kind: 'EVENT', externalEventId: id }] : [])
  })
})
