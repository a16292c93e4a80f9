import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { AppModule } from '../../src/app.module.js'
import { AlertService } from '../../src/alerts/alert.service.js'
import type { AlertDto } from '../../src/alerts/alerts.dto.js'
import { ConditionRunner } from '../../src/alerts/conditions/condition-runner.js'
import { LoopFaults } from '../../src/alerts/loop-faults.js'
import { NotClosed } from '../../src/alerts/conditions/not-closed.js'
import { ReadsOverdue } from '../../src/alerts/conditions/reads-overdue.js'
import type { Prisma } from '../../src/generated/prisma/client.js'
import { newId } from '../../src/infrastructure/ids.js'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { startTestApp, type TestApp } from '../support/app.js'
import { createTestDatabase, type TestDatabase } from '../support/database.js'
import { sharedRedis } from '../support/redis.js'

const SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes len').toString('base64')}`
const ENV = {
  EVENTBRITE_TOKEN: 'token',
  EVENTBRITE_WEBHOOK_TOKEN: 'path-token',
  LUMA_API_KEY: 'key',
  LUMA_WEBHOOK_SECRET: SECRET,
  MEETUP_ACCESS_TOKEN: 'token',
  PUBLIC_URL: 'https://tickets.example.com',
}

let database: TestDatabase
let service: TestApp
let prisma: PrismaService
let alerts: AlertService
let token: string
let listing = 0

const start = async (env: Record<string, string> = ENV) =>
  startTestApp({
    databaseUrl: database.url,
    redisUrl: await sharedRedis(),
    env,
    root: (config) => AppModule.of(config),
  })

beforeAll(async () => {
  database = await createTestDatabase()
  service = await start()
  prisma = service.app.get(PrismaService)
  alerts = service.app.get(AlertService)
  token = await service.login()
})
afterAll(async () => {
  await service.close()
  await database.drop()
})
beforeEach(async () => {
  await prisma.alert.deleteMany()
  await prisma.event.updateMany({ data: { closedSince: new Date(0) } })
  await prisma.storedValue.deleteMany()
  await prisma.systemMode.update({ where: { id: 1 }, data: { mode: 'NORMAL', since: ago(3_600_000) } })
})

const ago = (ms: number) => new Date(Date.now() - ms)
const look = () => service.app.get(ConditionRunner).look()
const call = <T>(method: 'GET' | 'POST', path: string) => service.call<T>(method, path, { token })
const list = async (query = '') => (await call<{ items: AlertDto[] }>('GET', `/alerts?limit=100${query}`)).body.items
/** All problems were last seen so long ago that an ending may end them. */
const grow = () => prisma.alert.updateMany({ data: { lastSeenAt: ago(60_000) } })

/** An event with one listing, imported and in step unless the fields say otherwise. */
async function channel(fields: Prisma.ChannelUpdateInput = {}, event: Prisma.EventUpdateInput = {}) {
  const platform = 'EVENTBRITE'
  const channels = [{ platform, externalEventId: `listing-${++listing}` }]
  const body = { name: `Evening ${listing}`, startsAt: '2031-01-01T18:00:00Z', capacity: 50, channels }
  const made = await service.call<{ id: string }>('POST', '/events', { token, body })
  expect(made.status).toBe(201)
  const { id } = await prisma.channel.findFirstOrThrow({ where: { eventId: made.body.id } })
  await prisma.event.update({ where: { id: made.body.id }, data: event })
  const usual = { importedAt: ago(600_000), createdAt: ago(700_000), confirmedMode: 'OPEN', confirmedCap: 40 } as const
  return prisma.channel.update({ where: { id }, data: { ...usual, ...fields } })
}

describe('an alert', () => {
  it('lasts as long as its problem, acknowledged or not', async () => {
    const problem = { kind: 'DEAD_LETTER', platform: 'LUMA', about: 'a test' } as const
    expect(await alerts.raise({ ...problem, detail: 'first' })).toBe(true)
    const [first] = await list()
    expect(first).toMatchObject({ detail: 'first', resolvedAt: null, acknowledgedAt: null })
    await call('POST', `/alerts/${first?.id}/acknowledge`)
    await grow()
    expect(await alerts.raise({ ...problem, detail: 'second' })).toBe(false)
    const [renewed] = await list()
    expect(renewed).toMatchObject({ id: first?.id, detail: 'second', resolvedAt: null })
    expect(Date.parse(renewed?.lastSeenAt ?? '')).toBeGreaterThan(Date.now() - 30_000)
    expect(await list('&acknowledged=false')).toEqual([])
    expect(await alerts.resolve(problem)).toBe(true)
    expect(await alerts.resolve(problem)).toBe(false)
    expect(await list()).toEqual([])
    expect(await list('&state=resolved')).toMatchObject([{ id: first?.id, resolvedAt: expect.any(String) }])
    expect(await alerts.raise({ ...problem, detail: 'again' })).toBe(true)
    expect((await list()).map(({ detail }) => detail)).toEqual(['again'])
    expect(await list('&state=all')).toHaveLength(2)
    expect((await service.call('GET', '/alerts?state=gone', { token })).status).toBe(400)
  })

  it('that is resolved stays open until somebody has acknowledged it', async () => {
    const problem = { kind: 'DRIFT', about: 'a test' } as const
    await alerts.raise({ ...problem, detail: 'it was there' })
    await alerts.resolve(problem)
    const [alert] = await list('&state=open')
    expect(alert?.resolvedAt).not.toBeNull()
    await call('POST', `/alerts/${alert?.id}/acknowledge`)
    expect(await list('&state=open')).toEqual([])
  })

  it('is one, however many raise it at once', async () => {
    const raised = await Promise.all(
      Array.from({ length: 10 }, () => alerts.raise({ kind: 'FAIL_SAFE', detail: 'Redis is away' })),
    )
    expect(raised.filter(Boolean)).toHaveLength(1)
    expect(await prisma.alert.count()).toBe(1)
  })
})

describe('NOT_CLOSED', () => {
  type Facts = [string, (at: Date) => Prisma.ChannelUpdateInput, (at: Date) => Prisma.EventUpdateInput]
  it.each<Facts>([
    ['the red alarm', () => ({}), (redAlarmSince) => ({ redAlarmSince })],
    ['the event was paused', () => ({}), (pausedSince) => ({ pausedSince })],
    ['the event was closed', () => ({}), (closedSince) => ({ closedSince })],
    ['the channel was paused', (pausedSince) => ({ pausedSince }), () => ({})],
    ['sales since the outage', (needsSweepSince) => ({ needsSweepSince }), () => ({})],
    ['no tickets to sell', (desiredAt) => ({ desiredMode: 'WAITLIST_ONLY', desiredAt }), () => ({})],
  ])('names %s, the age and the last answer, and ends with the confirmation', async (cause, fields, event) => {
    const since = ago(40_000)
    const answered = { lastFailure: 'write: UNKNOWN: 503', lastFailureAt: ago(1_000) }
    const { id, eventId } = await channel({ ...fields(since), ...answered }, event(since))
    await look()
    const [alert, ...others] = await list('&kind=NOT_CLOSED')
    expect(others).toEqual([])
    expect(alert).toMatchObject({ eventId, platform: 'EVENTBRITE', resolvedAt: null })
    expect(alert?.detail).toContain(cause)
    expect(alert?.detail).toMatch(/for [45]\d s/)
    expect(alert?.detail).toContain('write: UNKNOWN: 503')
    await prisma.channel.update({ where: { id }, data: { confirmedMode: 'WAITLIST_ONLY' } })
    await look()
    expect((await list('&kind=NOT_CLOSED'))[0]?.resolvedAt).not.toBeNull()
  })

  it('comes where a closed channel may have been opened by a write without an answer, once that lasts', async () => {
    const { id } = await channel(
      { confirmedMode: 'WAITLIST_ONLY', unconfirmedMode: 'WAITLIST_ONLY', unconfirmedCap: 40 },
      { redAlarmSince: ago(40_000) },
    )
    const condition = service.app.get(NotClosed)
    const later = (ms: number) => condition.find(new Date(Date.now() + ms))
    expect(await later(0)).toEqual([])
    expect(await later(20_000)).toEqual([])
    expect(await later(31_000)).toMatchObject([{ subject: id, detail: expect.stringContaining('the red alarm') }])
    await prisma.channel.update({ where: { id }, data: { unconfirmedMode: null } })
    expect(await later(32_000)).toEqual([])
  })

  it('comes in fail-safe mode, and for a listing that was never imported', async () => {
    const { eventId } = await channel({ importedAt: null, confirmedMode: 'UNKNOWN', confirmedCap: null })
    await prisma.systemMode.update({ where: { id: 1 }, data: { mode: 'FAIL_SAFE', since: ago(31_000) } })
    await look()
    expect(await list('&kind=NOT_CLOSED')).toMatchObject([{ eventId, detail: expect.stringContaining('fail-safe') }])
  })

  it('does not come within 30 s, nor for what is open, over or another event’s', async () => {
    await channel({}, { redAlarmSince: ago(25_000) })
    await channel()
    const over = { startsAt: ago(60 * 3_600_000), endsAt: ago(49 * 3_600_000) }
    await channel({}, { ...over, redAlarmSince: ago(40_000) })
    await channel({ detachedAt: new Date() }, { closedSince: ago(40_000) })
    await look()
    expect(await list()).toEqual([])
  })

  it('is not resolved by a look that failed, which keeps no other condition from being judged', async () => {
    await channel({}, { redAlarmSince: ago(40_000) })
    await look()
    const broken = vi.spyOn(service.app.get(NotClosed), 'find').mockRejectedValue(new Error('a broken condition'))
    await channel({ importedAt: null })
    await look()
    broken.mockRestore()
    expect(await list('&kind=NOT_CLOSED')).toMatchObject([{ resolvedAt: null }])
    expect(await list('&kind=PLATFORM_UNREACHABLE')).toHaveLength(1)
  })
})

describe('a listing', () => {
  it('that its platform has called off raises an alert, and one whose evening is over raises none', async () => {
    const evening = { startsAt: ago(4 * 3_600_000), endsAt: ago(3_600_000) }
    await channel({ listingState: 'ENDED' }, evening)
    const ended = await channel({ listingState: 'ENDED' })
    const cancelled = await channel({ listingState: 'CANCELLED' }, evening)
    await look()
    const told = (await list('&kind=DRIFT')).map(({ eventId }) => eventId)
    expect(new Set(told)).toEqual(new Set([ended.eventId, cancelled.eventId]))
  })

  it('that is not imported within a minute raises an alert that says why, until it is', async () => {
    const { id } = await channel({ importedAt: null, createdAt: ago(50_000) })
    await look()
    expect(await list()).toEqual([])
    const answered = { lastFailure: 'adopt: THROTTLED until 2031', lastFailureAt: new Date() }
    await prisma.channel.update({ where: { id }, data: { createdAt: ago(61_000), ...answered } })
    await look()
    const [alert] = await list()
    expect(alert).toMatchObject({ kind: 'PLATFORM_UNREACHABLE', resolvedAt: null })
    expect(alert?.detail).toContain('adopt: THROTTLED until 2031')
    await prisma.channel.update({ where: { id }, data: { importedAt: new Date() } })
    await look()
    expect((await list())[0]?.resolvedAt).not.toBeNull()
  })

  const swept = async (
    sweep: Partial<Prisma.ChannelSweepUncheckedCreateInput>,
    fields: Prisma.ChannelUpdateInput = {},
  ) => {
    const made = await channel(fields)
    const plan = { nextSweepAt: new Date(), pauseMs: 300_000, pollMs: 10_000 }
    await prisma.channelSweep.create({ data: { channelId: made.id, ...plan, ...sweep } })
    return made
  }
  /** As after a restart: nothing before now is held against anybody. */
  const beganAt = (at: Date) => Object.assign(service.app.get(ReadsOverdue), { beganAt: at })

  it('whose reads are not answered is stale, with the reason, until one is', async () => {
    beganAt(ago(600_000))
    const failure = { readFailure: 'UNAVAILABLE: 503', readFailedAt: ago(5_000) }
    const { id } = await swept({ askedAt: ago(31_000), ...failure }, { lastPullAt: ago(60_000) })
    await look()
    const [alert] = await list('&kind=SYNC_STALE')
    expect(alert?.detail).toMatch(/have not been read for 3\d s \(UNAVAILABLE: 503\)/)
    await prisma.channel.update({ where: { id }, data: { lastPullAt: new Date() } })
    await look()
    expect((await list('&kind=SYNC_STALE'))[0]?.resolvedAt).not.toBeNull()
  })

  it('is not stale between two planned reads, however long ago the last one was', async () => {
    beganAt(ago(86_400_000))
    // Polled every 60 s while it was closed; the pace is 5 s by now.
    await swept(
      { askedAt: ago(58_000), pollMs: 5_000, nextPollAt: new Date(Date.now() + 2_000) },
      { lastPullAt: ago(57_000) },
    )
    await swept({ askedAt: null }, { lastPullAt: ago(3_600_000) })
    await swept({ askedAt: ago(29_000), pollMs: 1_000 }, { lastPullAt: ago(60_000) })
    await swept({ askedAt: ago(200_000), pollMs: null }, { lastPullAt: ago(300_000) })
    await look()
    expect(await list('&kind=SYNC_STALE')).toEqual([])
  })

  it('is not stale after a downtime or in fail-safe mode', async () => {
    await swept({ askedAt: ago(3_600_000) }, { lastPullAt: ago(3_700_000) })
    beganAt(new Date())
    await look()
    beganAt(ago(86_400_000))
    await prisma.systemMode.update({ where: { id: 1 }, data: { mode: 'FAIL_SAFE', since: ago(10_000) } })
    await look()
    await prisma.systemMode.update({ where: { id: 1 }, data: { mode: 'NORMAL', since: ago(10_000) } })
    await look()
    expect(await list('&kind=SYNC_STALE')).toEqual([])
    await prisma.systemMode.update({ where: { id: 1 }, data: { since: ago(3_600_000) } })
    await look()
    expect(await list('&kind=SYNC_STALE')).toHaveLength(1)
  })

  it('whose reads are refused raises one alert per platform for credentials, and one of its own for itself', async () => {
    const refused = (readFailure: string) => ({ readFailure, readFailedAt: new Date(), askedAt: new Date() })
    await swept(refused('AUTH_FAILED: invalid token'), { lastPullAt: ago(60_000) })
    await swept(refused('AUTH_FAILED: invalid token'), { lastPullAt: ago(60_000) })
    const gone = await swept(refused('GONE: no such event'), { lastPullAt: ago(60_000) })
    await look()
    const found = await list('&kind=PLATFORM_UNREACHABLE')
    expect(new Set(found.map(({ eventId }) => eventId))).toEqual(new Set([gone.eventId, null]))
    expect(found).toHaveLength(2)
    await prisma.channel.updateMany({ data: { lastPullAt: new Date(Date.now() + 1_000) } })
    await look()
    expect(await list('&kind=PLATFORM_UNREACHABLE&state=resolved')).toHaveLength(2)
  })
})

describe('webhooks', () => {
  it('that cannot be registered raise an alert that names what is missing', async () => {
    await channel()
    const key = 'webhook-subscription:EVENTBRITE'
    const value = { registered: false, reason: 'the organization refuses', checkedAt: new Date().toISOString() }
    await prisma.storedValue.create({ data: { key, value } })
    await look()
    expect(await list()).toMatchObject([
      {
        kind: 'PLATFORM_UNREACHABLE',
        platform: 'EVENTBRITE',
        detail: expect.stringContaining('the organization refuses'),
      },
    ])
    await prisma.storedValue.update({ where: { key }, data: { value: { ...value, registered: true, reason: null } } })
    await look()
    expect(await list('&state=resolved')).toHaveLength(1)
    const { EVENTBRITE_WEBHOOK_TOKEN: _token, ...without } = ENV
    for (const [env, what] of [
      [without, 'EVENTBRITE_WEBHOOK_TOKEN'],
      [{ ...ENV, PUBLIC_URL: 'http://127.0.0.1:3000' }, 'PUBLIC_URL'],
    ] as const) {
      await prisma.alert.deleteMany()
      const other = await start(env)
      await other.app.get(ConditionRunner).look()
      await other.close()
      expect((await list()).map(({ detail }) => detail).join()).toContain(what)
    }
  })

  it('whose signatures stop verifying raise an alert until one verifies', async () => {
    await channel()
    const channels = [{ platform: 'LUMA', externalEventId: `luma-${++listing}` }]
    const body = { name: 'Signed', startsAt: '2031-01-01T18:00:00Z', capacity: 50, channels }
    await service.call('POST', '/events', { token, body })
    const delivery = { type: 'guest.updated', data: {} }
    const send = (secret: string) => {
      const seconds = Math.floor(Date.now() / 1_000)
      const signature = createHmac('sha256', secret)
        .update(`${seconds}.${JSON.stringify(delivery)}`)
        .digest('hex')
      return service.call('POST', '//webhooks/luma', {
        body: delivery,
        headers: { 'webhook-signature': `t=${seconds},v1=${signature}` },
      })
    }
    const counted = async (count: number) =>
      expect
        .poll(() => prisma.storedValue.count({ where: { key: 'webhook-signatures:LUMA' } }), { timeout: 15_000 })
        .toBe(count)
    for (let i = 0; i < 3; i++) expect((await send('a changed secret')).status).toBe(401)
    // The first one is written at once, the others together some seconds later.
    await counted(1)
    await expect
      .poll(async () => (await prisma.storedValue.findFirst())?.value, { timeout: 15_000 })
      .toMatchObject({ count: 3 })
    await look()
    expect(await list()).toMatchObject([{ kind: 'PLATFORM_UNREACHABLE', platform: 'LUMA', resolvedAt: null }])
    expect((await send(SECRET)).status).not.toBe(401)
    await counted(0)
    await look()
    expect(await list('&state=resolved')).toHaveLength(1)
  })
})

describe('what an operation raised', () => {
  it('of a loop that fails for one event comes with the third time in a row, and ends when it goes on', async () => {
    const { eventId } = await channel()
    const faults = service.app.get(LoopFaults)
    for (const times of [1, 2]) faults.note('rebalancing', eventId, new TypeError('a fault of ours'), times)
    faults.note('rebalancing', eventId, Object.assign(new Error('away'), { code: '57P01' }), 9)
    expect(await list()).toEqual([])
    faults.note('rebalancing', eventId, new TypeError('a fault of ours'), 3)
    await expect
      .poll(() => list())
      .toMatchObject([{ kind: 'DEAD_LETTER', eventId, detail: expect.stringContaining('3 times in a row') }])
    await look()
    expect(await list('&state=resolved')).toEqual([])
    await prisma.alert.updateMany({ data: { lastSeenAt: ago(421_000) } })
    await look()
    expect(await list('&state=resolved')).toMatchObject([{ kind: 'DEAD_LETTER', eventId }])
  })

  it('ends with the red alarm, the excess, the mode and the sync error', async () => {
    const { id, eventId } = await channel(
      { syncError: 'write: REJECTED', confirmedMode: 'WAITLIST_ONLY' },
      { redAlarmSince: new Date() },
    )
    await prisma.systemMode.update({ where: { id: 1 }, data: { mode: 'FAIL_SAFE', since: new Date() } })
    await prisma.balance.update({ where: { eventId }, data: { oversold: -3, unallocated: { increment: 3 } } })
    await alerts.raise({ kind: 'RED_ALARM', eventId, detail: 'red' })
    await alerts.raise({ kind: 'OVERSOLD', eventId, platform: 'LUMA', about: 'gst-1', detail: 'over' })
    await alerts.raise({ kind: 'FAIL_SAFE', about: 'redis', detail: 'away' })
    await alerts.raise({ kind: 'DEAD_LETTER', eventId, platform: 'EVENTBRITE', about: 'REJECTED', detail: 'refused' })
    await grow()
    await look()
    expect(await list('&state=resolved')).toEqual([])
    await prisma.channel.update({ where: { id }, data: { syncError: null } })
    await prisma.event.update({ where: { id: eventId }, data: { redAlarmSince: null } })
    await prisma.balance.update({ where: { eventId }, data: { oversold: 0, unallocated: { decrement: 3 } } })
    await prisma.systemMode.update({ where: { id: 1 }, data: { mode: 'NORMAL', since: ago(10_000) } })
    await look()
    expect((await list('&state=resolved')).map(({ kind }) => kind).toSorted()).toEqual([
      'DEAD_LETTER',
      'FAIL_SAFE',
      'OVERSOLD',
      'RED_ALARM',
    ])
  })

  it('ends when a later run leaves nothing open, and not by one that does', async () => {
    const { eventId } = await channel()
    await alerts.raise({ kind: 'DRIFT', eventId, platform: 'EVENTBRITE', about: 'reconciliation', detail: 'differs' })
    await grow()
    const run = (startedAt: Date) =>
      prisma.reconciliationRun.create({
        data: { id: newId('run'), state: 'SUCCEEDED', trigger: 'NIGHTLY', dryRun: false, startedAt },
      })
    await run(ago(120_000))
    const { id: runId } = await run(ago(30_000))
    const item = { id: newId('dft'), runId, eventId, channel: 'EVENTBRITE', kind: 'CAP_DRIFT' } as const
    await prisma.reconciliationItem.create({ data: { ...item, corrected: false, detail: 'a cap' } })
    await look()
    expect((await list())[0]?.resolvedAt).toBeNull()
    await run(ago(10_000))
    await look()
    expect((await list())[0]?.resolvedAt).not.toBeNull()
  })

  it('ends when its deliveries were sent through again, and with its event', async () => {
    const row = { platform: 'LUMA', reason: 'x', headers: {}, body: Buffer.from('{}'), receivedAt: new Date() } as const
    const delivery = await prisma.webhookDelivery.create({ data: { ...row, id: newId('dlv'), state: 'FAILED' } })
    const { eventId } = await channel()
    await alerts.raise({ kind: 'DEAD_LETTER', platform: 'LUMA', about: 'delivery', detail: 'kept' })
    await alerts.raise({ kind: 'DRIFT', eventId, about: 'something else', detail: 'differs' })
    await grow()
    await look()
    expect(await list('&state=resolved')).toEqual([])
    await prisma.webhookDelivery.update({ where: { id: delivery.id }, data: { state: 'REPLAYED' } })
    await prisma.event.update({ where: { id: eventId }, data: { startsAt: ago(60 * 3_600_000) } })
    await look()
    expect(await list('&state=resolved')).toHaveLength(2)
  })
})
