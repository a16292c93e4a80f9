import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Channel } from '../../src/generated/prisma/client.js'
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
const drift = () => bench.prisma.alert.findMany({ where: { eventId, kind: 'DRIFT' } })

describe('a cap changed by hand', () => {
  const seen = (cap: number | 'UNLIMITED' | null) => ({ cap, state: 'LIVE' as const, asOf: new Date() })

  it('is exposure as soon as a poll shows it, raises an alert, and is written back', async () => {
    const channel = await covered(30)
    Object.assign(bench.listings.LUMA, { cap: 80, observed: seen(80) })
    await bench.pull(channel)
    expect(await bench.exposureOf(channel)).toBe(80)
    expect((await bench.balances(eventId))['ALLOCATED:LUMA']).toBe(80)
    expect((await drift())[0]?.detail).toContain('from 30 to 80')
    await bench.sync(channel)
    expect(bench.listings.LUMA.cap).toBe(30)
    expect(await bench.exposureOf(channel)).toBe(30)
  })

  it('a limit that was cleared is unbounded exposure until it is written again', async () => {
    const channel = await covered(30)
    bench.listings.LUMA.observed = seen('UNLIMITED')
    await bench.pull(channel)
    expect(await bench.row(channel)).toMatchObject({ confirmedCap: null, capUnlimited: true })
    await bench.sync(channel)
    expect(await bench.row(channel)).toMatchObject({ confirmedCap: 30, capUnlimited: false })
  })

  it('is not taken for what our own write explains', async () => {
    const channel = await covered(30)
    bench.listings.LUMA.observed = seen(80)
    await bench.change(channel, { confirmedAt: new Date() })
    await bench.pull(channel)
    await bench.change(channel, {
      confirmedAt: past,
      unconfirmedCap: 80,
      unconfirmedSince: new Date(),
      unconfirmedMode: 'OPEN',
    })
    await bench.pull(channel)
    await bench.change(channel, { unconfirmedCap: null, unconfirmedSince: null, unconfirmedMode: null })
    bench.listings.LUMA.observed = seen(null)
    await bench.pull(channel)
    expect(await bench.row(channel)).toMatchObject({ confirmedCap: 30 })
    expect(await drift()).toEqual([])
  })

  it('is found by a look that a notice asked for; a listing that was called off is closed', async () => {
    const channel = await covered(30)
    Object.assign(bench.listings.LUMA, { cap: 55, said: { listingState: 'CANCELLED' } })
    await bench.recheck(channel)
    expect((await drift())[0]?.detail).toContain('from 30 to 55')
    expect(await bench.row(channel)).toMatchObject({ listingState: 'CANCELLED', confirmedMode: 'WAITLIST_ONLY' })
  })
})

describe('a closed listing whose limit is gone', () => {
  const closed = async () => {
    const channel = await covered(1, { desiredCap: 135, desiredMode: 'WAITLIST_ONLY', confirmedMode: 'WAITLIST_ONLY' })
    Object.assign(bench.listings.LUMA, { cap: null, mode: 'WAITLIST_ONLY' })
    return channel
  }

  it.each([
    ['a reading', (channel: Channel) => bench.recheck(channel)],
    [
      'a poll',
      async (channel: Channel) => {
        const seen = { cap: 'UNLIMITED', mode: 'WAITLIST_ONLY', state: 'LIVE', asOf: new Date() } as const
        bench.listings.LUMA.observed = seen
        await bench.pull(channel)
        await bench.sync(channel)
      },
    ],
  ])('sells nothing: %s of it is no change by hand, no exposure and no reason for a write', async (_name, look) => {
    const channel = await closed()
    await look(channel)
    expect(await bench.exposureOf(channel)).toBe(1)
    expect(await drift()).toEqual([])
    expect(bench.listings.LUMA.calls.filter((call) => call !== 'read')).toEqual([])
  })

  it('is opened with a cap, and puts nothing off that protects', async () => {
    const channel = await closed()
    await bench.recheck(channel)
    await bench.want(channel, { desiredMode: 'OPEN' })
    await bench.sync(channel)
    expect(bench.listings.LUMA.calls.at(-1)).toBe('setMode OPEN 135')
    expect(bench.listings.LUMA.writeLanes).toEqual(['grow'])
  })

  it('is unbounded exposure, and told of, once somebody has opened it', async () => {
    const channel = await closed()
    bench.listings.LUMA.mode = 'OPEN'
    await bench.recheck(channel)
    expect((await drift())[0]?.detail).toContain('from 1 to no limit')
    expect(bench.listings.LUMA.writeLanes).toEqual(['protect'])
    expect(bench.listings.LUMA).toMatchObject({ cap: 1, mode: 'WAITLIST_ONLY' })
  })
})

describe('a notice of a change', () => {
  it.each([
    ['long after our last write is followed at once', 30_000, 0, ['grow']],
    ['just after it waits for what the platform shows then', 3_000, 0, []],
    ['that came just after it takes no budget from others', 30_000, 25_000, ['bulk']],
    ['and is not put off for ever by that', 200_000, 195_000, ['grow']],
  ] as const)('%s', async (_name, writtenAgoMs, noticedAgoMs, lanes) => {
    const channel = await covered(30)
    bench.listings.LUMA.cap = 30
    await bench.change(channel, { confirmedAt: new Date(Date.now() - writtenAgoMs) })
    await bench.recheck(channel, new Date(Date.now() - noticedAgoMs))
    expect(bench.listings.LUMA.lanes).toEqual(lanes)
  })
})

describe('numbers from outside', () => {
  it('a cap that limits nothing is no limit, and one that cannot be is not recorded', async () => {
    const channel = await covered(30)
    bench.listings.LUMA.said = { cap: 9_999_999_999 }
    await bench.recheck(channel)
    expect(bench.listings.LUMA.calls).toContain('writeCap OPEN 30')
    bench.listings.LUMA.said = { sold: 4_000_000_000 }
    await bench.change(channel, { confirmedAt: past })
    const result = await bench.recheck(channel)
    expect(result).toMatchObject({ done: false, why: expect.stringContaining('OUT_OF_RANGE') })
  })

  it('are taken over as no limit, with the limits of ticket types as they were found', async () => {
    const channel = await bench.channel(eventId, 'LUMA', { importedAt: null, confirmedMode: 'UNKNOWN' })
    const typeLimits = { vip: 10, ga: 90 }
    bench.listings.LUMA.said = { cap: 2_147_483_648, typeLimits }
    await bench.sync(channel)
    expect(await bench.row(channel)).toMatchObject({ typeLimits, confirmedCap: 135, capUnlimited: false })
    expect(bench.listings.LUMA.listings.at(-1)).toMatchObject({ typeLimits })
    expect((await bench.row(channel)).importedAt).not.toBeNull()
  })
})
