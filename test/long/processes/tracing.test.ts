import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { newDataDir } from '../../support/service/cli.js'
import { ancestryOf, startCollector, type Collector } from '../../support/servers/collector.js'
import { buildService, startServiceProcess, type ServiceProcess } from '../../support/service/service-process.js'
import { startTestSystem, until, WEBHOOK_TOKEN, type TestSystem } from '../../support/service/test-system.js'

// Two more processes start, and the machine may be busy.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const dataDir = newDataDir()
const children: ServiceProcess[] = []
let collector: Collector
let system: TestSystem
let apiUrl: string

beforeAll(async () => {
  await buildService()
  collector = await startCollector()
  // Sales are reported only by the webhook below.
  const env = { SWEEP_INTERVAL_SECONDS: '3600', MEETUP_POLL_SECONDS: '3600' }
  system = await startTestSystem({ env, knobs: { webhookLoss: 1 }, background: false })
  apiUrl = (await startProcess('api')).url
  await startProcess('worker')
})
afterAll(async () => {
  for (const child of children) await child.kill()
  await system?.close()
  await collector?.close()
  rmSync(dataDir, { recursive: true, force: true })
})

/** Starts a process that samples only traces started by a caller and exports them when it stops. */
async function startProcess(role: 'api' | 'worker'): Promise<ServiceProcess> {
  const env = {
    ...system.env,
    DATABASE_URL: system.databaseUrl,
    REDIS_URL: system.redisUrl,
    DATA_DIR: dataDir,
    TRUSTED_PROXIES: '127.0.0.1',
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/own/path`,
    OTEL_TRACES_SAMPLER: 'parentbased_always_off',
    OTEL_BSP_SCHEDULE_DELAY: '600000',
  }
  const child = await startServiceProcess({ role, env })
  children.push(child)
  return child
}

it('A trace spans the api and worker processes and is exported completely when they stop', async () => {
  const listings = system.list()
  const eventId = await system.createEvent(50, listings, { softCapRatio: 0.04 })
  const untilShown = (expected: object) =>
    until(async () => {
      const { channels } = await system.stock(eventId)
      for (const channel of channels) if (channel.platform !== 'DIRECT') expect(channel).toMatchObject(expected)
    })
  await untilShown({ confirmedCap: 15, mode: 'OPEN' })
  const { orderId } = system.eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 3 })
  const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331']
  const response = await fetch(`${apiUrl}/webhooks/eventbrite/${WEBHOOK_TOKEN}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent: `00-${traceId}-${spanId}-01` },
    body: JSON.stringify({
      config: { action: 'order.placed', user_id: '1', endpoint_url: 'https://sync.example.com/x', webhook_id: '2' },
      api_url: `https://www.eventbriteapi.com/v3/orders/${orderId}/`,
    }),
  })
  expect(response.status).toBe(202)
  await untilShown({ mode: 'WAITLIST_ONLY' })
  expect(collector.requests).toEqual([])
  expect(await Promise.all(children.map((child) => child.stop()))).toEqual([0, 0])
  expect(collector.requests.map(({ url }) => url)).toEqual(expect.arrayContaining(['/own/path']))
  expect(new Set(collector.spans.map((span) => span.traceId))).toEqual(new Set([traceId]))
  const write = collector.spans.find(({ name }) => name === 'write cap')
  if (!write) throw new Error(`no cap write among ${collector.spans.map(({ name }) => name).join(', ')}`)
  const ancestry = ancestryOf(write, collector.spans)
  expect(ancestry[0]?.service).toMatchObject({ 'service.name': 'traffic-police', 'traffic_police.role': 'worker' })
  expect(ancestry.at(-1)).toMatchObject({
    name: 'POST /webhooks/eventbrite/:token',
    parentSpanId: spanId,
    service: { 'traffic_police.role': 'api' },
  })
})
