import { describe, expect, it, vi } from 'vitest'
import { NotClosed } from '../../../src/alert-conditions/not-closed.js'
import type { Prisma } from '../../../src/generated/prisma/client.js'
import { ago, channel, evaluate, list, prisma, service, useAlerts } from '../../support/fixtures/alerts.js'

useAlerts()

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
