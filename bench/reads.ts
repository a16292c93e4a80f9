import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { freePort } from '#embedded-services'
import { ADMIN, post, startService, tokenOf, untilReady } from './support/hold-shops.js'
import { addEvents } from '../test/support/fixtures/past-events.js'
import { cpuOf, databaseCpu, residentBytes } from './support/processes.js'
import type { ReadLoad, ReadResult, StreamLoad, Streams } from './support/read-load.js'
import { benchServers, hardware, line, type Figure } from './support/servers.js'

/**
 * What staff read, over HTTP: the built service with all roles, real logins, connections kept alive, a load generator in a
 * process of its own, every response checked. Peers on the same machine and in the same run: a bare Fastify with one
 * SELECT, and one with constant JSON, which is the limit of HTTP.
 *
 * `SECONDS=4 ROUNDS=3 CONNECTIONS=64 DASHBOARDS=500 npm run bench -- reads`; `ONLY=reads,streams,events` selects parts.
 */
const SECONDS = Number(process.env['SECONDS'] ?? 4)
const ROUNDS = Number(process.env['ROUNDS'] ?? 3)
const CONNECTIONS = Number(process.env['CONNECTIONS'] ?? 64)
const DASHBOARDS = Number(process.env['DASHBOARDS'] ?? 500)
const IDLE_SECONDS = Number(process.env['IDLE_SECONDS'] ?? 20)
const ONLY = process.env['ONLY']?.split(',') ?? ['reads', 'streams', 'events']
const EVENTS = 100
const CHANGES_PER_SECOND = 20
const CAPACITY = 100_000
/** A user may have 20 event streams. */
const STREAMS_PER_USER = 20
const MANY = { past: 9_800, live: 100 }

interface Server {
  name: string
  process: ChildProcess
  url: string
  /** Access tokens; none: it has no accounts. */
  tokens: readonly string[]
  /** Of its events. */
  path: string
}

interface ReadFigure extends Figure {
  /** Of the server, per read: hardly depends on what else the machine does. */
  cpuMicros: number
}

const servers = await benchServers()
const database = new pg.Pool({ connectionString: servers.databaseUrl, max: 2 })
const children: ChildProcess[] = []
try {
  const port = await freePort()
  const service = startService(port, servers.databaseUrl, servers.redisUrl)
  children.push(service)
  const url = `http://127.0.0.1:${port}`
  await untilReady(url, service)
  const admin = await tokenOf(url, ADMIN.email, ADMIN.password, '198.51.100.1')
  const viewers = await viewersOf(url, admin, Math.ceil(DASHBOARDS / STREAMS_PER_USER))
  const events = await openEvents(url, admin, EVENTS)
  const loader = await start('read-load-process.ts')
  console.log(`Reads of staff over HTTP, ${CONNECTIONS} connections, ${viewers.length} viewers, ${EVENTS} events`)
  console.log(
    `median of ${ROUNDS} rounds of ${SECONDS} s; load, servers, PostgreSQL and Redis on one machine\n${hardware()}`,
  )
  const ours: Server = { name: 'Traffic Police', process: service, url, tokens: viewers, path: '/api/v1/events' }
  if (ONLY.includes('reads')) await compareReads()
  if (ONLY.includes('streams')) await compareStreams()
  if (ONLY.includes('events')) await compareEvents()

  async function compareReads(): Promise<void> {
    const bare = await startBare(url, admin, events)
    const select: Server = { ...bare, name: 'bare Fastify + pg, one SELECT', path: '/api/v1/events' }
    const constant: Server = { ...bare, name: 'bare Fastify, constant JSON', path: '/constant/events' }
    for (const ids of [events.slice(0, 1), events]) {
      const title = `GET /events/:id/stock of ${ids.length} event(s)`
      await compare(title, [constant, select, ours], ({ path }) => ids.map((id) => `${path}/${id}/stock`), 'STOCK')
    }
    await compare('GET /events', [ours], ({ path }) => [`${path}?state=ON_SALE&limit=20`], 'EVENTS')
  }

  /** Ratios are to the server before the last. */
  async function compare(
    title: string,
    contenders: readonly Server[],
    pathsOf: (server: Server) => string[],
    expect: ReadLoad['expect'],
  ): Promise<void> {
    const figures = contenders.map((): ReadFigure[] => [])
    for (let round = -1; round < ROUNDS; round++) {
      for (const [index, server] of contenders.entries()) {
        const figure = await read(server, { paths: pathsOf(server), expect, seconds: round < 0 ? 1 : SECONDS })
        if (round >= 0) figures[index]?.push(figure)
      }
    }
    console.log(`\n${title}`)
    const medians = figures.map(median)
    const peer = medians.at(-2) ?? medians[0]
    for (const [index, { name }] of contenders.entries()) {
      const own = medians[index]
      if (!own || !peer) continue
      console.log(line(`  ${name}`, own, own.perSecond / peer.perSecond))
      console.log(`    CPU of the server per read ${Math.round(own.cpuMicros)} µs`)
    }
  }

  async function read(
    server: Server,
    shape: Pick<ReadLoad, 'paths' | 'seconds'> & Partial<ReadLoad>,
  ): Promise<ReadFigure> {
    const before = cpuOf(server.process.pid)
    const { url: target, tokens } = server
    const load: ReadLoad = {
      kind: 'reads',
      connections: CONNECTIONS,
      expect: 'STOCK',
      url: target,
      tokens,
      ...shape,
    }
    const figure = await ask<ReadResult>(load)
    return { ...figure, cpuMicros: ((cpuOf(server.process.pid) - before) / figure.count) * 1e6 }
  }

  /** The same changes with one open dashboard and with many. */
  async function compareStreams(): Promise<void> {
    console.log(`\n${CHANGES_PER_SECOND} changes of one event per second`)
    const cpu: number[] = []
    for (const count of [1, DASHBOARDS]) {
      const [eventId = ''] = await openEvents(url, admin, 1)
      await ask({ kind: 'streams', url, tokens: viewers, count, eventId } satisfies StreamLoad)
      await hold(eventId, 1)
      await sleep(2_000)
      await ask({ kind: 'take' })
      const [before, databaseBefore] = [cpuOf(service.pid), await databaseCpu(database)]
      const startedAt = performance.now()
      const held = 1 + (await hold(eventId, SECONDS * CHANGES_PER_SECOND))
      const seconds = (performance.now() - startedAt) / 1_000
      cpu.push((cpuOf(service.pid) - before) / seconds)
      const ofDatabase = ((await databaseCpu(database)) - databaseBefore) / seconds
      // The last change arrives within the interval of the poll, at the latest.
      await sleep(2_000)
      const { fewest, most, lastHeld } = await ask<ReturnType<Streams['take']>>({ kind: 'take' })
      await ask({ kind: 'close' })
      if (lastHeld.length !== 1 || lastHeld[0] !== held) throw new Error(`held ${held}, shown ${lastHeld.join(', ')}`)
      const used = `${percent(cpu.at(-1))} of a core, database ${percent(ofDatabase)}`
      console.log(
        `  ${count} dashboards: ${used}; ${fewest} to ${most} stock messages each in ${seconds.toFixed(1)} s, the last one right`,
      )
    }
    const [one = 0, many = 0] = cpu
    console.log(`  ratio ${(many / one).toFixed(2)}`)
  }

  /** Changes the stock this many times at the rate; returns how many units it holds more. */
  async function hold(eventId: string, times: number): Promise<number> {
    const startedAt = performance.now()
    for (let index = 0; index < times; index++) {
      await sleep(Math.max(0, startedAt + (index * 1_000) / CHANGES_PER_SECOND - performance.now()))
      await post(url, `events/${eventId}/holds`, { quantity: 1 }, { authorization: `Bearer ${admin}` })
    }
    return times
  }

  /** What a past without end costs: nearly all of the added events are over. */
  async function compareEvents(): Promise<void> {
    console.log(`\n${EVENTS} events, then ${MANY.past} more that are over and ${MANY.live} on sale`)
    const idle = async (name: string) => {
      await sleep(5_000)
      const [before, databaseBefore] = [cpuOf(service.pid), await databaseCpu(database)]
      await sleep(IDLE_SECONDS * 1_000)
      const own = (cpuOf(service.pid) - before) / IDLE_SECONDS
      const ofDatabase = ((await databaseCpu(database)) - databaseBefore) / IDLE_SECONDS
      console.log(
        `  ${name}: idle ${percent(own)} of a core, database ${percent(ofDatabase)}, RSS ${Math.round(residentBytes(service.pid) / 2 ** 20)} MiB`,
      )
    }
    const stock = (ids: readonly string[]) => ids.map((id) => `${ours.path}/${id}/stock`)
    const latency = async (ids: readonly string[]) => {
      const all: ReadFigure[] = []
      for (let round = 0; round < ROUNDS; round++)
        all.push(await read(ours, { paths: stock(ids), seconds: SECONDS, connections: 8 }))
      return median(all)
    }
    await read(ours, { paths: stock(events), seconds: SECONDS })
    const few = await latency(events)
    await idle('few')
    const rss = residentBytes(service.pid)
    const all = await addEvents(database, events[0] ?? '', MANY)
    await idle('many')
    const many = await latency(events)
    // Reads each of them, as one would who reads all of the past.
    await read(ours, { paths: stock(all), seconds: SECONDS * 4 })
    await sleep(5_000)
    const perEvent = (residentBytes(service.pid) - rss) / all.length / 1024
    console.log(line('  stock, few', few, 1))
    console.log(line('  stock, many (ratio of p95)', many, many.p95 / few.p95))
    console.log(`  memory ${perEvent.toFixed(1)} KiB per event, all of them read`)
  }

  async function ask<T>(task: object): Promise<T> {
    loader.send(task)
    const [{ result, error }] = (await once(loader, 'message')) as [{ result: T; error?: string }]
    if (error !== undefined) throw new Error(error)
    return result
  }
} finally {
  // The service ends by itself, which writes its profile.
  for (const child of children) child.kill(child === children[0] ? 'SIGTERM' : 'SIGKILL')
  if (children[0]?.exitCode === null) await once(children[0], 'exit')
  await database.end()
  await servers.stop()
}

async function start(program: string, args: string[] = []): Promise<ChildProcess> {
  const child = fork(fileURLToPath(new URL(`support/${program}`, import.meta.url)), args, { stdio: 'inherit' })
  children.push(child)
  await once(child, 'message')
  return child
}

/** Peers that have our own responses to send. */
async function startBare(
  url: string,
  token: string,
  events: readonly string[],
): Promise<Pick<Server, 'process' | 'url' | 'tokens'>> {
  await database.query('CREATE SCHEMA bench')
  await database.query('CREATE TABLE bench.stock (id text PRIMARY KEY, body text NOT NULL)')
  for (const id of events) {
    const response = await fetch(`${url}/api/v1/events/${id}/stock`, { headers: { authorization: `Bearer ${token}` } })
    await database.query('INSERT INTO bench.stock VALUES ($1, $2)', [id, await response.text()])
  }
  const port = await freePort()
  const child = await start('bare-reader.mjs', [String(port), servers.databaseUrl])
  return { process: child, url: `http://127.0.0.1:${port}`, tokens: [] }
}

async function viewersOf(url: string, admin: string, count: number): Promise<string[]> {
  const tokens: string[] = []
  for (let index = 0; index < count; index++) {
    const person = { email: `viewer${index}@example.com`, password: 'a good password' }
    const body = { ...person, name: 'Viewer', role: 'VIEWER' }
    await post(url, 'operators', body, { authorization: `Bearer ${admin}` })
    tokens.push(await tokenOf(url, person.email, person.password, `198.51.100.${2 + index}`))
  }
  return tokens
}

async function openEvents(url: string, admin: string, count: number): Promise<string[]> {
  const startsAt = new Date(Date.now() + 7 * 86_400_000).toISOString()
  const body = { name: 'Bench', startsAt, capacity: CAPACITY, directWeight: 1, safetyStockRatio: 0 }
  const ids: string[] = []
  for (let index = 0; index < count; index++) {
    ids.push((await post<{ id: string }>(url, 'events', body, { authorization: `Bearer ${admin}` })).id)
  }
  return ids
}

function median<F extends Figure>(figures: readonly F[]): F {
  const middle = figures.toSorted((a, b) => a.perSecond - b.perSecond)[Math.floor(figures.length / 2)]
  if (!middle) throw new Error('no rounds')
  return middle
}

function percent(share = Number.NaN): string {
  return `${(share * 100).toFixed(1)} %`
}
