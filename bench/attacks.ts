import { setTimeout as sleep } from 'node:timers/promises'
import { ADMIN } from '../test/support/service/app.js'
import { startServiceProcess } from '../test/support/service/service-process.js'
import type { Attack } from './support/attacks/attack.js'
import { Calls } from './support/attacks/calls.js'
import { LOGINS_PER_MINUTE, logins } from './support/attacks/logins.js'
import { probesOf, type Probe } from './support/attacks/probes.js'
import { oneCustomer, oversizedEntries } from './support/attacks/sales.js'
import { STALLED, stalledBodies } from './support/attacks/stalled-bodies.js'
import { benchServers, figureOf, hardware } from './support/servers.js'

/**
 * What still works under attack, and how long it takes: the service as a process of its own, and next to each attack, from other
 * addresses, a platform that delivers, staff who log in and read, a customer who holds and releases, and the liveness check.
 * `SECONDS=60 npm run bench -- attacks`; 30 by default. Every response of these is checked: one failure ends the run with 1.
 */
const SECONDS = Number(process.env['SECONDS'] ?? 30)
const TOKEN = 'a-token-of-the-benchmark'
/** Our own requests come from here, as those of a proxy that names their clients; attackers have other addresses. */
const PROXY = '127.0.0.1'

const servers = await benchServers()
const service = await startServiceProcess({
  role: 'all',
  env: {
    DATABASE_URL: servers.databaseUrl,
    REDIS_URL: servers.redisUrl,
    TRUSTED_PROXIES: PROXY,
    CUSTOMER_RATE_LIMIT: '60/60',
    EVENTBRITE_TOKEN: 'bench',
    EVENTBRITE_WEBHOOK_TOKEN: TOKEN,
    // Nothing listens there: no call leaves this machine.
    EVENTBRITE_API_URL: 'http://127.0.0.1:9',
  },
})
let failures = 0
try {
  console.log(`${hardware()}; service, attackers, PostgreSQL and Redis on one machine; ${SECONDS} s each\n`)
  const calls = new Calls(service.url)
  const staff = await calls.login(ADMIN.email, ADMIN.password, '203.0.113.2')
  const probes = await probesOf(calls, staff, TOKEN)
  await scenario('no attack', probes, async () => 'none')
  await scenario(`${STALLED} requests without their bodies, one address`, probes, stalledBodies(service.url, TOKEN, 1))
  await scenario(
    `${STALLED} requests without their bodies, 200 addresses`,
    probes,
    stalledBodies(service.url, TOKEN, 200),
  )
  await scenario(`${LOGINS_PER_MINUTE} logins a minute, one address, many accounts`, probes, logins(calls, 1))
  await scenario(`${LOGINS_PER_MINUTE} logins a minute, 200 addresses, the admin's account`, probes, logins(calls, 200))
  await scenario('one customer, a house of 1,000', probes, await oneCustomer(calls, staff))
  await scenario('100 waitlist entries that never fit', probes, await oversizedEntries(calls, staff))
} finally {
  await service.stop()
  await servers.stop()
}
if (failures > 0) {
  console.error(`${failures} requests failed`)
  process.exit(1)
}

async function scenario(name: string, probes: readonly Probe[], attack: Attack) {
  const until = performance.now() + SECONDS * 1_000
  const [responses, ...rows] = await Promise.all([attack(until), ...probes.map((probe) => measure(probe, until))])
  console.log(`${name}\n  attackers' responses: ${responses}`)
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
