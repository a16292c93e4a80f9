import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { AppModule } from '../../../src/bootstrap/app.module.js'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { LedgerStore } from '../../../src/stock/ledger-store.js'
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.js'
import { sharedRedis } from '../../support/servers/redis.js'
import { ADMIN, startTestApp, type TestApp } from '../../support/service/app.js'

const LINES = 50_000
const STAFF = { email: 'vera@example.com', password: 'the password of Vera' }
const BUYER = { email: 'bo@example.com', password: 'the password of Bo' }

let database: TestDatabase
let service: TestApp
let token: string

interface CreatedEvent {
  id: string
  lastHash: string | null
  verifiedUpTo: string | null
}

beforeAll(async () => {
  database = await createTestDatabase()
  const root = (config: Parameters<typeof AppModule.of>[0]) => AppModule.of(config)
  service = await startTestApp({ databaseUrl: database.url, redisUrl: await sharedRedis(), listen: true, root })
  token = await service.login(ADMIN)
})

afterAll(async () => {
  await service.close()
  await database.drop()
})

async function createEvent(): Promise<string> {
  const body = { name: 'An event', startsAt: new Date(Date.now() + 86_400_000).toISOString(), capacity: 100 }
  const { status, body: event } = await service.call<CreatedEvent>('POST', '/events', { token, body })
  expect(status).toBe(201)
  return event.id
}

const eventOf = async (id: string) => (await service.call<CreatedEvent>('GET', `/events/${id}`, { token })).body

describe('GET /events/:id/proof', () => {
  it('returns a line per operation, chained, whose last hash and time are also on the event', async () => {
    const id = await createEvent()
    const hold = await service.call('POST', `/events/${id}/holds`, { token, body: { quantity: 2 } })
    expect(hold.status).toBe(201)
    const { status, headers, body } = await service.call<string>('GET', `/events/${id}/proof`, { token })
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'content-type': 'application/x-ndjson; charset=utf-8',
      'content-disposition': `attachment; filename="proof-${id}.ndjson"`,
      'cache-control': 'no-store',
    })
    const texts = body.trim().split('\n')
    const lines = texts.map((text) => JSON.parse(text) as Record<string, unknown>)
    expect(lines).toMatchObject([
      { n: 1, kind: 'STARTED', event: id, balances: {}, channels: [] },
      { n: 2, kind: 'CAPACITY', reason: 'OPENING', operator: expect.stringMatching(/^usr_/) },
      { n: 3, kind: 'HOLD', reason: 'HELD', moves: [['ALLOCATED:DIRECT', 'HELD', 2]] },
    ])
    for (const [index, text] of texts.entries()) {
      const [, content = '', hash] = /^(.*),"hash":"([0-9a-f]{64})"\}$/.exec(text) ?? []
      expect(hash).toBe(createHash('sha256').update(`${content}}`).digest('hex'))
      expect(lines[index]?.prev).toBe(lines[index - 1]?.hash ?? '0'.repeat(64))
    }
    expect(body).not.toContain(ADMIN.email)
    const event = await eventOf(id)
    expect(event).toMatchObject({ lastHash: lines[2]?.hash, verifiedUpTo: lines[2]?.at })
  })

  it('is for viewers, not for customers or without a login, and 404 for an unknown event', async () => {
    const id = await createEvent()
    const path = `/events/${id}/proof`
    expect((await service.call('GET', path)).status).toBe(401)
    await service.call('POST', '/auth/register', { body: { ...BUYER, name: 'Bo' } })
    expect((await service.call('GET', path, { token: await service.login(BUYER) })).status).toBe(403)
    await service.call('POST', '/operators', { token, body: { ...STAFF, name: 'Vera', role: 'VIEWER' } })
    expect((await service.call('GET', path, { token: await service.login(STAFF) })).status).toBe(200)
    expect((await service.call('GET', '/events/evt_unknown/proof', { token })).status).toBe(404)
  })

  it('is empty for an event that has no line yet, and the event has no last hash', async () => {
    const id = await createEvent()
    const prisma = service.app.get(PrismaService)
    await prisma.$executeRawUnsafe('ALTER TABLE proof_entries DISABLE TRIGGER proof_entries_append_only')
    await prisma.proofEntry.deleteMany({ where: { eventId: id } })
    await prisma.$executeRawUnsafe('ALTER TABLE proof_entries ENABLE TRIGGER proof_entries_append_only')
    await prisma.eventLedger.update({ where: { eventId: id }, data: { proofPosition: 0, proofHash: null } })
    expect(await service.call('GET', `/events/${id}/proof`, { token })).toMatchObject({ status: 200, body: undefined })
    expect(await eventOf(id)).toMatchObject({ lastHash: null, verifiedUpTo: null })
    await service.call('POST', `/events/${id}/holds`, { token, body: { quantity: 2 } })
    const { body } = await service.call<string>('GET', `/events/${id}/proof`, { token })
    expect(JSON.parse(body.split('\n')[0] ?? '')).toMatchObject({ n: 1, kind: 'STARTED', balances: { CAPACITY: -100 } })
  })

  it('shows on the event that the last line was changed in the database', async () => {
    const id = await createEvent()
    const prisma = service.app.get(PrismaService)
    await prisma.$executeRawUnsafe('ALTER TABLE proof_entries DISABLE TRIGGER proof_entries_append_only')
    await prisma.proofEntry.updateMany({ where: { eventId: id, position: 2 }, data: { content: '{"n":2}' } })
    await prisma.$executeRawUnsafe('ALTER TABLE proof_entries ENABLE TRIGGER proof_entries_append_only')
    expect(await eventOf(id)).toMatchObject({ lastHash: expect.any(String), verifiedUpTo: null })
  })

  it(`streams ${LINES.toLocaleString('en')} lines page by page, no faster than they are read`, async () => {
    const id = await createEvent()
    await service.app.get(PrismaService).$executeRaw`
      INSERT INTO proof_entries (event_id, position, recorded_at, content, hash)
      SELECT ${id}, n, now(), '{"n":' || n || ',"filler":"' || repeat('x', 600) || '"}', repeat('a', 64)
      FROM generate_series(3, ${LINES}::int) AS n`
    const pages = vi.spyOn(service.app.get(LedgerStore), 'proofAfter')
    const response = await fetch(`${service.url}/api/v1/events/${id}/proof`, {
      headers: { authorization: `Bearer ${token}` },
    })
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = (await reader?.read())?.value ?? ''
    await sleep(1_000)
    expect(pages.mock.calls.length).toBeLessThan(LINES / 1_000 / 2)
    let lines = 0
    for (let chunk = await reader?.read(); chunk && !chunk.done; chunk = await reader?.read()) {
      text += chunk.value
      const parts = text.split('\n')
      text = parts.pop() ?? ''
      for (const line of parts) expect((JSON.parse(line) as { n: number }).n).toBe(++lines)
    }
    expect(lines).toBe(LINES)
    expect(pages.mock.calls.map(([, , limit]) => limit)).toEqual(Array.from({ length: LINES / 1_000 }, () => 1_000))
    pages.mockRestore()
  })
})
