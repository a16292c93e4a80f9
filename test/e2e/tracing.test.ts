import { setTimeout as sleep } from 'node:timers/promises'
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { SystemClock, SystemTimers } from '../../src/infrastructure/time/system-time.js'
import { loadConfig } from '../../src/infrastructure/config/load-config.js'
import { createPino } from '../../src/infrastructure/logging/create-pino.js'
import { AxiosPlatformHttp } from '../../src/platforms/http/axios-platform-http.js'
import { startTracing } from '../../src/infrastructure/tracing/start-tracing.js'
import { traced } from '../../src/infrastructure/tracing/spans.js'
import { ancestryOf, startCollector, type Collector, type Span } from '../support/servers/collector.js'
import { OpenLimiter } from '../support/platforms/luma.js'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import {
  startTestSystem,
  until,
  WEBHOOK_TOKEN,
  type Listings,
  type TestSystem,
} from '../support/service/test-system.js'

let collector: Collector
let system: TestSystem

beforeAll(async () => {
  collector = await startCollector()
  // No sweeps, polls or reads of donors, and no webhooks from simulators: all work is caused by the webhooks of the test.
  const intervals = { SWEEP_INTERVAL_SECONDS: '3600', MEETUP_POLL_SECONDS: '3600', REBALANCE_INTERVAL_SECONDS: '3600' }
  const env = { ...intervals, TRUSTED_PROXIES: '127.0.0.1' }
  system = await startTestSystem({ env, knobs: { webhookLoss: 1 } })
})
afterAll(async () => {
  await system?.close()
  await collector?.close()
})

const loadedSdkFiles = () =>
  Object.keys(createRequire(import.meta.url).cache).filter((file) => /@opentelemetry\/(?!api\/)/.test(file))
const newCaller = () => ({ traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex') })

/** Sends a webhook for an order as Eventbrite does. */
async function sendWebhook(orderId: string, caller?: { traceId: string; spanId: string }): Promise<void> {
  const response = await fetch(`${system.app.url}/webhooks/eventbrite/${WEBHOOK_TOKEN}?secret=in-the-query`, {
    method: 'POST',
    body: JSON.stringify({
      config: { action: 'order.placed', user_id: '1', endpoint_url: 'https://sync.example.com/x', webhook_id: '2' },
      api_url: `https://www.eventbriteapi.com/v3/orders/${orderId}/`,
    }),
    headers: {
      'content-type': 'application/json',
      ...(caller ? { traceparent: `00-${caller.traceId}-${caller.spanId}-01`, baggage: 'who=jane@example.com' } : {}),
    },
  })
  expect(response.status).toBe(202)
}

/** Creates an event that reaches its soft cap with one purchase, which closes Luma and Meetup. */
async function createEventNearSoftCap(): Promise<{ listings: Listings; eventId: string }> {
  const listings = system.list()
  const eventId = await system.createEvent(50, listings, { softCapRatio: 0.04 })
  await system.app.call('POST', `/events/${eventId}/freeze`, { token: system.token })
  await until(async () => {
    for (const { platform, confirmedCap, mode } of (await system.stock(eventId)).channels)
      if (platform !== 'DIRECT')
        expect({ platform, confirmedCap, mode }).toEqual({ platform, confirmedCap: 15, mode: 'OPEN' })
  })
  await untilSweptAfterSubscription(listings, eventId)
  return { listings, eventId }
}

/** Waits for the sweep after a new webhook subscription, which could otherwise read the order before the traced read. */
async function untilSweptAfterSubscription({ eventbrite }: Listings, eventId: string): Promise<void> {
  const where = { eventId, platform: 'EVENTBRITE' } as const
  await until(() => expect(system.eventbrite.control.webhooks().map((hook) => hook.eventId)).toContain(eventbrite))
  await sleep(1_000)
  await until(async () => {
    const { channel } = system.app.app.get(PrismaService)
    const { sweep, lastPullAt } = await channel.findFirstOrThrow({ where, include: { sweep: true } })
    expect(sweep?.nextSweepAt.getTime() ?? 0).toBeGreaterThan(Date.now() + 60_000)
    expect(lastPullAt?.getTime() ?? 0).toBeGreaterThanOrEqual(sweep?.readRequestedAt?.getTime() ?? 0)
    // The minimum interval between reads has passed, so that the traced read is not delayed.
    expect(lastPullAt?.getTime() ?? 0).toBeLessThan(Date.now() - 3_000)
  })
}

function buy({ eventbrite }: Listings): string {
  const { orderId } = system.eventbrite.control.buy({ eventId: eventbrite, quantity: 3 })
  if (orderId === null) throw new Error('nothing was sold')
  return orderId
}

const untilClosed = (eventId: string) =>
  until(async () => {
    for (const { platform, mode } of (await system.stock(eventId)).channels)
      if (platform !== 'DIRECT') expect({ platform, mode }).toEqual({ platform, mode: 'WAITLIST_ONLY' })
  })

describe('Tracing without OpenTelemetry variables', () => {
  it('loads no SDK and sends nothing', async () => {
    const stop = await startTracing(loadConfig({ OTEL_SERVICE_NAME: 'tickets' }))
    const { listings, eventId } = await createEventNearSoftCap()
    await sendWebhook(buy(listings), newCaller())
    await untilClosed(eventId)
    await stop()
    expect(loadedSdkFiles()).toEqual([])
    expect(collector.requests).toEqual([])
  })
})

const platformOf = ({ attributes }: Span) => String(attributes['traffic_police.platform'])

describe('Tracing with an OTLP endpoint', () => {
  let stop: () => Promise<void>

  beforeAll(async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url)
    vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'x-tenant=event')
    vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'deployment.environment.name=test')
    vi.stubEnv('OTEL_SERVICE_NAME', 'tickets')
    vi.stubEnv('OTEL_BSP_SCHEDULE_DELAY', '100')
    stop = await startTracing(loadConfig())
  })
  afterAll(async () => {
    await stop?.()
    vi.unstubAllEnvs()
  })

  it('follows a webhook from the request to the cap writes that it causes', async () => {
    const { listings, eventId } = await createEventNearSoftCap()
    const caller = newCaller()
    await sendWebhook(buy(listings), caller)
    await untilClosed(eventId)
    const writes = await until(() => {
      const spans = collector.trace(caller.traceId)
      const found = spans.filter(({ name }) => name === 'write cap')
      expect(new Set(found.map(platformOf))).toEqual(new Set(['EVENTBRITE', 'LUMA', 'MEETUP']))
      // A span is exported when it ends, so that its parent arrives later.
      for (const write of found) expect(ancestryOf(write, spans).at(-1)?.parentSpanId).toBe(caller.spanId)
      return found
    })
    const trace = collector.trace(caller.traceId)
    for (const write of writes) {
      const ancestry = ancestryOf(write, trace)
      // The check requested by the sale itself may run before or after the alarm.
      expect(ancestry.map(({ name }) => name).filter((name) => name !== 'check soft cap')).toEqual([
        'write cap',
        'process caps-protect',
        'send caps-protect',
        'apply orders',
        'process reads',
        'send reads',
        'process deliveries',
        'send deliveries',
        'POST /webhooks/eventbrite/:token',
      ])
      expect(ancestry.at(-1)).toMatchObject({
        parentSpanId: caller.spanId,
        attributes: { 'http.response.status_code': 202 },
        service: { 'service.name': 'tickets', 'deployment.environment.name': 'test', 'traffic_police.role': 'all' },
      })
      expect(write.attributes).toMatchObject({ 'traffic_police.event_id': eventId, 'traffic_police.outcome': 'OK' })
      const calls = trace.filter(({ parentSpanId }) => parentSpanId === write.spanId)
      expect(calls.map(platformOf)).toContain(platformOf(write))
      expect(ancestry.find(({ name }) => name === 'apply orders')?.attributes).toMatchObject({
        'traffic_police.event_id': eventId,
        'traffic_police.delta': 3,
      })
    }
    expect(trace.find(({ name }) => name === 'check soft cap')?.events).toContain('red alarm')
    expect(trace.some(({ failed }) => failed)).toBe(false)
    expect(collector.requests[0]).toMatchObject({ url: '/v1/traces', headers: { 'x-tenant': 'event' } })
    expect(loadedSdkFiles().length).toBeGreaterThan(0)
  })

  it('starts a trace of its own for a caller that is no trusted proxy', async () => {
    const { traceId, spanId } = newCaller()
    const { status, headers } = await system.app.call('POST', `//webhooks/eventbrite/${WEBHOOK_TOKEN}`, {
      ip: '192.0.2.1',
      body: { config: { action: 'test', webhook_id: '2' }, api_url: '' },
      headers: { traceparent: `00-${traceId}-${spanId}-01`, 'x-request-id': 'forged' },
    })
    expect(status).toBe(202)
    const id = headers['x-request-id']
    expect(id).toMatch(/^req_/)
    const span = await until(() => {
      const found = collector.spans.find(({ attributes }) => attributes['traffic_police.correlation_id'] === id)
      if (!found) throw new Error(`no span of request ${String(id)}`)
      return found
    })
    expect(span.parentSpanId).toBeNull()
    expect(span.traceId).not.toBe(traceId)
  })

  it('links a webhook whose read is already queued to the trace that contains the read', async () => {
    const sendTwoWebhooks = async () => {
      const { listings, eventId } = await createEventNearSoftCap()
      const orderId = buy(listings)
      const callers = [newCaller(), newCaller()]
      await Promise.all(callers.map((caller) => sendWebhook(orderId, caller)))
      await untilClosed(eventId)
      return callers.map(({ traceId }) => traceId)
    }
    const namesOf = (id: string) => collector.trace(id)?.map(({ name }) => name) ?? []
    const readers = (ids: string[]) => ids.filter((id) => namesOf(id).includes('process reads'))
    let traceIds = await sendTwoWebhooks()
    const bothQueued = () => until(() => traceIds.forEach((id) => expect(namesOf(id)).toContain('send reads')))
    // On a busy machine the second webhook may arrive after the read has started, which it then cannot join.
    for (let attempt = 0; attempt < 5; attempt++) {
      await bothQueued()
      await until(() => expect(readers(traceIds)).not.toEqual([]))
      if (readers(traceIds).length === 1) break
      traceIds = await sendTwoWebhooks()
    }
    await until(() => {
      const [reader] = readers(traceIds)
      const other = traceIds.find((id) => id !== reader)
      expect(readers(traceIds)).toHaveLength(1)
      expect(namesOf(reader ?? '')).toEqual(expect.arrayContaining(['process reads', 'apply orders', 'write cap']))
      const linked = collector.trace(other ?? '')?.find(({ name }) => name === 'send reads')
      expect(linked?.links).toEqual([reader])
    })
  })

  it('sends no personal data and no secrets to the collector', () => {
    const sent = collector.requests.map(({ body }) => body).join('\n')
    expect(sent).toContain('/webhooks/eventbrite/:token')
    const secrets = Object.entries(system.env).flatMap(([name, value]) =>
      /TOKEN|KEY|SECRET/.test(name) ? [value] : [],
    )
    expect(secrets.length).toBeGreaterThan(3)
    for (const secret of [...secrets, 'in-the-query', '@']) expect(sent).not.toContain(secret)
  })

  it('sends no trace headers to a platform', async () => {
    const receivedHeaders: IncomingHttpHeaders[] = []
    const server = createServer((request, response) => {
      receivedHeaders.push(request.headers)
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/orders/7?token=in-the-query`
    const http = new AxiosPlatformHttp({
      platform: 'LUMA',
      budget: { bucket: 'tracing', limit: 10, windowSeconds: 60, reserve: 0 },
      limiter: new OpenLimiter(),
      clock: new SystemClock(),
      timers: new SystemTimers(),
      random: Math.random,
      log: () => undefined,
    })
    await traced('the sale', {}, async () => {
      await http.call({
        method: 'GET',
        url,
        headers: {},
        kind: 'read',
        weight: 1,
        lane: 'grow',
        operation: 'readOrder',
      })
    })
    http.close()
    server.close()
    const [call] = await until(() => {
      const found = collector.spans.filter(({ name }) => name === 'LUMA readOrder')
      expect(found).toHaveLength(1)
      return found
    })
    expect(call?.parentSpanId).not.toBeNull()
    expect(call?.attributes).toMatchObject({ 'http.response.status_code': 200, 'traffic_police.outcome': 'RESPONSE' })
    expect(receivedHeaders).toHaveLength(1)
    for (const name of ['traceparent', 'tracestate', 'baggage', 'b3'])
      expect(receivedHeaders[0]).not.toHaveProperty(name)
  })

  it('adds the trace id to log lines', async () => {
    const lines: string[] = []
    const pino = createPino({ level: 'info', format: 'json' }, { write: (line) => void lines.push(line) })
    await traced('an operation', {}, async () => pino.info('inside'))
    pino.info('outside')
    const { traceId } = await until(() => {
      const found = collector.spans.find(({ name }) => name === 'an operation')
      if (!found) throw new Error('not sent yet')
      return found
    })
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([{ trace_id: traceId }, { msg: 'outside' }])
    expect(lines[1]).not.toContain('trace_id')
  })

  it('reports a failure by the name of its error only', async () => {
    const failing = traced('a failing operation', {}, () => Promise.reject(new TypeError('of jane@example.com')))
    await expect(failing).rejects.toThrow('of jane@example.com')
    await until(() => expect(collector.spans.find(({ name }) => name === 'a failing operation')?.failed).toBe(true))
    expect(collector.requests.at(-1)?.body).toContain('TypeError')
    expect(collector.requests.map(({ body }) => body).join('')).not.toContain('jane')
  })

  it.each([500, 'NEVER'] as const)(
    'keeps the service working when the collector fails (response: %s)',
    async (status) => {
      collector.state.status = status
      const before = collector.requests.length
      const { listings, eventId } = await createEventNearSoftCap()
      await sendWebhook(buy(listings))
      await untilClosed(eventId)
      await until(() => expect(collector.requests.length).toBeGreaterThan(before))
      const startedAt = performance.now()
      await stop()
      expect(performance.now() - startedAt).toBeLessThan(2_500)
      collector.state.status = 200
      stop = await startTracing(loadConfig())
      await traced('after recovery', {}, async () => undefined)
      await until(() => expect(collector.spans.map(({ name }) => name)).toContain('after recovery'))
    },
  )
})
