import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { API_PLATFORMS, PLATFORMS } from '../../src/domain/channel.js'
import { liveEvents } from '../../src/infrastructure/prisma/live-events.js'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { Actors } from '../support/fuzz/actors.js'
import type { ApiDocument } from '../support/fuzz/api-document.js'
import { DELIVERIES, signatureOf, WEBHOOK_SECRETS } from '../support/fuzz/deliveries.js'
import { fuzz, type FuzzReport } from '../support/fuzz/fuzz-run.js'
import { KEPT_IDS, KnownValues } from '../support/fuzz/known-values.js'
import { RecordedChanges } from '../support/fuzz/recorded-changes.js'
import { startRedis, type DedicatedRedis } from '../support/servers/redis.js'
import { startTestSystem, WEBHOOK_TOKEN, type TestSystem } from '../support/service/test-system.js'

/** The long form: `FUZZ_REQUESTS=100000 FUZZ_SEED=7 npm run test:long -- test/long/fuzz.test.ts`. */
const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 2_500)
const SEED = Number(process.env['FUZZ_SEED'] ?? 1)
const MAX_MS_PER_REQUEST = 120
const MAX_SHARE_NEVER_ACCEPTED = 0.4

const DAY_MS = 86_400_000
const SEATS = [{ section: 'Stalls', rows: [{ row: 'A', count: 20 }] }]

let redis: DedicatedRedis
let system: TestSystem
let changes: RecordedChanges
let actors: Actors | undefined
let events = 0

beforeAll(async () => {
  redis = await startRedis({ durable: false })
  const env = { TRUSTED_PROXIES: '127.0.0.1', ...WEBHOOK_SECRETS }
  // Without background work, so that each change is that of a request.
  system = await startTestSystem({ redisUrl: redis.url, background: false, env })
  changes = await RecordedChanges.start(system.databaseUrl, new Redis(redis.url))
}, 60_000)

afterAll(async () => {
  await changes?.close()
  await system?.close()
  await redis?.stop()
})

/** Events too old for requests to name have ended: each reconciliation reads all live ones, while further requests are sent. */
async function endOldEvents(): Promise<void> {
  const { event } = system.app.app.get(PrismaService)
  const [oldest] = await event.findMany({ orderBy: { id: 'desc' }, skip: KEPT_IDS - 1, take: 1 })
  if (!oldest) return
  const past = new Date(Date.now() - 30 * DAY_MS)
  const where = { AND: [{ id: { lt: oldest.id } }, liveEvents(new Date())] }
  await event.updateMany({ where, data: { startsAt: past, endsAt: past, salesEndAt: past } })
}

/** Keeps something on sale: events with and without seats, on all platforms. */
async function openEvent(actors: Actors, known: KnownValues): Promise<void> {
  const listings = system.list()
  const channels = API_PLATFORMS.map((platform) => ({
    platform,
    externalEventId: listings[platform.toLowerCase() as keyof typeof listings],
  }))
  const startsAt = new Date(Date.now() + 30 * DAY_MS).toISOString()
  const seats = events++ % 2 === 0 ? { seats: SEATS } : {}
  const event = { name: 'Open event', startsAt, capacity: 200, channels, directWeight: 9, ...seats }
  const { status, text } = await actors.call('admin', 'POST', '/api/v1/events', event)
  if (status !== 201) throw new Error(`no event: ${text}`)
  known.learn(text)
}

async function run(document: ApiDocument, requests: number): Promise<FuzzReport> {
  actors ??= await Actors.create(system.app.url)
  const known = new KnownValues(actors.ids)
  const sender = actors
  return fuzz({
    url: system.app.url,
    requests,
    seed: SEED,
    document,
    known,
    actors,
    changes,
    sources: {
      pathValues: { token: [WEBHOOK_TOKEN], channel: PLATFORMS },
      deliveries: DELIVERIES,
    },
    sign: signatureOf,
    isSkipped: ({ operation, body }) =>
      operation.path === '/api/v1/system/mode' && (body?.bytes.includes('FAIL_SAFE') ?? false),
    replenish: async () => {
      await openEvent(sender, known)
      await endOldEvents()
    },
    onProgress: (report) => console.log(report),
  })
}

async function describedApi(): Promise<ApiDocument> {
  return (await system.app.call<ApiDocument>('GET', '//docs-json')).body
}

describe('Every route of the document', () => {
  it(
    `responds to ${REQUESTS} generated requests as described; refused ones and reads change nothing`,
    async () => {
      const report = await run(await describedApi(), REQUESTS)
      console.log(report)
      expect(report.failures.join('\n')).toBe('')
      expect(report.requests).toBe(REQUESTS)
      // Else the requests would test the refusals only. Some need what no response shows: a code, a link in a mail.
      expect(report.neverAccepted.length).toBeLessThan(report.operations * MAX_SHARE_NEVER_ACCEPTED)
    },
    60_000 + REQUESTS * MAX_MS_PER_REQUEST,
  )
})

describe('Negative controls: the run finds', () => {
  it('responses with a field that the document lacks', async () => {
    const document = await describedApi()
    delete document.components.schemas['EventDto']?.properties?.['capacity']
    const { failures } = await run(document, 400)
    expect(failures.join('\n')).toContain('{"additionalProperty":"capacity"}')
  }, 90_000)

  it('changes of rows, but not updates without a change or what is rolled back', async () => {
    await changes.settled()
    const prisma = system.app.app.get(PrismaService)
    const { id } = await prisma.event.findFirstOrThrow()
    // What the requests before have left to background work is written in the meantime.
    const changesOfEvent = async () => (await changes.take()).filter((change) => change.includes(id))
    const rename = (to: string) => prisma.event.update({ where: { id }, data: { name: to } })
    await prisma.$executeRaw`UPDATE events SET name = name WHERE id = ${id}`
    const undone = prisma.$transaction(async (tx) => {
      await tx.event.update({ where: { id }, data: { name: 'Undone' } })
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    expect(await changesOfEvent()).toEqual([])
    await rename('Renamed')
    expect(await changesOfEvent()).toEqual([expect.stringMatching(/^events: UPDATE .*"Renamed"/)])
  })

  it('changes of stock at a gate, but not writes of what it has', async () => {
    await changes.settled()
    const { id } = await system.app.app.get(PrismaService).event.findFirstOrThrow()
    const gate = `event:{${id}}:stock`
    const client = new Redis(redis.url)
    try {
      const seq = await client.hget(gate, 'seq')
      await client.hset(gate, { seq: String(seq) })
      expect(await changes.take()).toEqual([])
      await client.hincrby(gate, 'seq', 1)
      expect(await changes.take()).toEqual([expect.stringContaining(`GATES: ${gate} `)])
      await client.del(gate)
      expect(await changes.take()).toEqual([expect.stringMatching(/ became \[\]$/)])
      expect(await changes.take()).toEqual([])
    } finally {
      client.disconnect()
    }
  })
})
