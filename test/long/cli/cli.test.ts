import { freePort } from '#embedded-services'
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { matchesPassword } from '../../../src/accounts/passwords.js'
import { newId } from '../../../src/infrastructure/ids.js'
import { addUnits } from '../../support/fixtures/balances.js'
import { cliWith, newDataDir, type RunCli } from '../../support/service/cli.js'
import { buildService } from '../../support/service/service-process.js'
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.js'
import { sharedRedis } from '../../support/servers/redis.js'
import { openStock, type StockBench } from '../../support/fixtures/stock.js'
import { environmentConnectionId } from '../../../src/domain/connection-record.js'

interface Findings {
  level: string
  findings: { check: string; level: string; detail: string; fix: string | null }[]
}

// Every command starts a process, and the machine may be busy.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const dataDir = newDataDir()
let database: TestDatabase
let bench: StockBench
let eventId: string
/** Uses external servers. */
let cli: RunCli
/** Uses the same database, and a Redis address that refuses connections. */
let withoutRedis: RunCli
let env: Record<string, string>

beforeAll(async () => {
  await buildService()
  database = await createTestDatabase()
  const redisUrl = await sharedRedis()
  env = {
    DATABASE_URL: database.url,
    REDIS_URL: redisUrl,
    DATA_DIR: dataDir,
    DEMO: 'off',
    FAIL_SAFE_RECOVERY_MS: '200',
  }
  cli = cliWith(env)
  withoutRedis = cliWith({ ...env, REDIS_URL: `redis://127.0.0.1:${await freePort()}` })
  bench = openStock(database.url, redisUrl)
  eventId = await bench.openEvent(100, 10)
  await bench.hold(eventId, 'first', 3)
})

afterAll(async () => {
  await bench?.close()
  await database?.drop()
  rmSync(dataDir, { recursive: true, force: true })
})

describe('The CLI with external servers', () => {
  it('writes data to stdout and messages to stderr, without colour', async () => {
    const [listed, plain, shown] = await Promise.all([
      cli('--json', 'events', 'list'),
      cli('events', 'list'),
      cli('events', 'show', eventId),
    ])
    expect([listed.code, plain.code, shown.code]).toEqual([0, 0, 0])
    expect(shown.stdout).toMatch(/^attended +0 of 0 sold, 0 in the room$/m)
    expect(shown.stdout).toMatch(/^CHANNEL +MODE +SOLD +ATTENDED +ALLOCATED/m)
    expect(listed.json()).toMatchObject({ items: [{ id: eventId, held: 3, sold: 0, capacity: 100 }] })
    expect(plain.stdout).toMatch(new RegExp(`^ID .*CAPACITY\\n${eventId}  An event .* 100\\n$`))
    expect(plain.stderr).toBe('next: traffic-police events show ID\n')
    expect(plain.stdout).not.toContain('\u001B')
  })

  it('exits with 2 on invalid usage before it opens a connection, and with 3 for an unknown subject', async () => {
    const invalid = await Promise.all([
      cli('fail-safe', 'on'),
      cli('fail-safe', 'off', '--reason', '  '),
      cli('stock', 'rebuild'),
      cli('operators', 'add', '--email', 'not-an-address', '--name', 'N', '--role', 'ADMIN'),
      cli('sell'),
    ])
    for (const { code, stdout, stderr } of invalid) {
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toMatch(/error/)
    }
    const missing = await Promise.all([
      cli('events', 'show', 'evt_none'),
      cli('operators', 'reset-password', 'unknown@example.com'),
    ])
    for (const { code, stdout, stderr } of missing) {
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
      expect(stderr).toMatch(/error NOT_FOUND: .+\n {2}to do: .+/)
    }
  })

  it('finds a gate and balances that differ from the ledger, and rebuilds them', async () => {
    await bench.redis.hincrby(`event:{${eventId}}:stock`, 'UNALLOCATED', 5)
    const gate = await cli('stock', 'verify', eventId, '--json')
    expect(gate.code).toBe(1)
    expect(gate.json()).toMatchObject({ ok: false, items: [{ movements: 'ok', balances: 'ok', gate: 'different' }] })
    expect(gate.stderr).toContain(`next: traffic-police stock rebuild ${eventId}`)
    expect((await cli('stock', 'rebuild', eventId)).code).toBe(0)
    await bench.expectSound(eventId)

    await addUnits(bench.prisma, eventId, { HELD: 2, UNALLOCATED: -2 })
    const balances = await cli('stock', 'verify', '--json')
    expect(balances.code).toBe(1)
    expect(balances.json()).toMatchObject({ items: [{ balances: 'different', gate: 'not compared' }] })
    const rebuilt = await cli('stock', 'rebuild', '--all', '--json')
    expect(rebuilt.json()).toMatchObject({ items: [{ eventId, corrected: ['UNALLOCATED', 'HELD'] }] })
    await bench.expectSound(eventId)
  })

  it('creates staff users with generated passwords, and requires the first one to be an admin', async () => {
    const first = ['operators', 'add', '--email', 'Vi@example.com', '--name', 'Vi']
    expect((await cli(...first, '--role', 'VIEWER')).code).toBe(1)
    const added = await cli(...first, '--role', 'ADMIN', '--json')
    const { id, email, password } = added.json() as { id: string; email: string; password: string }
    expect(email).toBe('vi@example.com')
    const stored = async () => (await bench.prisma.user.findUniqueOrThrow({ where: { id } })).passwordHash
    expect(await matchesPassword(await stored(), password)).toBe(true)
    const session = { id: newId('ses'), userId: id, ip: '::1', expiresAt: new Date(Date.now() + 60_000) }
    await bench.prisma.session.create({ data: session })
    const reset = await cli('operators', 'reset-password', 'vi@example.com', '--json')
    expect(await matchesPassword(await stored(), (reset.json() as { password: string }).password)).toBe(true)
    expect(await bench.prisma.session.count({ where: { userId: id, revokedAt: null } })).toBe(0)
    expect(await bench.prisma.auditEntry.count({ where: { subject: id, actorId: null } })).toBe(2)
    const secondFactor = { userId: id, secret: new Uint8Array(48), createdAt: new Date(), confirmedAt: new Date() }
    await bench.prisma.secondFactor.create({ data: secondFactor })
    const removed = await cli('operators', 'remove-totp', 'Vi@example.com', '--json')
    expect([removed.code, removed.json()]).toEqual([0, { id, email, totp: false }])
    expect(await bench.prisma.secondFactor.count({ where: { userId: id } })).toBe(0)
    expect((await cli('operators', 'remove-totp', 'unknown@example.com')).code).toBe(3)
  })

  it('lists dead-lettered deliveries without personal data and replays one', async () => {
    const id = newId('dlv')
    const body = Buffer.from(JSON.stringify({ type: 'guest.updated', data: { email: 'jane@example.com' } }))
    const connectionId = environmentConnectionId('LUMA')
    const received = { headers: {}, body, receivedAt: new Date() }
    const row = { id, platform: 'LUMA', connectionId, state: 'FAILED', reason: 'it broke', ...received }
    await bench.prisma.webhookDelivery.create({ data: row as never })
    const [listed, replayed] = [await withoutRedis('webhooks', 'list', '--json'), await cli('webhooks', 'replay', id)]
    expect([listed.code, replayed.code]).toEqual([0, 0])
    expect(listed.json()).toMatchObject({ items: [{ id, platform: 'LUMA', state: 'FAILED', reason: 'it broke' }] })
    expect(listed.stdout).not.toContain('jane@example.com')
    expect(await bench.redis.llen('{traffic-police:deliveries}:deliveries:wait')).toBe(1)
    expect(await bench.prisma.webhookDelivery.findUnique({ where: { id } })).toMatchObject({ state: 'REPLAYED' })
  })
})

describe('The mails commands', () => {
  it('list failed mails, and send one again unless it cannot be composed', async () => {
    const mail = { kind: 'TICKETS', failedAt: new Date(), failure: '550 <[address]> unknown' }
    const order = { id: newId('ord'), eventId, platform: 'DIRECT', state: 'PLACED', version: '' } as const
    await bench.prisma.order.create({
      data: { ...order, quantity: 0, buyerName: 'Jane', buyerEmail: 'jane@example.com' },
    })
    const ticket = { id: newId('tkt'), orderId: order.id, eventId, platform: 'DIRECT', state: 'VALID' } as const
    await bench.prisma.ticket.create({ data: { ...ticket, code: newId('code') } })
    const [known, unknown] = [newId('mail'), newId('mail')]
    await bench.prisma.mail.createMany({
      data: [
        { ...mail, id: known, about: order.id },
        { ...mail, id: unknown, about: 'ord_erased' },
      ],
    })
    const listed = await withoutRedis('mails', 'list', '--json')
    expect([listed.code, listed.json()]).toMatchObject([
      0,
      { items: [{ id: unknown }, { id: known, about: order.id }] },
    ])
    const [sent, refused, missing] = [
      await withoutRedis('mails', 'retry', known, '--json'),
      await withoutRedis('mails', 'retry', unknown),
      await withoutRedis('mails', 'retry', 'mail_none'),
    ]
    expect([sent.code, sent.json()]).toMatchObject([0, { id: known, state: 'UNSENT' }])
    expect(sent.stdout).not.toContain('jane@example.com')
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining('error NOT_COMPOSABLE: The recipient was erased.'),
    ])
    expect([missing.code, missing.stderr]).toEqual([3, expect.stringContaining('There is no such mail.')])
    expect(await bench.prisma.mail.findUnique({ where: { id: known } })).toMatchObject({
      recipient: 'jane@example.com',
    })
    await bench.prisma.mail.deleteMany()
    await bench.prisma.ticket.delete({ where: { id: ticket.id } })
    await bench.prisma.order.delete({ where: { id: order.id } })
  })
})

describe('The CLI with an unreachable server', () => {
  it('executes commands that need no Redis, and exits with 4 for those that do', async () => {
    const on = await withoutRedis('fail-safe', 'on', '--reason', 'no Redis', '--json')
    expect([on.code, on.json()]).toMatchObject([0, { mode: 'FAIL_SAFE', forced: true, reason: 'no Redis' }])
    const [status, events, rebuild, verify] = await Promise.all([
      withoutRedis('fail-safe', 'status', '--json'),
      withoutRedis('events', 'show', eventId, '--json'),
      withoutRedis('stock', 'rebuild', '--all'),
      withoutRedis('stock', 'verify', '--json'),
    ])
    expect(events.json()).toMatchObject({
      id: eventId,
      stock: { capacity: 100, held: 3, available: 97 },
      door: { sold: 0, checkedIn: 0, inTheRoom: 0, channels: [{ channelId: 'DIRECT', sold: 0, attended: 0 }] },
    })
    expect([status.code, events.code, rebuild.code, verify.code]).toEqual([0, 0, 4, 4])
    expect(status.json()).toMatchObject({ forced: true })
    expect(rebuild.stderr).toMatch(/error REDIS_UNREACHABLE: .+\n {2}to do: .*REDIS_URL/)
    expect(verify.json()).toMatchObject({ items: [{ movements: 'ok', balances: 'ok', gate: 'unreachable' }] })
    const off = await withoutRedis('fail-safe', 'off', '--reason', 'enough', '--json')
    expect([off.code, off.json()]).toMatchObject([0, { mode: 'FAIL_SAFE', forced: false }])
  })

  it('exits with 4 when PostgreSQL is unreachable', async () => {
    const withoutDatabase = cliWith({
      DATABASE_URL: `postgresql://user@127.0.0.1:${await freePort()}/none`,
      REDIS_URL: 'redis://127.0.0.1:1',
      DATA_DIR: dataDir,
    })
    const { code, stdout, stderr } = await withoutDatabase('events', 'list')
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' })
    expect(stderr).toMatch(/error DATABASE_UNREACHABLE: .+\n {2}to do: .*DATABASE_URL/)
  })
})

describe('The doctor command', () => {
  const containing = (part: string) => expect.stringContaining(part) as unknown
  const findingOf = ({ findings }: Findings, check: string) => findings.find((finding) => finding.check === check)

  it('reports errors, possible data loss and stuck work, and exits with 1 on a red finding', async () => {
    const row = { platform: 'LUMA', deliveryId: 'd1', headers: {}, body: Buffer.from('{}') } as const
    const connectionId = environmentConnectionId('LUMA')
    await bench.prisma.inboxEntry.create({
      data: { ...row, connectionId, receivedAt: new Date(Date.now() - 3_600_000) },
    })
    await bench.redis.zadd(`event:{${eventId}}:pending`, Date.now() - 120_000, 'left behind')
    const quarantined = {
      id: 'qtn_1',
      eventId,
      channelId: 'chn_1',
      platform: 'LUMA',
      reason: 'no event_tickets',
    } as const
    await bench.prisma.quarantinedRecord.create({ data: quarantined })
    const mail = { kind: 'TICKETS', createdAt: new Date(Date.now() - 600_000) }
    const content = { recipient: 'jane@example.com', subject: 'Tickets', text: 'Tickets' }
    await bench.prisma.mail.createMany({
      data: [
        { ...mail, id: newId('mail'), failedAt: new Date(Date.now() - 60_000) },
        { ...mail, id: newId('mail'), failedAt: new Date(Date.now() - 2 * 86_400_000) },
        { ...mail, ...content, id: newId('mail') },
      ],
    })
    const ran = await cli('doctor', '--json')
    const report = ran.json() as Findings
    expect([ran.code, report.level]).toEqual([1, 'red'])
    // The test servers do not wait for the disk.
    expect(findingOf(report, 'redis append-only file')).toMatchObject({
      level: 'red',
      fix: expect.any(String) as unknown,
    })
    expect(findingOf(report, 'environment')).toMatchObject({
      level: 'red',
      detail: containing('AUTH_SECRET is required'),
    })
    expect(findingOf(report, 'inbox')).toMatchObject({ level: 'red', detail: containing('1 deliveries') })
    expect(findingOf(report, 'pending operations')).toMatchObject({ level: 'yellow' })
    expect(findingOf(report, 'quarantine')).toMatchObject({
      level: 'yellow',
      detail: containing('LUMA: no event_tickets'),
    })
    expect(findingOf(report, 'mails')).toMatchObject({
      level: 'yellow',
      detail: '1 failed in 24 h, 1 unsent, the oldest for 10 min',
    })
    expect(ran.stdout).not.toContain('jane@example.com')
    expect(findingOf(report, 'queue deliveries')).toMatchObject({ detail: containing('1 waiting') })
    expect(findingOf(report, 'reconciliation')).toMatchObject({
      level: 'yellow',
      detail: 'no full run has succeeded yet',
    })
    const good = ['node', 'postgresql', 'postgresql clock', 'schema', 'redis', 'redis role', 'redis clock', 'holds']
    for (const check of good) expect(findingOf(report, check), check).toMatchObject({ level: 'green', fix: null })
  })

  it('reports that links in mails lead to this machine', async () => {
    const mail = { SMTP_URL: 'smtp://mail.example.com', MAIL_FROM: 'tickets@example.com' }
    const mailing = { ...env, ...mail, AUTH_SECRET: 'a secret that only tests use' }
    const ran = await cliWith(mailing)('doctor', '--json')
    expect(findingOf(ran.json() as Findings, 'mail links')).toMatchObject({
      level: 'yellow',
      detail: containing('http://127.0.0.1:3000'),
      fix: containing('PUBLIC_URL'),
    })
    const reached = await cliWith({ ...mailing, PUBLIC_URL: 'https://tickets.example.com' })('doctor', '--json')
    expect(findingOf(reached.json() as Findings, 'mail links')).toBeUndefined()
  })

  it('reports an edited migration and an unreachable Redis', async () => {
    await bench.prisma
      .$executeRaw`UPDATE _prisma_migrations SET checksum = 'edited' WHERE migration_name LIKE '%ledger'`
    const ran = await withoutRedis('doctor', '--json')
    const report = ran.json() as Findings
    expect(ran.code).toBe(1)
    expect(findingOf(report, 'schema')).toMatchObject({
      level: 'red',
      detail: containing('was edited after it was applied'),
    })
    expect(findingOf(report, 'redis')).toMatchObject({ level: 'red', fix: containing('REDIS_URL') })
  })
})
