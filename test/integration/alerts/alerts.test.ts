import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { AppModule } from '../../../src/app.module.js'
import { AlertService } from '../../../src/alerts/alert.service.js'
import type { AlertDto } from '../../../src/alerts/alerts.dto.js'
import { ConditionRunner } from '../../../src/alert-conditions/condition-runner.js'
import { LoopFailures } from '../../../src/alerts/loop-failures.js'
import { NotClosed } from '../../../src/alert-conditions/not-closed.js'
import { ReadsOverdue } from '../../../src/alert-conditions/reads-overdue.js'
import type { Prisma } from '../../../src/generated/prisma/client.js'
import { newId } from '../../../src/infrastructure/ids.js'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { addUnits } from '../../support/fixtures/balances.js'
import { startTestApp, type TestApp } from '../../support/service/app.js'
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.js'
import { sharedRedis } from '../../support/servers/redis.js'

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
const evaluate = () => service.app.get(ConditionRunner).evaluateAll()
const call = <T>(method: 'GET' | 'POST', path: string) => service.call<T>(method, path, { token })
const list = async (query = '') => (await call<{ items: AlertDto[] }>('GET', `/alerts?limit=100${query}`)).body.items
/** Backdates all alerts, so that their conditions may resolve them. */
const ageAlerts = () => prisma.alert.updateMany({ data: { lastSeenAt: ago(60_000) } })

/** An event with one listing, imported and in sync unless the fields override that. */
async function channel(fields: Prisma.ChannelUpdateInput = {}, event: Prisma.EventUpdateInput = {}) {
  const platform = 'EVENTBRITE'
  const channels = [{ platform, externalEventId: `listing-${++listing}` }]
  const body = { name: `Event ${listing}`, startsAt: '2031-01-01T18:00:00Z', capacity: 50, channels }
  const created = await service.call<{ id: string }>('POST', '/events', { token, body })
  expect(created.status).toBe(201)
  const { id } = await prisma.channel.findFirstOrThrow({ where: { eventId: created.body.id } })
  await prisma.event.update({ where: { id: created.body.id }, data: event })
  const defaults = {
    importedAt: ago(600_000),
    createdAt: ago(700_000),
    confirmedMode: 'OPEN',
    confirmedCap: 40,
  } as const
  return prisma.channel.update({ where: { id }, data: { ...defaults, ...fields } })
}

describe('An alert', () => {
  it('stays open as long as its problem lasts, whether acknowledged or not', async () => {
    const problem = { kind: 'DEAD_LETTER', platform: 'LUMA', about: 'a test' } as const
    expect(await alerts.raise({ ...problem, detail: 'first' })).toBe(true)
    const [first] = await list()
    expect(first).toMatchObject({ detail: 'first', resolvedAt: null, acknowledgedAt: null })
    await call('POST', `/alerts/${first?.id}/acknowledge`)
    await ageAlerts()
    expect(await alerts.raise({ ...problem, detail: 'second' })).toBe(false)
    const [updated] = await list()
    expect(updated).toMatchObject({ id: first?.id, detail: 'second', resolvedAt: null })
    expect(Date.parse(updated?.lastSeenAt ?? '')).toBeGreaterThan(Date.now() - 30_000)
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

  it('stays in the open list after it is resolved until it is acknowledged', async () => {
    const problem = { kind: 'DRIFT', about: 'a test' } as const
    await alerts.raise({ ...problem, detail: 'it was there' })
    await alerts.resolve(problem)
    const [alert] = await list('&state=open')
    expect(alert?.resolvedAt).not.toBeNull()
    await call('POST', `/alerts/${alert?.id}/acknowledge`)
    expect(await list('&state=open')).toEqual([])
  })

  it('is created once by concurrent calls', async () => {
    const raised = await Promise.all(
      Array.from({ length: 10 }, () => alerts.raise({ kind: 'FAIL_SAFE', detail: 'Redis is unavailable' })),
    )
    expect(raised.filter(Boolean)).toHaveLength(1)
    expect(await prisma.alert.count()).toBe(1)
  })
})

describe('The NOT_CLOSED condition', () => {
  type Row = [string, (at: Date) => Prisma.ChannelUpdateInput, (at: Date) => Prisma.EventUpdateInput]
  it.each<Row>([
    ['the red alarm', () => ({}), (redAlarmSince) => ({ redAlarmSince })],
    ['the event was paused', () => ({}), (pausedSince) => ({ pausedSince })],
    ['the event was closed', () => ({}), (closedSince) => ({ closedSince })],
    ['the channel was paused', (pausedSince) => ({ pausedSince }), () => ({})],
    ['sales since the outage', (needsSweepSince) => ({ needsSweepSince }), () => ({})],
    ['no tickets to sell', (desiredAt) => ({ desiredMode: 'WAITLIST_ONLY', desiredAt }), () => ({})],
  ])(
    'reports the cause "%s", its age and the last response, and is resolved by the confirmation',
    async (cause, fields, event) => {
      const since = ago(40_000)
      const lastResponse = { lastFailure: 'write: UNKNOWN: 503', lastFailureAt: ago(1_000) }
      const { id, eventId } = await channel({ ...fields(since), ...lastResponse }, event(since))
      await evaluate()
      const [alert, ...others] = await list('&kind=NOT_CLOSED')
      expect(others).toEqual([])
      expect(alert).toMatchObject({ eventId, platform: 'EVENTBRITE', resolvedAt: null })
      expect(alert?.detail).toContain(cause)
      expect(alert?.detail).toMatch(/for [45]\d s/)
      expect(alert?.detail).toContain('write: UNKNOWN: 503')
      await prisma.channel.update({ where: { id }, data: { confirmedMode: 'WAITLIST_ONLY' } })
      await evaluate()
      expect((await list('&kind=NOT_CLOSED'))[0]?.resolvedAt).not.toBeNull()
    },
  )

  it('reports a closed channel that an unconfirmed write may have opened, after 30 s', async () => {
    const { id } = await channel(
      { confirmedMode: 'WAITLIST_ONLY', unconfirmedMode: 'WAITLIST_ONLY', unconfirmedCap: 40 },
      { redAlarmSince: ago(40_000) },
    )
    const condition = service.app.get(NotClosed)
    const findAfter = (ms: number) => condition.find(new Date(Date.now() + ms))
    expect(await findAfter(0)).toEqual([])
    expect(await findAfter(20_000)).toEqual([])
    expect(await findAfter(31_000)).toMatchObject([{ subject: id, detail: expect.stringContaining('the red alarm') }])
    await prisma.channel.update({ where: { id }, data: { unconfirmedMode: null } })
    expect(await findAfter(32_000)).toEqual([])
  })

  it('reports an open listing in fail-safe mode, even if it was never imported', async () => {
    const { eventId } = await channel({ importedAt: null, confirmedMode: 'UNKNOWN', confirmedCap: null })
    await prisma.systemMode.update({ where: { id: 1 }, data: { mode: 'FAIL_SAFE', since: ago(31_000) } })
    await evaluate()
    expect(await list('&kind=NOT_CLOSED')).toMatchObject([{ eventId, detail: expect.stringContaining('fail-safe') }])
  })

  it('reports nothing within 30 s, nor for an event on sale, an ended event or a detached channel', async () => {
    await channel({}, { redAlarmSince: ago(25_000) })
    await channel()
    const over = { startsAt: ago(60 * 3_600_000), endsAt: ago(49 * 3_600_000) }
    await channel({}, { ...over, redAlarmSince: ago(40_000) })
    await channel({ detachedAt: new Date() }, { closedSince: ago(40_000) })
    await evaluate()
    expect(await list()).toEqual([])
  })

  it('resolves nothing when its evaluation fails, and does not block other conditions', async () => {
    await channel({}, { redAlarmSince: ago(40_000) })
    await evaluate()
    const broken = vi.spyOn(service.app.get(NotClosed), 'find').mockRejectedValue(new Error('a broken condition'))
    await channel({ importedAt: null })
    await evaluate()
    broken.mockRestore()
    expect(await list('&kind=NOT_CLOSED')).toMatchObject([{ resolvedAt: null }])
    expect(await list('&kind=PLATFORM_UNREACHABLE')).toHaveLength(1)
  })
})

describe('Alerts for a listing', () => {
  it('are raised when the platform cancelled it, or ended it before the event is over', async () => {
    const event = { startsAt: ago(4 * 3_600_000), endsAt: ago(3_600_000) }
    await channel({ listingState: 'ENDED' }, event)
    const ended = await channel({ listingState: 'ENDED' })
    const cancelled = await channel({ listingState: 'CANCELLED' }, event)
    await evaluate()
    const alerted = (await list('&kind=DRIFT')).map(({ eventId }) => eventId)
    expect(new Set(alerted)).toEqual(new Set([ended.eventId, cancelled.eventId]))
  })

  it('are raised with the reason when it is not imported within a minute, until it is', async () => {
    const { id } = await channel({ importedAt: null, createdAt: ago(50_000) })
    await evaluate()
    expect(await list()).toEqual([])
    const lastResponse = { lastFailure: 'import: THROTTLED until 2031', lastFailureAt: new Date() }
    await prisma.channel.update({ where: { id }, data: { createdAt: ago(61_000), ...lastResponse } })
    await evaluate()
    const [alert] = await list()
    expect(alert).toMatchObject({ kind: 'PLATFORM_UNREACHABLE', resolvedAt: null })
    expect(alert?.detail).toContain('import: THROTTLED until 2031')
    await prisma.channel.update({ where: { id }, data: { importedAt: new Date() } })
    await evaluate()
    expect((await list())[0]?.resolvedAt).not.toBeNull()
  })

  const scheduledChannel = async (
    sweep: Partial<Prisma.ChannelSweepUncheckedCreateInput>,
    fields: Prisma.ChannelUpdateInput = {},
  ) => {
    const created = await channel(fields)
    const plan = { nextSweepAt: new Date(), pauseMs: 300_000, pollMs: 10_000 }
    await prisma.channelSweep.create({ data: { channelId: created.id, ...plan, ...sweep } })
    return created
  }
  /** As after a restart at this time: reads that were due before it are not overdue. */
  const setFirstCheckedAt = (firstCheckedAt: Date) => Object.assign(service.app.get(ReadsOverdue), { firstCheckedAt })

  it('report stale reads with the reason until one succeeds', async () => {
    setFirstCheckedAt(ago(600_000))
    const failure = { readFailure: 'UNAVAILABLE: 503', readFailedAt: ago(5_000) }
    const { id } = await scheduledChannel({ readRequestedAt: ago(31_000), ...failure }, { lastPullAt: ago(60_000) })
    await evaluate()
    const [alert] = await list('&kind=SYNC_STALE')
    expect(alert?.detail).toMatch(/have not been read for 3\d s \(UNAVAILABLE: 503\)/)
    await prisma.channel.update({ where: { id }, data: { lastPullAt: new Date() } })
    await evaluate()
    expect((await list('&kind=SYNC_STALE'))[0]?.resolvedAt).not.toBeNull()
  })

  it('report no stale reads between two scheduled reads, regardless of the age of the last one', async () => {
    setFirstCheckedAt(ago(86_400_000))
    // Polled every 60 s while it was closed; the interval is now 5 s.
    await scheduledChannel(
      { readRequestedAt: ago(58_000), pollMs: 5_000, nextPollAt: new Date(Date.now() + 2_000) },
      { lastPullAt: ago(57_000) },
    )
    await scheduledChannel({ readRequestedAt: null }, { lastPullAt: ago(3_600_000) })
    await scheduledChannel({ readRequestedAt: ago(29_000), pollMs: 1_000 }, { lastPullAt: ago(60_000) })
    await scheduledChannel({ readRequestedAt: ago(200_000), pollMs: null }, { lastPullAt: ago(300_000) })
    await evaluate()
    expect(await list('&kind=SYNC_STALE')).toEqual([])
  })

  it('report no stale reads after a downtime or in fail-safe mode', async () => {
    await scheduledChannel({ readRequestedAt: ago(3_600_000) }, { lastPullAt: ago(3_700_000) })
    setFirstCheckedAt(new Date())
    await evaluate()
    setFirstCheckedAt(ago(86_400_000))
    await prisma.systemMode.update({ where: { id: 1 }, data: { mode: 'FAIL_SAFE', since: ago(10_000) } })
    await evaluate()
    await prisma.systemMode.update({ where: { id: 1 }, data: { mode: 'NORMAL', since: ago(10_000) } })
    await evaluate()
    expect(await list('&kind=SYNC_STALE')).toEqual([])
    await prisma.systemMode.update({ where: { id: 1 }, data: { since: ago(3_600_000) } })
    await evaluate()
    expect(await list('&kind=SYNC_STALE')).toHaveLength(1)
  })

  it('are raised once per platform for rejected credentials, and per listing for a removed listing', async () => {
    const refused = (readFailure: string) => ({ readFailure, readFailedAt: new Date(), readRequestedAt: new Date() })
    await scheduledChannel(refused('AUTH_FAILED: invalid token'), { lastPullAt: ago(60_000) })
    await scheduledChannel(refused('AUTH_FAILED: invalid token'), { lastPullAt: ago(60_000) })
    const removed = await scheduledChannel(refused('GONE: no such event'), { lastPullAt: ago(60_000) })
    await evaluate()
    const found = await list('&kind=PLATFORM_UNREACHABLE')
    expect(new Set(found.map(({ eventId }) => eventId))).toEqual(new Set([removed.eventId, null]))
    expect(found).toHaveLength(2)
    await prisma.channel.updateMany({ data: { lastPullAt: new Date(Date.now() + 1_000) } })
    await evaluate()
    expect(await list('&kind=PLATFORM_UNREACHABLE&state=resolved')).toHaveLength(2)
  })
})

describe('Webhook alerts', () => {
  it('are raised with the reason when a subscription cannot be registered or a variable is missing', async () => {
    await channel()
    const key = 'webhook-subscription:EVENTBRITE'
    const value = { registered: false, reason: 'the organization refuses', checkedAt: new Date().toISOString() }
    await prisma.storedValue.create({ data: { key, value } })
    await evaluate()
    expect(await list()).toMatchObject([
      {
        kind: 'PLATFORM_UNREACHABLE',
        platform: 'EVENTBRITE',
        detail: expect.stringContaining('the organization refuses'),
      },
    ])
    await prisma.storedValue.update({ where: { key }, data: { value: { ...value, registered: true, reason: null } } })
    await evaluate()
    expect(await list('&state=resolved')).toHaveLength(1)
    const { EVENTBRITE_WEBHOOK_TOKEN: _token, ...without } = ENV
    for (const [env, missing] of [
      [without, 'EVENTBRITE_WEBHOOK_TOKEN'],
      [{ ...ENV, PUBLIC_URL: 'http://127.0.0.1:3000' }, 'PUBLIC_URL'],
    ] as const) {
      await prisma.alert.deleteMany()
      const other = await start(env)
      await other.app.get(ConditionRunner).evaluateAll()
      await other.close()
      expect((await list()).map(({ detail }) => detail).join()).toContain(missing)
    }
  })

  it('are raised when signatures fail to verify, and resolved by the first valid one', async () => {
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
    const expectStored = async (count: number) =>
      expect
        .poll(() => prisma.storedValue.count({ where: { key: 'webhook-signatures:LUMA' } }), { timeout: 15_000 })
        .toBe(count)
    for (let i = 0; i < 3; i++) expect((await send('a changed secret')).status).toBe(401)
    // The first one is stored at once, the others together some seconds later.
    await expectStored(1)
    await expect
      .poll(async () => (await prisma.storedValue.findFirst())?.value, { timeout: 15_000 })
      .toMatchObject({ count: 3 })
    await evaluate()
    expect(await list()).toMatchObject([{ kind: 'PLATFORM_UNREACHABLE', platform: 'LUMA', resolvedAt: null }])
    expect((await send(SECRET)).status).not.toBe(401)
    await expectStored(0)
    await evaluate()
    expect(await list('&state=resolved')).toHaveLength(1)
  })
})

describe('Alerts raised by an operation', () => {
  it('are raised by the third consecutive failure of a loop, and resolved 7 minutes after the last one', async () => {
    const { eventId } = await channel()
    const failures = service.app.get(LoopFailures)
    for (const times of [1, 2]) failures.record('rebalancing', eventId, new TypeError('an internal error'), times)
    failures.record('rebalancing', eventId, Object.assign(new Error('connection lost'), { code: '57P01' }), 9)
    expect(await list()).toEqual([])
    failures.record('rebalancing', eventId, new TypeError('an internal error'), 3)
    await expect
      .poll(() => list())
      .toMatchObject([{ kind: 'DEAD_LETTER', eventId, detail: expect.stringContaining('3 times in a row') }])
    await evaluate()
    expect(await list('&state=resolved')).toEqual([])
    await prisma.alert.updateMany({ data: { lastSeenAt: ago(421_000) } })
    await evaluate()
    expect(await list('&state=resolved')).toMatchObject([{ kind: 'DEAD_LETTER', eventId }])
  })

  it('are resolved when the red alarm, the oversold tickets, the fail-safe mode or the sync error is over', async () => {
    const { id, eventId } = await channel(
      { syncError: 'write: REJECTED', confirmedMode: 'WAITLIST_ONLY' },
      { redAlarmSince: new Date() },
    )
    await prisma.systemMode.update({ where: { id: 1 }, data: { mode: 'FAIL_SAFE', since: new Date() } })
    await addUnits(prisma, eventId, { OVERSOLD: -3, UNALLOCATED: 3 })
    await alerts.raise({ kind: 'RED_ALARM', eventId, detail: 'red' })
    await alerts.raise({ kind: 'OVERSOLD', eventId, platform: 'LUMA', about: 'gst-1', detail: 'over' })
    await alerts.raise({ kind: 'FAIL_SAFE', about: 'redis', detail: 'unavailable' })
    await alerts.raise({ kind: 'DEAD_LETTER', eventId, platform: 'EVENTBRITE', about: 'REJECTED', detail: 'refused' })
    await ageAlerts()
    await evaluate()
    expect(await list('&state=resolved')).toEqual([])
    await prisma.channel.update({ where: { id }, data: { syncError: null } })
    await prisma.event.update({ where: { id: eventId }, data: { redAlarmSince: null } })
    await addUnits(prisma, eventId, { OVERSOLD: 3, UNALLOCATED: -3 })
    await prisma.systemMode.update({ where: { id: 1 }, data: { mode: 'NORMAL', since: ago(10_000) } })
    await evaluate()
    expect((await list('&state=resolved')).map(({ kind }) => kind).toSorted()).toEqual([
      'DEAD_LETTER',
      'FAIL_SAFE',
      'OVERSOLD',
      'RED_ALARM',
    ])
  })

  it('are resolved by a later reconciliation run that leaves nothing uncorrected, and by no other', async () => {
    const { eventId } = await channel()
    await alerts.raise({ kind: 'DRIFT', eventId, platform: 'EVENTBRITE', about: 'reconciliation', detail: 'differs' })
    await ageAlerts()
    const run = (startedAt: Date) =>
      prisma.reconciliationRun.create({
        data: { id: newId('run'), state: 'SUCCEEDED', trigger: 'NIGHTLY', dryRun: false, startedAt },
      })
    await run(ago(120_000))
    const { id: runId } = await run(ago(30_000))
    const item = { id: newId('dft'), runId, eventId, channel: 'EVENTBRITE', kind: 'CAP_DRIFT' } as const
    await prisma.reconciliationItem.create({ data: { ...item, corrected: false, detail: 'a cap' } })
    await evaluate()
    expect((await list())[0]?.resolvedAt).toBeNull()
    await run(ago(10_000))
    await evaluate()
    expect((await list())[0]?.resolvedAt).not.toBeNull()
  })

  it('are resolved when the failed deliveries are replayed, and when the event ends', async () => {
    const row = { platform: 'LUMA', reason: 'x', headers: {}, body: Buffer.from('{}'), receivedAt: new Date() } as const
    const delivery = await prisma.webhookDelivery.create({ data: { ...row, id: newId('dlv'), state: 'FAILED' } })
    const { eventId } = await channel()
    await alerts.raise({ kind: 'DEAD_LETTER', platform: 'LUMA', about: 'delivery', detail: 'failed' })
    await alerts.raise({ kind: 'DRIFT', eventId, about: 'something else', detail: 'differs' })
    await ageAlerts()
    await evaluate()
    expect(await list('&state=resolved')).toEqual([])
    await prisma.webhookDelivery.update({ where: { id: delivery.id }, data: { state: 'REPLAYED' } })
    await prisma.event.update({ where: { id: eventId }, data: { startsAt: ago(60 * 3_600_000) } })
    await evaluate()
    expect(await list('&state=resolved')).toHaveLength(2)
  })
})
