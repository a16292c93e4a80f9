import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { ADMIN } from '../test/support/service/app.js'
import { startServiceProcess } from '../test/support/service/service-process.js'
import { stall, type StalledRequest } from '../test/support/http/raw-requests.js'
import { benchServers, figureOf, hardware } from './support/servers.js'

/**
 * What still works under attack, and how long it takes: the service as a process of its own, and next to each attack, from other
 * addresses, a platform that delivers, staff who log in and read, a customer who holds and releases, and the liveness check.
 * `SECONDS=60 npm run bench -- attacks`; 30 by default. Every response of these is checked: one failure ends the run with 1.
 */
const SECONDS = Number(process.env['SECONDS'] ?? 30)
const STALLED = 2_000
const LOGINS_PER_MINUTE = 1_000
const TOKEN = 'a-token-of-the-benchmark'
/** Our own requests come from here, as those of a proxy that names their clients; attackers have other addresses. */
const PROXY = '127.0.0.1'

type Probe = [name: string, everyMs: number, run: () => Promise<boolean>]

const servers = await benchServers()
const service = await startServiceProcess({
  role: 'all',
  env: {
    DATABASE_URL: servers.databaseUrl,
    REDIS_URL: servers.redisUrl,
    TRUSTED_PROXIES: PROXY,
    EVENTBRITE_TOKEN: 'bench',
    EVENTBRITE_WEBHOOK_TOKEN: TOKEN,
    // Nothing listens there: no call leaves this machine.
    EVENTBRITE_API_URL: 'http://127.0.0.1:9',
  },
})
let failures = 0
try {
  console.log(`${hardware()}; service, attackers, PostgreSQL and Redis on one machine; ${SECONDS} s each\n`)
  const probes = await probesOf()
  await scenario('no attack', probes, async () => 'none')
  await scenario(`${STALLED} requests without their bodies, one address`, probes, stalledBodies(1))
  await scenario(`${STALLED} requests without their bodies, 200 addresses`, probes, stalledBodies(200))
  await scenario(`${LOGINS_PER_MINUTE} logins a minute, one address, many accounts`, probes, logins(1))
  await scenario(`${LOGINS_PER_MINUTE} logins a minute, 200 addresses, the admin's account`, probes, logins(200))
} finally {
  await service.stop()
  await servers.stop()
}
if (failures > 0) {
  console.error(`${failures} requests failed`)
  process.exit(1)
}

async function scenario(name: string, probes: readonly Probe[], attack: (until: number) => Promise<string>) {
  const until = performance.now() + SECONDS * 1_000
  const attacking = attack(until)
  const rows = await Promise.all(probes.map((probe) => measure(probe, until)))
  console.log(`${name}\n  attackers' responses: ${await attacking}`)
  for (const row of rows) console.log(`  ${row}`)
  console.log('')
}

async function measure([name, everyMs, run]: Probe, until: number): Promise<string> {
  const latencies: number[] = []
  let failed = 0
  const startedAt = performance.now()
  while (performance.now() < until) {
    const at = performance.now()
    const worked = await run().catch(() => false)
    latencies.push(performance.now() - at)
    if (!worked) failed += 1
    await sleep(Math.max(0, everyMs - (performance.now() - at)))
  }
  failures += failed
  const { p50, p95 } = figureOf(latencies, (performance.now() - startedAt) / 1_000)
  const ms = (value: number) => `${value.toFixed(0).padStart(6)} ms`
  const worked = `${latencies.length - failed} of ${latencies.length}`.padEnd(12)
  return `${name.padEnd(26)} ${worked} p50 ${ms(p50)}  p95 ${ms(p95)}  max ${ms(Math.max(...latencies))}`
}

interface Call {
  token?: string
  body?: object
  /** Client of the request, as the proxy names it. */
  client?: string
}

function call(method: string, path: string, { token, body, client = '203.0.113.1' }: Call = {}): Promise<Response> {
  return fetch(`${service.url}${path}`, {
    method,
    headers: {
      'x-forwarded-for': client,
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
}

async function jsonOf<T>(response: Response): Promise<T> {
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`)
  return (await response.json()) as T
}

async function probesOf(): Promise<Probe[]> {
  const login = (email: string, password: string, client: string) =>
    call('POST', '/api/v1/auth/login', { body: { email, password }, client })
  const tokenOf = async (response: Response) => (await jsonOf<{ accessToken: string }>(response)).accessToken
  const staff = await tokenOf(await login(ADMIN.email, ADMIN.password, '203.0.113.2'))
  const startsAt = new Date(Date.now() + 7 * 86_400_000).toISOString()
  const house = { name: 'Bench', startsAt, capacity: 1_000, directWeight: 1 }
  const event = await jsonOf<{ id: string }>(await call('POST', '/api/v1/events', { token: staff, body: house }))
  const account = { email: 'buyer@example.com', password: 'a good password', name: 'Buyer' }
  await jsonOf(await call('POST', '/api/v1/auth/register', { body: account, client: '203.0.113.3' }))
  const buyer = await tokenOf(await login(account.email, account.password, '203.0.113.3'))
  const delivery = { api_url: 'https://www.eventbriteapi.com/v3/events/1/', config: { action: 'event.updated' } }
  let logins = 0
  const drained = async (response: Response, status: number) => {
    await response.arrayBuffer()
    return response.status === status
  }
  return [
    ['liveness', 100, async () => drained(await call('GET', '/health/live'), 200)],
    [
      'delivery of a platform',
      200,
      async () => drained(await call('POST', `/webhooks/eventbrite/${TOKEN}`, { body: delivery }), 202),
    ],
    [
      'staff: stock',
      200,
      async () => drained(await call('GET', `/api/v1/events/${event.id}/stock`, { token: staff }), 200),
    ],
    [
      'staff: login, new address',
      2_000,
      async () => drained(await login(ADMIN.email, ADMIN.password, `198.51.100.${++logins % 250}`), 200),
    ],
    [
      'customer: hold, release',
      2_500,
      async () => {
        const body = { quantity: 1 }
        const held = await call('POST', `/api/v1/events/${event.id}/holds`, { token: buyer, body })
        const { id } = await jsonOf<{ id: string }>(held)
        return drained(await call('DELETE', `/api/v1/holds/${id}`, { token: buyer }), 204)
      },
    ],
  ]
}

/** Keeps `STALLED` requests open, half of them deliveries, and replaces those that the service ends. */
function stalledBodies(addresses: number) {
  return async (until: number): Promise<string> => {
    const open = new Set<Socket>()
    let ended = 0
    const requestOf = (index: number): StalledRequest => ({
      path: index % 2 === 0 ? '/api/v1/events' : `/webhooks/eventbrite/${TOKEN}`,
      from: `127.0.1.${1 + (index % addresses)}`,
      contentLength: 1_000,
      part: Buffer.alloc(100, 32),
    })
    let index = 0
    while (performance.now() < until) {
      const missing = Math.min(200, STALLED - open.size)
      await Promise.all(
        Array.from({ length: missing }, async () => {
          const socket = await stall(service.url, requestOf(index++))
          open.add(socket)
          socket.once('close', () => {
            open.delete(socket)
            ended += 1
          })
          socket.resume()
        }),
      )
      await sleep(100)
    }
    const still = open.size
    for (const socket of open) socket.destroy()
    return `${index} sent, ${ended} ended by the service, ${still} open at the end`
  }
}

/** Wrong passwords, evenly over the addresses. */
function logins(addresses: number) {
  return async (until: number): Promise<string> => {
    const statuses = new Map<number, number>()
    const pending: Promise<void>[] = []
    for (let index = 0; performance.now() < until; index++) {
      const email = addresses === 1 ? `unknown${index}@example.com` : ADMIN.email
      const client = `192.0.2.${1 + (index % addresses)}`
      const attempt = async () => {
        const body = { email, password: 'a wrong password' }
        const response = await call('POST', '/api/v1/auth/login', { body, client })
        await response.arrayBuffer()
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
      }
      pending.push(attempt().catch(() => undefined))
      await sleep(60_000 / LOGINS_PER_MINUTE)
    }
    await Promise.all(pending)
    return [...statuses].map(([status, count]) => `${count} × ${status}`).join(', ')
  }
}
