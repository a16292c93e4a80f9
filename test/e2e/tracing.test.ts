import { setTimeout as sleep } from 'node:timers/promises'
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { loadConfig } from '../../src/infrastructure/config/load-config.js'
import { createPino } from '../../src/infrastructure/logging/create-pino.js'
import { AxiosPlatformHttp } from '../../src/platforms/http/axios-platform-http.js'
import { startTracing } from '../../src/infrastructure/tracing/start-tracing.js'
import { traced } from '../../src/infrastructure/tracing/spans.js'
import { lineOf, startCollector, type Collector, type Span } from '../support/collector.js'
import { OpenLimiter } from '../support/luma.js'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { startTestSystem, until, WEBHOOK_TOKEN, type Listings, type TestSystem } from '../support/test-system.js'

let collector: Collector
let system: TestSystem

beforeAll(async () => {
  collector = await startCollector()
  // Sweeps, polls and reads of donors stay away, and no simulator sends a webhook: what follows, follows from ours.
  const env = { SWEEP_INTERVAL_SECONDS: '3600', MEETUP_POLL_SECONDS: '3600', REBALANCE_INTERVAL_SECONDS: '3600' }
  system = await startTestSystem({ env, knobs: { webhookLoss: 1 } })
})
afterAll(async () => {
  await system?.close()
  await collector?.close()
})

const loaded = () =>
  Object.keys(createRequire(import.meta.url).cache).filter((file) => /@opentelemetry\/(?!api\/)/.test(file))
const newCaller = () => ({ traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex') })

/** Tells of an order as Eventbrite would. */
async function tell(orderId: string, caller?: { traceId: string; spanId: string }): Promise<void> {
  const answer = await fetch(`${system.app.url}/webhooks/eventbrite/${WEBHOOK_TOKEN}?secret=in-the-query`, {
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
  expect(answer.status).toBe(202)
}

/** An event of which one purchase passes the soft cap: Luma and Meetup are then closed. */
async function almostRed(): Promise<{ listings: Listings; eventId: string }> {
  const listings = system.list()
  const eventId = await system.createEvent(50, listings, { softCapRatio: 0.04 })
  await system.app.call('POST', `/events/${eventId}/freeze`, { token: system.token })
  await until(async () => {
    for (const { platform, confirmedCap, mode } of (await system.stock(eventId)).channels)
      if (platform !== 'DIRECT')
        expect({ platform, confirmedCap, mode }).toEqual({ platform, confirmedCap: 15, mode: 'OPEN' })
  })
  await sweptForItsWebhook(listings, eventId)
  return { listings, eventId }
}

/** What a new webhook may have missed is swept: such a read would take the order from the one that is followed. */
async function sweptForItsWebhook({ eventbrite }: Listings, eventId: string): Promise<void> {
  const where = { eventId, platform: 'EVENTBRITE' } as const
  await until(() => expect(system.eventbrite.control.webhooks().map((hook) => hook.eventId)).toContain(eventbrite))
  await sleep(1_000)
  await until(async () => {
    const { channel } = system.app.app.get(PrismaService)
    const { sweep, lastPullAt } = await channel.findFirstOrThrow({ where, include: { sweep: true } })
    expect(sweep?.nextSweepAt.getTime() ?? 0).toBeGreaterThan(Date.now() + 60_000)
    expect(lastPullAt?.getTime() ?? 0).toBeGreaterThanOrEqual(sweep?.askedAt?.getTime() ?? 0)
    // Nor does a read just before it put that one off.
    expect(lastPullAt?.getTime() ?? 0).toBeLessThan(Date.now() - 3_000)
  })
}

function buy({ eventbrite }: Listings): string {
  const { orderId } = system.eventbrite.control.buy({ eventId: eventbrite, quantity: 3 })
  if (orderId === null) throw new Error('nothing was sold')
  return orderId
}

const closed = (eventId: string) =>
  until(async () => {
    for (const { platform, mode } of (await system.stock(eventId)).channels)
      if (platform !== 'DIRECT') expect({ platform, mode }).toEqual({ platform, mode: 'WAITLIST_ONLY' })
  })

describe('without the standard variables', () => {
  it('nothing is loaded and nothing is sent', async () => {
    const stop = await startTracing(loadConfig({ OTEL_SERVICE_NAME: 'tickets' }))
    const { listings, eventId } = await almostRed()
    await tell(buy(listings), newCaller())
    await closed(eventId)
    await stop()
    expect(loaded()).toEqual([])
    expect(collector.requests).toEqual([])
  })
})

const platformOf = ({ attributes }: Span) => String(attributes['traffic_police.platform'])

describe('with an OTLP endpoint', () => {
  let stop: () => Promise<void>

  beforeAll(async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url)
    vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'x-tenant=evening')
    vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'deployment.environment.name=test')
    vi.stubEnv('OTEL_SERVICE_NAME', 'tickets')
    vi.stubEnv('OTEL_BSP_SCHEDULE_DELAY', '100')
    stop = await startTracing(loadConfig())
  })
  afterAll(async () => {
    await stop?.()
    vi.unstubAllEnvs()
  })

  it('one webhook is followed from the request to the cap writes it causes', async () => {
    const { listings, eventId } = await almostRed()
    const caller = newCaller()
    await tell(buy(listings), caller)
    await closed(eventId)
    const writes = await until(() => {
      const spans = collector.trace(caller.traceId)
      const found = spans.filter(({ name }) => name === 'write cap')
      expect(new Set(found.map(platformOf))).toEqual(new Set(['EVENTBRITE', 'LUMA', 'MEETUP']))
      // A span is sent when it ends: what it is part of comes later.
      for (const write of found) expect(lineOf(write, spans).at(-1)?.parentSpanId).toBe(caller.spanId)
      return found
    })
    const trace = collector.trace(caller.traceId)
    for (const write of writes) {
      const line = lineOf(write, trace)
      // The look that the sale itself asks for may come before or after the alarm.
      expect(line.map(({ name }) => name).filter((name) => name !== 'check soft cap')).toEqual([
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
      expect(line.at(-1)).toMatchObject({
        parentSpanId: caller.spanId,
        attributes: { 'http.response.status_code': 202 },
        service: { 'service.name': 'tickets', 'deployment.environment.name': 'test', 'traffic_police.role': 'all' },
      })
      expect(write.attributes).toMatchObject({ 'traffic_police.event_id': eventId, 'traffic_police.outcome': 'OK' })
      const calls = trace.filter(({ parentSpanId }) => parentSpanId === write.spanId)
      expect(calls.map(platformOf)).toContain(platformOf(write))
      expect(line.find(({ name }) => name === 'apply orders')?.attributes).toMatchObject({
        'traffic_police.event_id': eventId,
        'traffic_police.delta': 3,
      })
    }
    expect(trace.find(({ name }) => name === 'check soft cap')?.events).toContain('red alarm')
    expect(trace.some(({ failed }) => failed)).toBe(false)
    expect(collector.requests[0]).toMatchObject({ url: '/v1/traces', headers: { 'x-tenant': 'evening' } })
    expect(loaded().length).toBeGreaterThan(0)
  })

  it('a webhook whose read was asked for already is linked with the trace that has it', async () => {
    const twoTold = async () => {
      const { listings, eventId } = await almostRed()
      const orderId = buy(listings)
      const callers = [newCaller(), newCaller()]
      await Promise.all(callers.map((caller) => tell(orderId, caller)))
      await closed(eventId)
      return callers.map(({ traceId }) => traceId)
    }
    const namesOf = (id: string) => collector.trace(id)?.map(({ name }) => name) ?? []
    const readers = (ids: string[]) => ids.filter((id) => namesOf(id).includes('process reads'))
    let told = await twoTold()
    const asked = () => until(() => told.forEach((id) => expect(namesOf(id)).toContain('send reads')))
    // On a busy machine the second one may come when the read that it would join has begun.
    for (let tries = 0; tries < 5; tries++) {
      await asked()
      await until(() => expect(readers(told)).not.toEqual([]))
      if (readers(told).length === 1) break
      told = await twoTold()
    }
    await until(() => {
      const [reader] = readers(told)
      const other = told.find((id) => id !== reader)
      expect(readers(told)).toHaveLength(1)
      expect(namesOf(reader ?? '')).toEqual(expect.arrayContaining(['process reads', 'apply orders', 'write cap']))
      const linked = collector.trace(other ?? '')?.find(({ name }) => name === 'send reads')
      expect(linked?.links).toEqual([reader])
    })
  })

  it('nothing private is sent to the collector', () => {
    const sent = collector.requests.map(({ body }) => body).join('\n')
    expect(sent).toContain('/webhooks/eventbrite/:token')
    const secrets = Object.entries(system.env).flatMap(([name, value]) => (/TOKEN|KEY|SECRET/.test(name) ? [value] : []))
    expect(secrets.length).toBeGreaterThan(3)
    for (const secret of [...secrets, 'in-the-query', '@']) expect(sent).not.toContain(secret)
  })

  it('a platform is told nothing of the trace', async () => {
    const heard: IncomingHttpHeaders[] = []
    const server = createServer((request, response) => {
      heard.push(request.headers)
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
      clock: { now: () => new Date() },
      log: () => undefined,
    })
    await traced('the sale', {}, async () => {
      await http.call({ method: 'GET', url, headers: {}, kind: 'read', weight: 1, lane: 'grow', operation: 'look' })
    })
    http.close()
    server.close()
    const [call] = await until(() => {
      const found = collector.spans.filter(({ name }) => name === 'LUMA look')
      expect(found).toHaveLength(1)
      return found
    })
    expect(call?.parentSpanId).not.toBeNull()
    expect(call?.attributes).toMatchObject({ 'http.response.status_code': 200, 'traffic_police.outcome': 'ANSWER' })
    expect(heard).toHaveLength(1)
    for (const name of ['traceparent', 'tracestate', 'baggage', 'b3']) expect(heard[0]).not.toHaveProperty(name)
  })

  it('log lines carry the trace', async () => {
    const lines: string[] = []
    const pino = createPino({ level: 'info', format: 'json' }, { write: (line) => void lines.push(line) })
    await traced('a piece of work', {}, async () => pino.info('within'))
    pino.info('outside')
    const { traceId } = await until(() => {
      const found = collector.spans.find(({ name }) => name === 'a piece of work')
      if (!found) throw new Error('not sent yet')
      return found
    })
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([{ trace_id: traceId }, { msg: 'outside' }])
    expect(lines[1]).not.toContain('trace_id')
  })

  it('a failure is told by its name alone', async () => {
    const failing = traced('a failing work', {}, () => Promise.reject(new TypeError('of jane@example.com')))
    await expect(failing).rejects.toThrow('of jane@example.com')
    await until(() => expect(collector.spans.find(({ name }) => name === 'a failing work')?.failed).toBe(true))
    expect(collector.requests.at(-1)?.body).toContain('TypeError')
    expect(collector.requests.map(({ body }) => body).join('')).not.toContain('jane')
  })

  it.each([500, 'NEVER'] as const)('a collector that answers %s disturbs nothing', async (answer) => {
    collector.state.answer = answer
    const before = collector.requests.length
    const { listings, eventId } = await almostRed()
    await tell(buy(listings))
    await closed(eventId)
    await until(() => expect(collector.requests.length).toBeGreaterThan(before))
    const began = performance.now()
    await stop()
    expect(performance.now() - began).toBeLessThan(2_500)
    collector.state.answer = 200
    stop = await startTracing(loadConfig())
    await traced('after all that', {}, async () => undefined)
    await until(() => expect(collector.spans.map(({ name }) => name)).toContain('after all that'))
  })
})
