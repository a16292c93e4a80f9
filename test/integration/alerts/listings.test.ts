import { describe, expect, it } from 'vitest'
import { ReadsOverdue } from '../../../src/alert-conditions/reads-overdue.js'
import type { Prisma } from '../../../src/generated/prisma/client.js'
import { ago, channel, evaluate, list, prisma, service, useAlerts } from '../../support/fixtures/alerts.js'
import { addManualConnection } from '../../support/fixtures/manual-connection.js'

useAlerts()

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

  it('are raised when a person has not set a cap for ten minutes, until it is confirmed; closings have their own', async () => {
    const [connectionId, platform] = [await addManualConnection([service]), 'MANUAL' as const]
    const requested = async (taskSince: Date, event: Prisma.EventUpdateInput = {}) => {
      const { id, eventId } = await channel({ taskCap: 25, taskSince }, event)
      await prisma.channel.update({ where: { id }, data: { platform, connectionId, label: 'Club list' } })
      return { id, eventId }
    }
    await requested(ago(590_000))
    await requested(ago(700_000), { pausedSince: ago(700_000) })
    const { id, eventId } = await requested(ago(601_000))
    await evaluate()
    const alerted = await list('&kind=SYNC_STALE')
    expect(alerted).toMatchObject([{ eventId, platform, resolvedAt: null }])
    expect(alerted[0]?.detail).toMatch(/set Club list to 25, then confirm it here.*requested 10 min ago/)
    await prisma.channel.update({ where: { id }, data: { taskCap: null, taskSince: null } })
    await evaluate()
    expect((await list('&kind=SYNC_STALE'))[0]?.resolvedAt).not.toBeNull()
  })
})
