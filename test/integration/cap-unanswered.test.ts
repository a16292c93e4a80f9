import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Channel } from '../../src/generated/prisma/client.js'
import { ChannelFence } from '../../src/channels/write-fence.js'
import { openCaps, type CapBench } from '../support/cap-bench.js'

let bench: CapBench
let eventId: string

beforeAll(async () => {
  bench = await openCaps()
}, 60_000)
afterAll(() => bench?.close())
beforeEach(async () => {
  bench.reset()
  eventId = await bench.stock.openEvent(300, 30)
})

const covered = (cap: number, fields: Partial<Channel> = {}) => bench.covered(eventId, 'LUMA', cap, fields)
const past = new Date(Date.now() - 60_000)

describe('a write without an answer', () => {
  it('leaves a closing on record: after a resume the listing is written again and ends up open', async () => {
    const channel = await covered(90)
    bench.listings.LUMA.onWrite = () => Promise.resolve('LOST')
    await bench.want(channel, { desiredMode: 'WAITLIST_ONLY' })
    expect(await bench.sync(channel)).toMatchObject({ done: false })
    expect(bench.listings.LUMA).toMatchObject({ cap: 1, mode: 'WAITLIST_ONLY' })
    bench.listings.LUMA.onWrite = () => Promise.resolve(null)
    await bench.want(channel, { desiredMode: 'OPEN' })
    await bench.sync(channel)
    expect(bench.listings.LUMA.calls.at(-1)).toBe('setMode OPEN 90')
    expect(bench.listings.LUMA).toMatchObject({ cap: 90, mode: 'OPEN' })

    // It could still land, so that it stays on record until a reading that it cannot follow.
    expect(await bench.row(channel)).toMatchObject({ unconfirmedCap: 1, unconfirmedMode: null, confirmedCap: 90 })
    Object.assign(bench.listings.LUMA, { cap: 1, mode: 'WAITLIST_ONLY' })
    await bench.change(channel, { unconfirmedSince: past, confirmedAt: past })
    await bench.sync(channel)
    expect(bench.listings.LUMA).toMatchObject({ cap: 90, mode: 'OPEN' })
    expect(await bench.row(channel)).toMatchObject({ unconfirmedCap: null, unconfirmedSince: null, confirmedCap: 90 })
  })

  it('lets no later write that nobody counted lower exposure below a raise that may have landed', async () => {
    const channel = await covered(20)
    bench.listings.LUMA.onWrite = () => Promise.resolve('LOST')
    await bench.want(channel, { desiredCap: 60 })
    await bench.sync(channel)
    Object.assign(bench.listings.LUMA, { counts: false, sold: 50, onWrite: () => Promise.resolve(null) })
    await bench.change(channel, { unconfirmedSince: new Date(Date.now() - 9_900) })
    await bench.want(channel, { desiredCap: 30 })
    // The window ends while the write is under way.
    bench.listings.LUMA.onWrite = () => new Promise((resolve) => setTimeout(() => resolve(null), 300))
    await bench.sync(channel)
    expect(bench.listings.LUMA.listings.at(-1)?.acknowledgedCap).toBe(60)
    expect(await bench.exposureOf(channel)).toBe(60)
  })
})

describe('a write that was applied in part', () => {
  const inPart = { kind: 'UNKNOWN', reason: 'a later part of the write failed', answered: true } as const
  const openedInPart = async (fields: Partial<Channel> = {}) => {
    const channel = await covered(20, fields)
    bench.listings.LUMA.onWrite = () => Promise.resolve(inPart)
    await bench.want(channel, { desiredCap: 60 })
    await bench.sync(channel)
    bench.listings.LUMA.onWrite = () => Promise.resolve(null)
    return channel
  }

  it('counts until another one is confirmed, and no longer: nothing of it can land later', async () => {
    const channel = await openedInPart()
    expect(await bench.exposureOf(channel)).toBe(60)
    expect(await bench.row(channel)).toMatchObject({
      unconfirmedCap: 60,
      unconfirmedMode: 'OPEN',
      unconfirmedSince: null,
    })
    await bench.want(channel, { desiredMode: 'WAITLIST_ONLY' })
    expect(await bench.sync(channel)).toMatchObject({ done: true })
    expect(await bench.row(channel)).toMatchObject({ unconfirmedCap: null, confirmedMode: 'WAITLIST_ONLY' })
  })

  it('is no reason to forget another one, sent before it, that may still land', async () => {
    const lost = { unconfirmedCap: 50, unconfirmedSince: new Date(), unconfirmedMode: 'OPEN' } as const
    const channel = await openedInPart(lost)
    expect(await bench.row(channel)).toMatchObject({ unconfirmedCap: 60, unconfirmedSince: lost.unconfirmedSince })
    await bench.want(channel, { desiredMode: 'WAITLIST_ONLY' })
    await bench.sync(channel)
    expect(await bench.row(channel)).toMatchObject({ unconfirmedCap: 60, confirmedMode: 'WAITLIST_ONLY' })
  })
})

describe('the fence of a write', () => {
  const raise = async () => {
    const channel = await covered(20)
    await bench.want(channel, { desiredCap: 40 })
    return { channel, begun: await bench.writes.begin(eventId, channel.id) }
  }
  const fence = (begun: Awaited<ReturnType<CapBench['writes']['begin']>>, lost = new AbortController().signal) =>
    new ChannelFence(bench.prisma, begun, lost)

  it('stamps the instant at which the bytes go out', async () => {
    const { channel, begun } = await raise()
    await bench.change(channel, { unconfirmedSince: past })
    expect(await fence(begun).beforeSend()).toBe(true)
    expect((await bench.row(channel)).unconfirmedSince?.getTime()).toBeGreaterThan(Date.now() - 5_000)
  })

  it('holds back what is older than another write or wish, or lost its lock', async () => {
    const { channel, begun } = await raise()
    expect(await fence(begun, AbortSignal.abort()).beforeSend()).toBe(false)
    const later = await bench.writes.begin(eventId, channel.id)
    expect(await fence(begun).beforeSend()).toBe(false)
    expect(await fence(later).beforeSend()).toBe(true)
    await bench.want(channel, { desiredMode: 'WAITLIST_ONLY' })
    expect(await fence(later).beforeSend()).toBe(false)
  })

  it('opens nothing once fail-safe mode is stored', async () => {
    const { begun } = await raise()
    await bench.prisma.systemMode.update({ where: { id: 1 }, data: { mode: 'FAIL_SAFE' } })
    try {
      expect(await fence(begun).beforeSend()).toBe(false)
    } finally {
      await bench.prisma.systemMode.update({ where: { id: 1 }, data: { mode: 'NORMAL' } })
    }
  })

  it('a wish that changes on the way is written instead, in the same turn', async () => {
    const channel = await covered(20)
    await bench.want(channel, { desiredCap: 40 })
    bench.listings.LUMA.onWrite = async (_cap, mode) => {
      if (mode === 'OPEN') await bench.want(channel, { desiredMode: 'WAITLIST_ONLY' })
      return null
    }
    await bench.sync(channel)
    expect(bench.listings.LUMA.calls).toEqual(['setMode WAITLIST_ONLY 1'])
    expect(await bench.row(channel)).toMatchObject({ confirmedMode: 'WAITLIST_ONLY' })
    expect((await bench.balances(eventId))['ALLOCATED:LUMA']).toBe(1)
  })

  it('a confirmation that a later write has overtaken is not recorded over it', async () => {
    const { channel, begun } = await raise()
    await bench.want(channel, { desiredCap: 10 })
    const later = await bench.writes.begin(eventId, channel.id)
    const state = { mode: 'OPEN', pending: 0, sold: 0, confirmedAt: new Date() } as const
    await bench.writes.confirm(later, { ...state, cap: 10 }, { settleMs: 60_000 })
    await bench.writes.confirm(begun, { ...state, cap: 40 }, { settleMs: 60_000 })
    // Which of them landed last is not known: both count, and the channel is written again.
    expect(await bench.row(channel)).toMatchObject({ confirmedCap: 10, unconfirmedCap: 40, unconfirmedMode: 'OPEN' })
    expect(await bench.exposureOf(channel)).toBe(40)
    await bench.sync(channel)
    expect(bench.listings.LUMA.cap).toBe(10)
  })
})
