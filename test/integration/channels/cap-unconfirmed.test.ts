import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Channel } from '../../../src/domain/channel-record.js'
import { ChannelFence } from '../../../src/channels/sync/write-fence.js'
import { SystemClock } from '../../../src/infrastructure/time/system-time.js'
import { openCapBench, type CapBench } from '../../support/fixtures/cap-bench.js'

let bench: CapBench
let eventId: string

beforeAll(async () => {
  bench = await openCapBench()
}, 60_000)
afterAll(() => bench?.close())
beforeEach(async () => {
  bench.reset()
  eventId = await bench.stock.openEvent(300, 30)
})

const covered = (cap: number, fields: Partial<Channel> = {}) => bench.coveredChannel(eventId, 'LUMA', cap, fields)
const past = new Date(Date.now() - 60_000)

describe('An unconfirmed write', () => {
  it('is recorded if it closed the listing, so that a resume writes the listing again and opens it', async () => {
    const channel = await covered(90)
    bench.listings.LUMA.onWrite = () => Promise.resolve('LOST')
    await bench.setDesired(channel, { desiredMode: 'WAITLIST_ONLY' })
    expect(await bench.sync(channel)).toMatchObject({ done: false })
    expect(bench.listings.LUMA).toMatchObject({ cap: 1, mode: 'WAITLIST_ONLY' })
    bench.listings.LUMA.onWrite = () => Promise.resolve(null)
    await bench.setDesired(channel, { desiredMode: 'OPEN' })
    await bench.sync(channel)
    expect(bench.listings.LUMA.calls.at(-1)).toBe('setMode OPEN 90')
    expect(bench.listings.LUMA).toMatchObject({ cap: 90, mode: 'OPEN' })

    // It may still take effect, so it stays recorded until a reading after the settle time.
    expect(await bench.row(channel)).toMatchObject({ unconfirmedCap: 1, unconfirmedMode: null, confirmedCap: 90 })
    Object.assign(bench.listings.LUMA, { cap: 1, mode: 'WAITLIST_ONLY' })
    await bench.change(channel, { unconfirmedSince: past, confirmedAt: past })
    await bench.sync(channel)
    expect(bench.listings.LUMA).toMatchObject({ cap: 90, mode: 'OPEN' })
    expect(await bench.row(channel)).toMatchObject({ unconfirmedCap: null, unconfirmedSince: null, confirmedCap: 90 })
  })

  it('remains exposure if it raised the cap, also after a later write is confirmed without a count', async () => {
    const channel = await covered(20)
    bench.listings.LUMA.onWrite = () => Promise.resolve('LOST')
    await bench.setDesired(channel, { desiredCap: 60 })
    await bench.sync(channel)
    Object.assign(bench.listings.LUMA, { reportsCounts: false, sold: 50, onWrite: () => Promise.resolve(null) })
    await bench.change(channel, { unconfirmedSince: new Date(Date.now() - 9_900) })
    await bench.setDesired(channel, { desiredCap: 30 })
    // The settle time ends while the write is in flight.
    bench.listings.LUMA.onWrite = () => new Promise((resolve) => setTimeout(() => resolve(null), 300))
    await bench.sync(channel)
    expect(bench.listings.LUMA.listings.at(-1)?.acknowledgedCap).toBe(60)
    expect(await bench.exposureOf(channel)).toBe(60)
  })
})

describe('A lost write that lowers a cap', () => {
  const lostAt = async (sentCap: number, onSent: (channel: Channel) => Promise<unknown> = () => Promise.resolve()) => {
    const channel = await covered(90)
    const { LUMA } = bench.listings
    Object.assign(LUMA, { sold: 70, settleMs: 5_000, sentCap: () => sentCap, onSent: () => onSent(channel) })
    LUMA.onWrite = () => Promise.resolve('LOST')
    await bench.setDesired(channel, { desiredCap: 75 })
    await bench.sync(channel)
    Object.assign(LUMA, { sentCap: (cap: number) => cap, onSent: () => Promise.resolve() })
    LUMA.onWrite = () => Promise.resolve(null)
    return channel
  }
  const lowerAgain = async (channel: Channel) => {
    await bench.setDesired(channel, { desiredCap: 72 })
    await bench.sync(channel)
    expect(await bench.row(channel)).toMatchObject({ confirmedCap: 72 })
  }

  it('remains exposure with the cap in its request, which sales may have raised, after a lower one is confirmed', async () => {
    const channel = await lostAt(85)
    await lowerAgain(channel)
    expect(await bench.exposureOf(channel)).toBe(85)
  })

  it('remains exposure after a suspension of its process, which held the request until its end', async () => {
    const channel = await lostAt(75, (sent) => bench.change(sent, { unconfirmedSince: past }))
    await lowerAgain(channel)
    expect(await bench.exposureOf(channel)).toBe(75)
  })

  it('remains exposure if a later write was confirmed during the suspension, although the response is lost after it', async () => {
    const channel = await covered(90)
    const { LUMA } = bench.listings
    Object.assign(LUMA, { sold: 70, settleMs: 5_000 })
    // The request was sent 12 s ago; the later write of another process keeps its cap as one that may still land.
    const later = { unconfirmedCap: 90, unconfirmedSince: new Date(Date.now() - 12_000), confirmedCap: 75 }
    LUMA.onSent = () => bench.change(channel, { ...later, writeSeq: { increment: 1 } as never })
    LUMA.onWrite = () => Promise.resolve('LOST')
    await bench.setDesired(channel, { desiredCap: 75 })
    await bench.sync(channel)
    const { unconfirmedCap, unconfirmedSince } = await bench.row(channel)
    expect(unconfirmedCap).toBe(90)
    expect(Date.now() - (unconfirmedSince?.getTime() ?? 0)).toBeLessThan(11_500)
  })
})

describe('An unconfirmed write with a part that no reading shows', () => {
  it('is repeated after the settle time, although the reading shows the desired cap', async () => {
    const channel = await covered(60, { unconfirmedCap: 40, unconfirmedSince: past, confirmedAt: past })
    bench.listings.LUMA.readingOverrides = { hasUnreadLimit: true }
    await bench.sync(channel)
    expect(bench.listings.LUMA.calls).toEqual(['read', 'writeCap OPEN 60'])
    expect(await bench.row(channel)).toMatchObject({ confirmedCap: 60, unconfirmedCap: null, unconfirmedMode: null })
  })
})

describe('A partially applied write', () => {
  const partial = { kind: 'UNKNOWN', reason: 'a later part of the write failed', acknowledged: true } as const
  const partiallyRaised = async (fields: Partial<Channel> = {}) => {
    const channel = await covered(20, fields)
    bench.listings.LUMA.onWrite = () => Promise.resolve(partial)
    await bench.setDesired(channel, { desiredCap: 60 })
    await bench.sync(channel)
    bench.listings.LUMA.onWrite = () => Promise.resolve(null)
    return channel
  }

  it('counts as exposure only until another write is confirmed, because it cannot take effect later', async () => {
    const channel = await partiallyRaised()
    expect(await bench.exposureOf(channel)).toBe(60)
    expect(await bench.row(channel)).toMatchObject({
      unconfirmedCap: 60,
      unconfirmedMode: 'OPEN',
      unconfirmedSince: null,
    })
    await bench.setDesired(channel, { desiredMode: 'WAITLIST_ONLY' })
    expect(await bench.sync(channel)).toMatchObject({ done: true })
    expect(await bench.row(channel)).toMatchObject({ unconfirmedCap: null, confirmedMode: 'WAITLIST_ONLY' })
  })

  it('does not clear an earlier unconfirmed write that may still take effect', async () => {
    const lost = { unconfirmedCap: 50, unconfirmedSince: new Date(), unconfirmedMode: 'OPEN' } as const
    const channel = await partiallyRaised(lost)
    expect(await bench.row(channel)).toMatchObject({ unconfirmedCap: 60, unconfirmedSince: lost.unconfirmedSince })
    await bench.setDesired(channel, { desiredMode: 'WAITLIST_ONLY' })
    await bench.sync(channel)
    expect(await bench.row(channel)).toMatchObject({ unconfirmedCap: 60, confirmedMode: 'WAITLIST_ONLY' })
  })
})

describe('The fence of a cap write', () => {
  const raise = async () => {
    const channel = await covered(20)
    await bench.setDesired(channel, { desiredCap: 40 })
    return { channel, inFlight: await bench.writes.start(eventId, channel.id) }
  }
  const fence = (inFlight: Awaited<ReturnType<CapBench['writes']['start']>>, lockLost = new AbortController().signal) =>
    new ChannelFence(bench.stores.channels, bench.stores.failSafe, inFlight, lockLost, new SystemClock(), (cap) =>
      bench.writes.widen(inFlight, cap),
    )

  it('records the time at which the request is sent', async () => {
    const { channel, inFlight } = await raise()
    await bench.change(channel, { unconfirmedSince: past })
    expect(await fence(inFlight).beforeSend()).toBe(true)
    expect((await bench.row(channel)).unconfirmedSince?.getTime()).toBeGreaterThan(Date.now() - 5_000)
  })

  it('blocks a write that is older than another write or desired state, or whose lock is lost', async () => {
    const { channel, inFlight } = await raise()
    expect(await fence(inFlight, AbortSignal.abort()).beforeSend()).toBe(false)
    const later = await bench.writes.start(eventId, channel.id)
    expect(await fence(inFlight).beforeSend()).toBe(false)
    expect(await fence(later).beforeSend()).toBe(true)
    await bench.setDesired(channel, { desiredMode: 'WAITLIST_ONLY' })
    expect(await fence(later).beforeSend()).toBe(false)
  })

  it('blocks a raise once fail-safe mode is stored', async () => {
    const { inFlight } = await raise()
    await bench.prisma.systemMode.update({ where: { id: 1 }, data: { mode: 'FAIL_SAFE' } })
    try {
      expect(await fence(inFlight).beforeSend()).toBe(false)
    } finally {
      await bench.prisma.systemMode.update({ where: { id: 1 }, data: { mode: 'NORMAL' } })
    }
  })

  it('replaces an outdated write with the new desired state in the same sync', async () => {
    const channel = await covered(20)
    await bench.setDesired(channel, { desiredCap: 40 })
    bench.listings.LUMA.onWrite = async (_cap, mode) => {
      if (mode === 'OPEN') await bench.setDesired(channel, { desiredMode: 'WAITLIST_ONLY' })
      return null
    }
    await bench.sync(channel)
    expect(bench.listings.LUMA.calls).toEqual(['setMode WAITLIST_ONLY 1'])
    expect(await bench.row(channel)).toMatchObject({ confirmedMode: 'WAITLIST_ONLY' })
    expect((await bench.balances(eventId))['ALLOCATED:LUMA']).toBe(1)
  })

  it('prevents a late confirmation from overwriting that of a newer write', async () => {
    const { channel, inFlight } = await raise()
    await bench.setDesired(channel, { desiredCap: 10 })
    const later = await bench.writes.start(eventId, channel.id)
    const state = { mode: 'OPEN', pending: 0, sold: 0, confirmedAt: new Date() } as const
    await bench.writes.confirm(later, { ...state, cap: 10 }, { settleMs: 60_000, sentAt: new Date() })
    await bench.writes.confirm(inFlight, { ...state, cap: 40 }, { settleMs: 60_000, sentAt: new Date() })
    // Which of them took effect last is unknown: both count, and the channel is written again.
    expect(await bench.row(channel)).toMatchObject({ confirmedCap: 10, unconfirmedCap: 40, unconfirmedMode: 'OPEN' })
    expect(await bench.exposureOf(channel)).toBe(40)
    await bench.sync(channel)
    expect(bench.listings.LUMA.cap).toBe(10)
  })
})

describe('A write that another one supersedes', () => {
  const SETTLE_MS = 20_000
  const ago = (ms: number) => new Date(Date.now() - ms)
  const confirmed = (cap: number, confirmedAt = new Date()) =>
    ({ cap, mode: 'OPEN', pending: 0, sold: 0, confirmedAt }) as const
  /** A raise from 20 to 40, sent before the listing is lowered to 10. */
  const superseded = async (sentAt: Date) => {
    const channel = await covered(20)
    await bench.setDesired(channel, { desiredCap: 40 })
    const raise = await bench.writes.start(eventId, channel.id)
    await bench.change(channel, { unconfirmedSince: sentAt })
    await bench.setDesired(channel, { desiredCap: 10 })
    return { channel, raise, lowering: await bench.writes.start(eventId, channel.id) }
  }

  it('is no exposure when its confirmation is recorded after its time to land, by a process that was suspended', async () => {
    const sentAt = ago(SETTLE_MS + 60_000)
    const { channel, raise, lowering } = await superseded(sentAt)
    await bench.writes.confirm(lowering, confirmed(10), { settleMs: SETTLE_MS })
    expect(await bench.exposureOf(channel)).toBe(10)
    const response = confirmed(40, new Date(sentAt.getTime() + 300))
    expect(await bench.writes.confirm(raise, response, { settleMs: SETTLE_MS, sentAt })).toBe(false)
    expect(await bench.row(channel)).toMatchObject({ confirmedCap: 10, unconfirmedCap: null, unconfirmedMode: null })
    expect(await bench.exposureOf(channel)).toBe(10)
  })

  it('is no exposure either when its operation ended later than its response came, with reads or a blocked request', async () => {
    const sentAt = ago(SETTLE_MS + 60_000)
    const { channel, raise, lowering } = await superseded(sentAt)
    await bench.writes.confirm(lowering, confirmed(10), { settleMs: SETTLE_MS })
    const options = { settleMs: SETTLE_MS, sentAt, respondedAt: new Date(sentAt.getTime() + 300) }
    expect(await bench.writes.confirm(raise, confirmed(40), options)).toBe(false)
    expect(await bench.row(channel)).toMatchObject({ confirmedCap: 10, unconfirmedCap: null })
  })

  it('is exposure when its response came after its time to land, or came within it and that is not over', async () => {
    for (const sentAt of [ago(SETTLE_MS + 60_000), ago(1_000)]) {
      const { channel, raise, lowering } = await superseded(sentAt)
      await bench.writes.confirm(lowering, confirmed(10), { settleMs: SETTLE_MS })
      await bench.writes.confirm(raise, confirmed(40), { settleMs: SETTLE_MS, sentAt })
      expect(await bench.row(channel)).toMatchObject({ confirmedCap: 10, unconfirmedCap: 40, unconfirmedMode: 'OPEN' })
    }
  })

  it('remains exposure when its time to land ends while the later one is in flight', async () => {
    const { channel, lowering } = await superseded(ago(SETTLE_MS - 1_500))
    await new Promise((resolve) => setTimeout(resolve, 1_600))
    await bench.writes.confirm(lowering, confirmed(10), { settleMs: SETTLE_MS })
    expect(await bench.row(channel)).toMatchObject({ confirmedCap: 10, unconfirmedCap: 40 })
  })

  it('has its time to land from a request that was sent while the later one was starting', async () => {
    const channel = await covered(20)
    await bench.setDesired(channel, { desiredCap: 40 })
    const raise = await bench.writes.start(eventId, channel.id)
    await bench.change(channel, { unconfirmedSince: ago(SETTLE_MS + 60_000) })
    const { events, channels } = bench.stores
    const read = events.withChannels.bind(events)
    let sent: boolean | null = null
    events.withChannels = async (...args) => {
      const event = await read(...args)
      const { desiredVersion } = await bench.row(channel)
      sent = await channels.stampSent({ channelId: channel.id, seq: raise.seq, desiredVersion }, new Date())
      return event
    }
    const lowering = await bench.writes.start(eventId, channel.id).finally(() => (events.withChannels = read))
    expect(sent).toBe(true)
    await bench.writes.confirm(lowering, confirmed(20), { settleMs: SETTLE_MS })
    expect(await bench.row(channel)).toMatchObject({ confirmedCap: 20, unconfirmedCap: 40 })
  })
})
