import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../clock.js'
import { createKnobs } from '../faults/knobs.js'
import { seededRandom } from '../random.js'
import { WebhookSender, type SenderEvents, type Subscription } from './sender.js'

describe('WebhookSender', () => {
  let server: Server
  let received: { body: string; attempt: string; port: number | undefined }[]
  let statuses: (number | 'hang')[]
  let subscription: Subscription
  const knobs = createKnobs()
  const off = { ...knobs.current }
  const senders: WebhookSender[] = []

  beforeEach(async () => {
    knobs.patch(off)
    received = []
    statuses = []
    server = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        received.push({ body, attempt: String(request.headers['x-attempt']), port: request.socket.remotePort })
        const status = statuses.shift() ?? 202
        if (status !== 'hang') response.writeHead(status).end()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    subscription = { id: 's1', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` }
  })

  afterEach(async () => {
    await Promise.all(senders.splice(0).map((sender) => sender.tasks.stop()))
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  function create(events: SenderEvents = {}) {
    const policy = { timeoutMs: 200, retryDelaysMs: [20, 40], concurrency: 4 }
    const sender = new WebhookSender({ knobs, random: seededRandom(2), clock: systemClock }, policy, events)
    senders.push(sender)
    return sender
  }
  const numbered = (n: number) => (attempt: number) => ({ headers: { 'x-attempt': `${attempt}` }, body: `{"n":${n}}` })
  const numbers = () => received.map(({ body }) => (JSON.parse(body) as { n: number }).n)

  it('delivers from several ports, and drain waits for the last delivery', async () => {
    const sender = create()
    for (let n = 0; n < 20; n++) sender.send(subscription, numbered(n), n)
    expect(await sender.tasks.drain(5_000)).toBe(0)
    expect(numbers().toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n))
    expect(new Set(received.map(({ port }) => port)).size).toBe(20)
    expect(sender.counts).toMatchObject({ queued: 20, attempts: 20, delivered: 20, failed: 0 })
  })

  it('retries errors and timeouts with a new request until the retries are exhausted', async () => {
    const exhausted: string[] = []
    const sender = create({ exhausted: ({ id }) => exhausted.push(id) })
    statuses = [500, 'hang', 200]
    sender.send(subscription, numbered(1))
    await sender.tasks.drain(5_000)
    expect(received.map(({ attempt }) => attempt)).toEqual(['1', '2', '3'])
    expect(exhausted).toEqual([])
    statuses = [500, 301, 404]
    sender.send(subscription, numbered(2))
    await sender.tasks.drain(5_000)
    expect(exhausted).toEqual(['s1'])
    expect(sender.counts).toMatchObject({ attempts: 6, delivered: 1, failed: 1 })
  })

  it('reports a subscription as gone after 410, without a retry', async () => {
    const gone: string[] = []
    const sender = create({ gone: ({ id }) => gone.push(id) })
    statuses = [410]
    sender.send(subscription, numbered(1))
    await sender.tasks.drain(5_000)
    expect(gone).toEqual(['s1'])
    expect(received).toHaveLength(1)
  })

  it('loses, duplicates, delays and reorders deliveries as configured by the knobs', async () => {
    const sender = create()
    knobs.patch({ webhookLoss: 1 })
    sender.send(subscription, numbered(0))
    knobs.patch({ webhookLoss: 0, webhookDuplicate: 1, webhookDelayMs: 100 })
    const start = Date.now()
    sender.send(subscription, numbered(1))
    await sender.tasks.drain(5_000)
    expect(Date.now() - start).toBeGreaterThanOrEqual(95)
    expect(numbers()).toEqual([1, 1])
    knobs.patch({ webhookDuplicate: 0, webhookDelayMs: 0, webhookReorder: 0.5 })
    received = []
    for (let n = 0; n < 12; n++) sender.send(subscription, numbered(n), n * 5)
    await sender.tasks.drain(5_000)
    expect(numbers()).not.toEqual(numbers().toSorted((a, b) => a - b))
    expect(new Set(numbers()).size).toBe(12)
    expect(sender.counts).toMatchObject({ lost: 1, duplicated: 1 })
  })

  it('rejects URLs outside this machine', () => {
    const sender = create()
    for (const url of ['http://example.com/hook', 'https://127.0.0.1/hook', 'http://127.0.0.1.example.com/']) {
      expect(() => sender.send({ id: 'x', url }, numbered(1))).toThrow('loopback only')
    }
  })

  it('stops without waiting for scheduled deliveries', async () => {
    const sender = create()
    sender.send(subscription, numbered(1), 60_000)
    const start = Date.now()
    await sender.tasks.stop()
    expect(Date.now() - start).toBeLessThan(500)
    expect([sender.tasks.pending, received.length]).toEqual([0, 0])
  })
})
