import { createHmac } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lumaApi } from '../../test/support/platforms/luma-api.js'
import { startSimulator, type LumaSimulator } from './server.js'

interface Received {
  at: number
  id: string
  timestamp: string
  signature: string
  body: string
  type: string
  data: Record<string, unknown>
}

const SECRET = 'whsec_example_0123456789'
let simulator: LumaSimulator
let receiver: Server
let url: string
let received: Received[]
let status: () => number

beforeEach(async () => {
  received = []
  status = () => 200
  simulator = await startSimulator({
    webhookSecrets: [SECRET],
    sender: { retryDelaysMs: [1_050], timeoutMs: 500 },
    toggles: { invitedPerRegistration: 0 },
  })
  receiver = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const { type, data } = JSON.parse(body) as Pick<Received, 'type' | 'data'>
      const header = (name: string) => String(request.headers[name])
      const [id, timestamp] = [header('webhook-id'), header('webhook-timestamp')]
      received.push({ at: Date.now(), id, timestamp, signature: header('webhook-signature'), body, type, data })
      response.writeHead(status()).end()
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`
})
afterEach(async () => {
  await simulator.close()
  receiver.closeAllConnections()
  await new Promise((resolve) => receiver.close(resolve))
})

const api = () => lumaApi(simulator)
const subscribe = (event_types: string[]) => api().post('/v2/webhooks/create', { url, event_types })
const all = ['guest.registered', 'guest.updated', 'ticket.registered', 'event.updated', 'event.canceled']

describe('webhooks', () => {
  it('sends four deliveries for a sale of two tickets, signed over time and body with the whole secret', async () => {
    expect((await subscribe(all)).body).toMatchObject({ secret: SECRET, status: 'active' })
    const { eventId } = simulator.control.createEvent()
    const { guestId, ticketIds } = simulator.control.register({ eventId, quantity: 2, email: 'a@example.com' })
    expect(await simulator.drain(2_000)).toBe(0)
    expect(received.map(({ type }) => type).toSorted()).toEqual([
      'guest.registered',
      'guest.updated',
      'ticket.registered',
      'ticket.registered',
    ])
    expect(new Set(received.map(({ id }) => id)).size).toBe(4)
    for (const { data, timestamp, body, signature } of received) {
      expect(data).toMatchObject({ id: guestId, event: { id: eventId }, event_tickets: [{}, {}] })
      const expected = createHmac('sha256', SECRET).update(`${timestamp}.${body}`).digest('hex')
      expect(signature).toBe(`t=${timestamp},v1=${expected}`)
    }
    const deliveredIds = received.flatMap(({ data }) => (data['event_ticket'] as { id: string } | undefined)?.id ?? [])
    expect(deliveredIds.toSorted()).toEqual(ticketIds.toSorted())
  })

  it('retries with the same id and a new time and signature', async () => {
    status = () => (received.length === 1 ? 500 : 200)
    await subscribe(['guest.updated'])
    const { eventId } = simulator.control.createEvent()
    simulator.control.register({ eventId, email: 'a@example.com' })
    expect(await simulator.drain(4_000)).toBe(0)
    const [first, second] = received
    expect(received).toHaveLength(2)
    expect(second).toMatchObject({ id: first?.id, body: first?.body })
    expect(Number(second?.timestamp)).toBeGreaterThan(Number(first?.timestamp))
    expect(second?.signature).not.toBe(first?.signature)
  })

  it('sends every type to `*`, and nothing while paused and after 410', async () => {
    const { body } = await subscribe(['*'])
    const { control } = simulator
    const { eventId } = control.createEvent()
    await api().post('/v2/webhooks/update', { id: body['id'], status: 'paused' })
    control.register({ eventId, email: 'a@example.com' })
    expect(await simulator.drain(1_000)).toBe(0)
    expect(received).toHaveLength(0)
    await api().post('/v2/webhooks/update', { id: body['id'], status: 'active' })
    status = () => 410
    control.setWaitlist(eventId, 'disabled')
    expect(await simulator.drain(1_000)).toBe(0)
    control.setWaitlist(eventId, 'enabled')
    expect(await simulator.drain(1_000)).toBe(0)
    expect(received.map(({ type }) => type)).toEqual(['event.updated'])
    expect((await api().get('/v2/webhooks/get', { id: String(body['id']) })).body).toMatchObject({ status: 'paused' })
  })

  it('pauses a webhook after failed deliveries with autoPauseAfterFailures', async () => {
    simulator.toggles.patch({ autoPauseAfterFailures: 1 })
    status = () => 500
    await subscribe(['event.updated'])
    const { eventId } = simulator.control.createEvent()
    simulator.control.setWaitlist(eventId, 'disabled')
    expect(await simulator.drain(4_000)).toBe(0)
    expect([...simulator.control.context.state.webhooks.values()][0]?.status).toBe('paused')
  })

  it('sends a stale update after a cancellation with webhookReorder', async () => {
    await subscribe(all)
    simulator.knobs.patch({ webhookReorder: 1 })
    const { eventId } = simulator.control.createEvent()
    simulator.control.cancelEvent(eventId)
    expect(await simulator.drain(4_000)).toBe(0)
    expect(received.map(({ type }) => type).toSorted()).toEqual(['event.canceled', 'event.updated'])
  })

  it('loses and duplicates deliveries as configured by the knobs', async () => {
    await subscribe(['guest.registered'])
    const { eventId } = simulator.control.createEvent()
    simulator.knobs.patch({ webhookLoss: 1 })
    simulator.control.register({ eventId, email: 'a@example.com' })
    simulator.knobs.patch({ webhookLoss: 0, webhookDuplicate: 1 })
    simulator.control.register({ eventId, email: 'b@example.com' })
    expect(await simulator.drain(2_000)).toBe(0)
    expect(received.map(({ data }) => data['user_email'])).toEqual(['b@example.com', 'b@example.com'])
    expect(new Set(received.map(({ id }) => id)).size).toBe(1)
  })

  it('rejects URLs outside this machine and unknown event types', async () => {
    const rejected = await api().post('/v2/webhooks/create', { url: 'https://example.com/hook', event_types: ['*'] })
    expect(rejected.status).toBe(400)
    expect((await subscribe(['guest.exploded'])).status).toBe(400)
    expect((await subscribe([])).status).toBe(400)
  })
})
