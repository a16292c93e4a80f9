import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import type { HoldLoad, HoldLoadResult } from './support/hold-load.js'
import { BareShop, TrafficPoliceShop, type Shop } from './support/hold-shops.js'
import { cpuOf, databaseCpu } from './support/processes.js'
import { benchServers, hardware, line } from './support/servers.js'

/**
 * Holds over HTTP as customers make them: the built service with all roles, real logins, connections kept alive, and stock
 * enough for every request. The peer, on the same PostgreSQL, is the least a correct shop does. Rounds alternate, so that a
 * busy moment hits both; the load comes from a process of its own. Each round counts only if every response is as it must
 * be and as many holds are stored as were granted, by all records of the shop.
 *
 * `SECONDS=4 ROUNDS=3 CONNECTIONS=64 CUSTOMERS=256 RATE=1000 npm run bench -- holds`
 */
const SECONDS = Number(process.env['SECONDS'] ?? 4)
const ROUNDS = Number(process.env['ROUNDS'] ?? 3)
const CONNECTIONS = Number(process.env['CONNECTIONS'] ?? 64)
const RATE = Number(process.env['RATE'] ?? 1_000)
/** More than the rate needs: a request that is due finds a free one unless the shop is overloaded. */
const OPEN_LOOP_CONNECTIONS = 256
const EVENTS = 100
/** Each may have up to `limit` tickets of an event, which is checked for each hold: together enough for a round. */
const COUNT = Number(process.env['CUSTOMERS'] ?? 256)
const CUSTOMERS = { count: COUNT, limit: Math.min(1_000, Math.ceil(25_600 / COUNT)) }
const ENOUGH = 200_000

/** Processor time hardly depends on what else the machine does. */
interface Sample extends HoldLoadResult {
  /** Of the shop and of the database, per request. */
  cpuMicros: { shop: number; database: number }
}

type Scenario = Pick<HoldLoad, 'connections' | 'rate' | 'expect'> & { title: string; events: number; tickets: number }

const closed = { connections: CONNECTIONS, rate: null, expect: 'GRANTED' } as const
const SCENARIOS: Scenario[] = [
  { ...closed, title: 'one hot event', events: 1, tickets: ENOUGH },
  { ...closed, title: `over ${EVENTS} events`, events: EVENTS, tickets: ENOUGH },
  { ...closed, title: 'refusals of a sold-out event', events: 1, tickets: 1, expect: 'SOLD_OUT' },
  {
    title: `one hot event, ${RATE}/s whatever the responses take (from when each was due)`,
    events: 1,
    tickets: ENOUGH,
    connections: OPEN_LOOP_CONNECTIONS,
    rate: RATE,
    expect: 'GRANTED',
  },
]
const selected = process.env['ONLY']?.split(',').map(Number) ?? SCENARIOS.map((_, index) => index)

const servers = await benchServers()
const database = new pg.Pool({ connectionString: servers.databaseUrl, max: 1 })
const closers: (() => Promise<unknown>)[] = [() => servers.stop(), () => database.end()]
// Reads TypeScript as this process does: it inherits its options.
const loader = fork(fileURLToPath(new URL('support/hold-load-process.ts', import.meta.url)), { stdio: 'inherit' })
closers.push(async () => loader.kill('SIGKILL'))
try {
  await once(loader, 'message')
  const ours = await TrafficPoliceShop.start(servers.databaseUrl, servers.redisUrl, CUSTOMERS)
  closers.push(() => ours.stop())
  const bare = await BareShop.start(servers.databaseUrl)
  closers.push(() => bare.stop())
  console.log(`Holds of one ticket over HTTP, ${CONNECTIONS} connections, ${ours.tokens.length} customers`)
  console.log(`median of ${ROUNDS} rounds of ${SECONDS} s each; load, shops, PostgreSQL and Redis on one machine`)
  console.log(hardware())
  for (const [index, scenario] of SCENARIOS.entries()) if (selected.includes(index)) await compare(scenario, ours, bare)
} finally {
  for (const close of closers.toReversed()) await close()
}

async function compare(scenario: Scenario, ours: Shop, bare: Shop): Promise<void> {
  const rounds = new Map<Shop, Sample[]>([
    [bare, []],
    [ours, []],
  ])
  for (const shop of rounds.keys()) await measure(shop, scenario, 1) // warms up
  for (let round = 0; round < ROUNDS; round++) {
    for (const [shop, results] of rounds) results.push(await measure(shop, scenario, SECONDS))
  }
  console.log(`\n${scenario.title}`)
  const [theirs, own] = [median(rounds.get(bare) ?? []), median(rounds.get(ours) ?? [])]
  console.log(line(`  ${bare.name}`, theirs, 1))
  console.log(line(`  ${ours.name}`, own, own.perSecond / theirs.perSecond))
  for (const [{ name }, { cpuMicros }] of [
    [bare, theirs],
    [ours, own],
  ] as const)
    console.log(`    CPU per request, ${name}: ${cpuMicros.shop} µs, database ${cpuMicros.database} µs`)
}

/** One round with events of its own; what the shop has stored is compared to its responses. */
async function measure(shop: Shop, scenario: Scenario, seconds: number): Promise<Sample> {
  const ids = await shop.open(scenario.events, scenario.tickets)
  if (scenario.expect === 'SOLD_OUT') await load(shop, ids, { ...scenario, connections: 1, expect: 'GRANTED' }, 0)
  const before = { shop: cpuOf(shop.pid), database: await databaseCpu(database) }
  const result = await load(shop, ids, scenario, seconds)
  const perRequest = (used: number) => Math.round((used / result.count) * 1e6)
  const cpuMicros = {
    shop: perRequest(cpuOf(shop.pid) - before.shop),
    database: perRequest((await databaseCpu(database)) - before.database),
  }
  const stored = await shop.held(ids)
  const granted = scenario.expect === 'GRANTED' ? result.count : scenario.tickets
  if (stored !== granted) throw new Error(`${shop.name}: ${granted} granted, ${stored} stored: not a valid sample`)
  return { ...result, cpuMicros }
}

async function load(shop: Shop, ids: readonly string[], scenario: Scenario, seconds: number): Promise<HoldLoadResult> {
  const { connections, rate, expect } = scenario
  const { url, tokens } = shop
  loader.send({ url, tokens, eventIds: ids, connections, rate, expect, seconds } satisfies HoldLoad)
  const [{ result, error }] = (await once(loader, 'message')) as [{ result?: HoldLoadResult; error?: string }]
  if (!result) throw new Error(`${shop.name}: ${error}`)
  return result
}

function median(results: readonly Sample[]): Sample {
  const middle = results.toSorted((a, b) => a.perSecond - b.perSecond)[Math.floor(results.length / 2)]
  if (!middle) throw new Error('no rounds')
  return middle
}
