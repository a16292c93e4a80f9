import { describe, expect, it } from 'vitest'
import { LoopFailures } from '../../../src/alerts/loop-failures.js'
import { newId } from '../../../src/infrastructure/ids.js'
import { addUnits } from '../../support/fixtures/balances.js'
import {
  ageAlerts,
  ago,
  alerts,
  call,
  channel,
  evaluate,
  list,
  prisma,
  service,
  token,
  useAlerts,
} from '../../support/fixtures/alerts.js'
import { environmentConnectionId } from '../../../src/domain/connection-record.js'

useAlerts()

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
    const content = { headers: {}, body: Buffer.from('{}'), receivedAt: new Date() }
    const row = { platform: 'LUMA', connectionId: environmentConnectionId('LUMA'), reason: 'x', ...content } as const
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
