import { Logger } from '@nestjs/common'
import { expect, it } from 'vitest'
import type { AlertService } from '../../src/alerts/alert.service.js'
import type { ChannelPull, PullResult } from '../../src/channels/reading/channel-pull.js'
import { OutageSweep } from '../../src/fail-safe/recover/outage-sweep.js'
import { SystemClock, SystemTimers } from '../../src/infrastructure/time/system-time.js'
import type { Platforms } from '../../src/platforms/platforms.js'
import type { SweepSchedule } from '../../src/inbound/polling/sweep-schedule.js'
import { channelRow, describeStores, eventRow } from '../support/fixtures/store-bench.js'

Logger.overrideLogger(false)

const NOW = new Date()
const minutes = (count: number) => new Date(NOW.getTime() + count * 60_000)
const DONE: PullResult = { kind: 'DONE', orders: 0, changed: [] }
const UNAVAILABLE: PullResult = { kind: 'FAILED', failure: { kind: 'UNAVAILABLE', reason: 'no response' } }

describeStores('The sweep after an outage', (bench) => {
  const addEvent = async (change: Parameters<typeof eventRow>[0] = {}) => {
    const event = eventRow({ startsAt: minutes(60), ...change })
    await bench.insert('events', event)
    return event.id
  }
  const addChannel = async (eventId: string, change: Parameters<typeof channelRow>[1] = {}) => {
    const channel = channelRow(eventId, change)
    await bench.insert('channels', channel)
    return channel.id
  }
  const channelOf = async (id: string) => (await bench.rows('channels', { id }))[0]
  /** A sweep whose reads have these results. `read`: the channels read, in order. */
  const sweepWith = (
    pull: (channelId: string) => Promise<PullResult> = async () => DONE,
    onAlert: (alert: unknown) => void = () => undefined,
  ) => {
    const read: string[] = []
    const pulls = {
      pull: ({ id }: { id: string }) => {
        read.push(id)
        return pull(id)
      },
    }
    const sweep = new OutageSweep(
      bench.stores.channels,
      pulls as unknown as ChannelPull,
      { of: () => ({ hasWebhooks: true }) } as unknown as Platforms,
      { scheduleNextSweep: async () => undefined, scheduleNextPoll: async () => undefined } as unknown as SweepSchedule,
      { raise: async (alert: unknown) => onAlert(alert) } as unknown as AlertService,
      new SystemClock(),
      new SystemTimers(),
    )
    return { sweep, read }
  }

  it('reads pending channels, longest waiting first and never read ones before others', async () => {
    const eventId = await addEvent()
    const recent = await addChannel(eventId, { needsSweepSince: minutes(-1) })
    const read = await addChannel(eventId, { needsSweepSince: minutes(-5), lastPullAt: minutes(-9) })
    const readEarlier = await addChannel(eventId, { needsSweepSince: minutes(-5), lastPullAt: minutes(-20) })
    const unread = await addChannel(eventId, { needsSweepSince: minutes(-5) })
    const others = [
      await addChannel(eventId),
      await addChannel(eventId, { needsSweepSince: minutes(-5), detachedAt: NOW }),
      await addChannel(await addEvent({ closedSince: NOW }), { needsSweepSince: minutes(-5) }),
    ]
    const own = [recent, read, readEarlier, unread, ...others]
    const sweeps = sweepWith()
    await sweeps.sweep.sweepPending(10_000)
    expect(sweeps.read.filter((id) => own.includes(id))).toEqual([unread, readEarlier, read, recent])
  })

  it('reads all imported channels, longest not read first', async () => {
    const eventId = await addEvent()
    const read = await addChannel(eventId, { lastPullAt: minutes(-1) })
    const pending = await addChannel(eventId, { lastPullAt: minutes(-2), needsSweepSince: minutes(-5) })
    const unread = await addChannel(eventId)
    const others = [
      await addChannel(eventId, { importedAt: null }),
      await addChannel(eventId, { detachedAt: NOW }),
      await addChannel(await addEvent({ closedSince: NOW })),
    ]
    const own = [read, pending, unread, ...others]
    const sweeps = sweepWith()
    await sweeps.sweep.sweepAll()
    await sweeps.sweep.beforeApplicationShutdown()
    expect(sweeps.read.filter((id) => own.includes(id))).toEqual([unread, pending, read])
  })

  it('records an error, and removes it with the next complete read', async () => {
    const id = await addChannel(await addEvent(), { needsSweepSince: minutes(-5) })
    await sweepWith(async () => UNAVAILABLE).sweep.sweepPending(10_000)
    const syncError = 'sweep: UNAVAILABLE: no response'
    expect(await channelOf(id)).toMatchObject({ syncError, needsSweepSince: minutes(-5) })
    await sweepWith().sweep.sweepPending(10_000)
    expect(await channelOf(id)).toMatchObject({ syncError: null, needsSweepSince: null })
  })

  it('removes an error that was recorded during the read, and leaves other errors', async () => {
    const eventId = await addEvent()
    const pending = { needsSweepSince: minutes(-5) }
    const id = await addChannel(eventId, pending)
    const other = await addChannel(eventId, { ...pending, syncError: 'REJECTED: sold more' })
    const { sweep } = sweepWith(async (channelId) => {
      if (channelId === id) await bench.stores.channels.update(null, id, { syncError: 'sweep: UNAVAILABLE: busy' })
      return DONE
    })
    await sweep.sweepPending(10_000)
    expect(await channelOf(id)).toMatchObject({ syncError: null })
    expect(await channelOf(other)).toMatchObject({ syncError: 'REJECTED: sold more' })
  })

  it('records no error once another process has completed the sweep', async () => {
    const eventId = await addEvent()
    const id = await addChannel(eventId, { needsSweepSince: minutes(-5) })
    const alerts: unknown[] = []
    // As a process that is suspended during its read: the call fails long after another process has read the listing.
    const suspended = sweepWith(
      async (channelId) => {
        if (channelId !== id) return DONE
        await sweepWith().sweep.sweepPending(10_000)
        return UNAVAILABLE
      },
      (alert) => alerts.push(alert),
    )
    await suspended.sweep.sweepPending(10_000)
    expect(await channelOf(id)).toMatchObject({ syncError: null, needsSweepSince: null })
    expect(alerts).toEqual([])
  })

  it('completes the sweep of one outage and not that of a later one', async () => {
    const id = await addChannel(await addEvent(), { needsSweepSince: minutes(-6) })
    const outageDuringRead = sweepWith(async (channelId) => {
      if (channelId === id) await bench.stores.channels.update(null, id, { needsSweepSince: minutes(-5) })
      return DONE
    })
    await outageDuringRead.sweep.sweepPending(10_000)
    expect(await channelOf(id)).toMatchObject({ needsSweepSince: minutes(-5) })
    await sweepWith().sweep.sweepPending(10_000)
    expect(await channelOf(id)).toMatchObject({ needsSweepSince: null })
  })
})
