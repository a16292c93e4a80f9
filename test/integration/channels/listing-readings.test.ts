import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Channel } from '../../../src/domain/channel-record.js'
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
const drift = () => bench.prisma.alert.findMany({ where: { eventId, kind: 'DRIFT' } })

describe('A cap that was changed on the platform', () => {
  const observed = (cap: number | 'UNLIMITED' | null) => ({ cap, state: 'LIVE' as const, asOf: new Date() })

  it('becomes exposure as soon as a poll shows it, raises an alert, and is written back', async () => {
    const channel = await covered(30)
    Object.assign(bench.listings.LUMA, { cap: 80, observed: observed(80) })
    await bench.pull(channel)
    expect(await bench.exposureOf(channel)).toBe(80)
    expect((await bench.balances(eventId))['ALLOCATED:LUMA']).toBe(80)
    expect((await drift())[0]?.detail).toContain('from 30 to 80')
    await bench.sync(channel)
    expect(bench.listings.LUMA.cap).toBe(30)
    expect(await bench.exposureOf(channel)).toBe(30)
  })

  it('becomes unbounded exposure when it was removed, until it is written again', async () => {
    const channel = await covered(30)
    bench.listings.LUMA.observed = observed('UNLIMITED')
    await bench.pull(channel)
    expect(await bench.row(channel)).toMatchObject({ confirmedCap: null, capUnlimited: true })
    await bench.sync(channel)
    expect(await bench.row(channel)).toMatchObject({ confirmedCap: 30, capUnlimited: false })
  })

  it('is not reported when an own write explains it', async () => {
    const channel = await covered(30)
    bench.listings.LUMA.observed = observed(80)
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
    bench.listings.LUMA.observed = observed(null)
    await bench.pull(channel)
    expect(await bench.row(channel)).toMatchObject({ confirmedCap: 30 })
    expect(await drift()).toEqual([])
  })

  it('is found by a recheck, which also records a cancelled listing as closed', async () => {
    const channel = await covered(30)
    Object.assign(bench.listings.LUMA, { cap: 55, readingOverrides: { listingState: 'CANCELLED' } })
    await bench.recheck(channel)
    expect((await drift())[0]?.detail).toContain('from 30 to 55')
    expect(await bench.row(channel)).toMatchObject({ listingState: 'CANCELLED', confirmedMode: 'WAITLIST_ONLY' })
  })
})

describe('A closed listing without a limit', () => {
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
        const observed = { cap: 'UNLIMITED', mode: 'WAITLIST_ONLY', state: 'LIVE', asOf: new Date() } as const
        bench.listings.LUMA.observed = observed
        await bench.pull(channel)
        await bench.sync(channel)
      },
    ],
  ])('causes no drift, no exposure and no write when %s shows it', async (_name, read) => {
    const channel = await closed()
    await read(channel)
    expect(await bench.exposureOf(channel)).toBe(1)
    expect(await drift()).toEqual([])
    expect(bench.listings.LUMA.calls.filter((call) => call !== 'read')).toEqual([])
  })

  it.each(['a reading', 'a poll'] as const)(
    'is written again when %s shows it, if it is sold out, so that nothing else would open it',
    async (by) => {
      const channel = await covered(1, { desiredCap: 1, confirmedMode: 'WAITLIST_ONLY', platformSold: 1 })
      const { LUMA } = bench.listings
      Object.assign(LUMA, { cap: null, sold: 1, mode: 'WAITLIST_ONLY' })
      LUMA.observed = { cap: 'UNLIMITED', mode: 'WAITLIST_ONLY', state: 'LIVE', asOf: new Date() }
      await bench.sync(channel)
      expect(LUMA.calls).toEqual([])
      await (by === 'a poll' ? bench.pull(channel) : bench.recheck(channel))
      expect(await bench.exposureOf(channel)).toBe(1)
      await bench.sync(channel)
      expect(LUMA).toMatchObject({ cap: 1, mode: 'OPEN' })
      expect(await bench.row(channel)).toMatchObject({ confirmedCap: 1, confirmedMode: 'OPEN', unconfirmedCap: null })
      expect(await drift()).toEqual([])
    },
  )

  it('is opened with a cap, in the grow lane', async () => {
    const channel = await closed()
    await bench.recheck(channel)
    await bench.setDesired(channel, { desiredMode: 'OPEN' })
    await bench.sync(channel)
    expect(bench.listings.LUMA.calls.at(-1)).toBe('setMode OPEN 135')
    expect(bench.listings.LUMA.writeLanes).toEqual(['grow'])
  })

  it('becomes unbounded exposure, and is reported, once it was opened on the platform', async () => {
    const channel = await closed()
    bench.listings.LUMA.mode = 'OPEN'
    await bench.recheck(channel)
    expect((await drift())[0]?.detail).toContain('from 1 to no limit')
    expect(bench.listings.LUMA.writeLanes).toEqual(['protect'])
    expect(bench.listings.LUMA).toMatchObject({ cap: 1, mode: 'WAITLIST_ONLY' })
  })
})

describe('A change notification', () => {
  it.each([
    ['triggers a read at once when the last own write is old', 30_000, 0, ['grow']],
    ['triggers no read yet just after an own write', 3_000, 0, []],
    ['triggers a bulk read when it arrived just after an own write', 30_000, 25_000, ['bulk']],
    ['triggers a read in the grow lane when its bulk read was delayed for minutes', 200_000, 195_000, ['grow']],
  ] as const)('%s', async (_name, writtenAgoMs, noticedAgoMs, lanes) => {
    const channel = await covered(30)
    bench.listings.LUMA.cap = 30
    await bench.change(channel, { confirmedAt: new Date(Date.now() - writtenAgoMs) })
    await bench.recheck(channel, new Date(Date.now() - noticedAgoMs))
    expect(bench.listings.LUMA.lanes).toEqual(lanes)
  })
})

describe('Out-of-range numbers of a platform', () => {
  it('are recorded as no limit for a cap, and rejected for a sold count', async () => {
    const channel = await covered(30)
    bench.listings.LUMA.readingOverrides = { cap: 9_999_999_999 }
    await bench.recheck(channel)
    expect(bench.listings.LUMA.calls).toContain('writeCap OPEN 30')
    bench.listings.LUMA.readingOverrides = { sold: 4_000_000_000 }
    await bench.change(channel, { confirmedAt: past })
    const result = await bench.recheck(channel)
    expect(result).toMatchObject({ done: false, reason: expect.stringContaining('OUT_OF_RANGE') })
  })

  it('are imported as no limit, together with the limits of the ticket types', async () => {
    const channel = await bench.channel(eventId, 'LUMA', { importedAt: null, confirmedMode: 'UNKNOWN' })
    const typeLimits = { vip: 10, ga: 90 }
    bench.listings.LUMA.readingOverrides = { cap: 2_147_483_648, typeLimits }
    await bench.sync(channel)
    expect(await bench.row(channel)).toMatchObject({ typeLimits, confirmedCap: 135, capUnlimited: false })
    expect(bench.listings.LUMA.listings.at(-1)).toMatchObject({ typeLimits })
    expect((await bench.row(channel)).importedAt).not.toBeNull()
  })
})
