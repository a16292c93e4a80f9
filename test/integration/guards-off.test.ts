import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { AuditService } from '../../src/accounts/audit.service.js'
import { listingOf } from '../../src/channels/channel-import.js'
import { channelStateOf } from '../../src/channels/channel-state.js'
import { safetyLoans } from '../../src/channels/safety-loans.js'
import { ChannelFence } from '../../src/channels/write-fence.js'
import type { Platform } from '../../src/domain/channel.js'
import { freeFor, hasUncoveredChannel } from '../../src/domain/follow-exposure.js'
import { nextWrite } from '../../src/domain/next-write.js'
import type { Channel } from '../../src/generated/prisma/client.js'
import { SystemClock } from '../../src/infrastructure/clock.js'
import { newId } from '../../src/infrastructure/ids.js'
import { createHolds } from '../../src/sales/create-holds.js'
import { openCaps, type CapBench } from '../support/cap-bench.js'
import { beyond, learnMany, move, withAndWithout } from '../support/guards-off.js'

// They do what they always do, until a test switches one of them off.
vi.mock('../../src/channels/channel-state.js', { spy: true })
vi.mock('../../src/channels/safety-loans.js', { spy: true })
vi.mock('../../src/domain/follow-exposure.js', { spy: true })
vi.mock('../../src/domain/next-write.js', { spy: true })

const actual = {
  ...(await vi.importActual<typeof import('../../src/channels/channel-state.js')>(
    '../../src/channels/channel-state.js',
  )),
  ...(await vi.importActual<typeof import('../../src/channels/safety-loans.js')>('../../src/channels/safety-loans.js')),
  ...(await vi.importActual<typeof import('../../src/domain/follow-exposure.js')>(
    '../../src/domain/follow-exposure.js',
  )),
  ...(await vi.importActual<typeof import('../../src/domain/next-write.js')>('../../src/domain/next-write.js')),
}

let bench: CapBench
let eventId: string
const past = new Date(Date.now() - 60_000)

beforeAll(async () => {
  bench = await openCaps()
}, 60_000)
afterAll(() => bench?.close())
afterEach(() => {
  vi.restoreAllMocks()
  vi.resetAllMocks()
})

const covered = (platform: Platform, cap: number) => bench.covered(eventId, platform, cap)
/** An event of 300, 30 of them safety stock, with a cap of its own on Luma and the least one on Meetup. */
async function evening(cap: number): Promise<{ luma: Channel; meetup: Channel }> {
  eventId = await bench.stock.openEvent(300, 30)
  return { luma: await covered('LUMA', cap), meetup: await covered('MEETUP', 1) }
}
const makeDue = (channel: Channel, data: object) => bench.prisma.channel.update({ where: { id: channel.id }, data })
async function sync(channel: Channel, wanted: Parameters<CapBench['want']>[1]): Promise<void> {
  await bench.want(channel, wanted)
  await bench.sync(channel)
}

describe('the fence of a write', () => {
  const unfenced = () => void vi.spyOn(ChannelFence.prototype, 'beforeSend').mockResolvedValue(true)

  it.each([
    ['a closing', { desiredMode: 'WAITLIST_ONLY' }, 'WAITLIST_ONLY', 199],
    ['a smaller cap', { desiredCap: 10 }, 'OPEN', 190],
  ] as const)(
    'holds back a raise that a stopped process sends after %s; without it that is overwritten',
    async (_, wanted, mode, excess) => {
      const lateRaise = async () => {
        const { luma, meetup } = await evening(20)
        await bench.want(luma, { desiredCap: 200 })
        const begun = await bench.writes.begin(eventId, luma.id)
        // Stopped for longer than a request may take to land, so that nobody waits for this one any more.
        await makeDue(luma, { unconfirmedSince: past })
        await sync(luma, wanted)
        await sync(meetup, { desiredCap: 300 })
        const fence = new ChannelFence(bench.prisma, begun, new AbortController().signal)
        const { LUMA } = bench.listings
        await LUMA.adapter('LUMA').writeCap(listingOf(begun.channel), 200, { lane: 'grow', fence })
        return { beyond: await beyond(bench, eventId), mode: LUMA.mode }
      }
      expect(await withAndWithout(bench, lateRaise, unfenced)).toEqual({
        guarded: { beyond: 0, mode },
        off: { beyond: excess, mode: 'OPEN' },
      })
    },
  )

  it('stamps a raise as it goes out; without that its units are given away while it may still land', async () => {
    const lostRaise = async () => {
      const { luma, meetup } = await evening(20)
      // It waits for a minute before it is sent, and then nobody hears of it.
      bench.listings.LUMA.onWrite = async () => {
        await makeDue(luma, { unconfirmedSince: past })
        return 'LOST'
      }
      await sync(luma, { desiredCap: 200 })
      bench.listings.LUMA.onWrite = () => Promise.resolve(null)
      await sync(luma, { desiredCap: 10 })
      await sync(meetup, { desiredCap: 300 })
      bench.listings.LUMA.cap = 200
      return beyond(bench, eventId)
    }
    expect(await withAndWithout(bench, lostRaise, unfenced)).toEqual({ guarded: 0, off: 190 })
  })
})

describe('what is sold on a platform and not known here', () => {
  const forget = (known: object) => () =>
    void vi.mocked(channelStateOf).mockImplementation((...asked) => ({ ...actual.channelStateOf(...asked), ...known }))

  it('is kept as the platform counts it; without that count its tickets are sold again elsewhere', async () => {
    const cancelled = async () => {
      const { luma, meetup } = await evening(60)
      await bench.learn(luma, 'known', 10, 1)
      bench.listings.LUMA.sold = 45
      await sync(luma, { desiredCap: 14 })
      await bench.learn(luma, 'known', 9, 2)
      await sync(meetup, { desiredCap: 300 })
      return beyond(bench, eventId)
    }
    expect(await withAndWithout(bench, cancelled, forget({ platformSold: undefined }))).toEqual({ guarded: 0, off: 31 })
  })

  it('is bounded by the cap before a closing that counted nothing; without that they are sold again', async () => {
    const closed = async () => {
      const { luma, meetup } = await evening(60)
      Object.assign(bench.listings.LUMA, { counts: false, sold: 45 })
      await sync(luma, { desiredMode: 'WAITLIST_ONLY' })
      await sync(meetup, { desiredCap: 300 })
      const before = await beyond(bench, eventId)
      await makeDue(luma, { recountAt: past, confirmedAt: past, uncountedSince: past })
      await bench.sync(luma)
      await bench.sync(meetup)
      return [before, await beyond(bench, eventId)]
    }
    // Counted, the fifteen that it had not sold are for others.
    expect(await withAndWithout(bench, closed, forget({ uncountedCap: null }))).toEqual({
      guarded: [-15, 0],
      off: [44, 44],
    })
  })
})

describe('while a platform can sell more than is kept for it', () => {
  const holdsGranted = () =>
    void vi.mocked(hasUncoveredChannel).mockImplementation((balances) => actual.hasUncoveredChannel(balances, []))
  const othersGrow = () =>
    void vi.mocked(freeFor).mockImplementation((balances, channel) => actual.freeFor(balances, channel, []))

  async function hold(quantity: number): Promise<void> {
    const id = newId('usr')
    const owner = { id, email: `${id}@example.com`, name: 'Jane', role: 'CUSTOMER', sessionId: '' } as const
    const { sessionId: _, ...user } = owner
    await bench.prisma.user.create({ data: { ...user, passwordHash: '' } })
    const asked = { id: newId('hld'), owner, source: 'DIRECT', quantity, seats: [], ttlSeconds: 60 } as const
    const audit = new AuditService(bench.prisma, new SystemClock())
    await bench.stock.stock.transact(eventId, (tx) =>
      createHolds(tx, eventId, [{ ...asked, repeatable: null }], { now: new Date(), audit }),
    )
  }
  const unlimited = { confirmedCap: null, capUnlimited: true }
  const raised = { confirmedCap: 36 }

  it.each([
    ['is held while there is no limit', unlimited, 'hold', holdsGranted],
    ['is held while a limit raised there is not covered', raised, 'hold', holdsGranted],
    ['raises another cap while there is no limit', unlimited, 'raise', othersGrow],
    ['raises another cap while a limit raised there is not covered', raised, 'raise', othersGrow],
  ] as const)('nothing that it may sell %s; otherwise twelve tickets are sold twice', async (_, fields, taker, off) => {
    const sequence = async () => {
      eventId = await bench.stock.openEvent(41, 4)
      const meetup = await covered('MEETUP', 1)
      await move(bench, eventId, 16, 'UNALLOCATED', 'HELD')
      bench.listings.LUMA.cap = fields.confirmedCap
      const luma = await bench.channel(eventId, 'LUMA', { desiredCap: 20, ...fields })
      await bench.writes.follow(eventId)
      await move(bench, eventId, 16, 'HELD', 'UNALLOCATED')
      if (taker === 'hold') await hold(16)
      else await sync(meetup, { desiredCap: 17 })
      bench.listings.LUMA.sold = 36
      await learnMany(bench, luma, 'order', 36)
      await bench.sync(luma)
      const { OVERSOLD } = await bench.balances(eventId)
      return { beyond: await beyond(bench, eventId), OVERSOLD }
    }
    expect(await withAndWithout(bench, sequence, off)).toEqual({
      guarded: { beyond: 0, OVERSOLD: 0 },
      off: { beyond: 12, OVERSOLD: -12 },
    })
  })

  it('its first cap reaches as far as free units; without that it sells what is held already', async () => {
    const firstCaps = async () => {
      eventId = await bench.stock.openEvent(300, 30)
      const luma = await bench.channel(eventId, 'LUMA', { desiredCap: 135, capUnlimited: true })
      const meetup = await bench.channel(eventId, 'MEETUP', { desiredCap: 135, capUnlimited: true })
      await move(bench, eventId, 100, 'UNALLOCATED', 'HELD')
      for (const channel of [luma, meetup, luma, meetup]) await bench.sync(channel)
      return beyond(bench, eventId)
    }
    const uncovered: typeof nextWrite = (channel, free) => {
      const write = actual.nextWrite(channel, channel.confirmedCap === null ? Infinity : free)
      return write.kind === 'WRITE' ? { ...write, units: Math.min(write.units, free) } : write
    }
    const off = () => void vi.mocked(nextWrite).mockImplementation(uncovered)
    expect(await withAndWithout(bench, firstCaps, off)).toEqual({ guarded: 0, off: 100 })
  })
})

describe('units that the safety stock lent to sales', () => {
  it('raise no cap; otherwise each sale seen before its cancellation takes one of them for good', async () => {
    const earlySales = async () => {
      eventId = await bench.stock.openEvent(300, 30)
      await covered('MEETUP', 210)
      const luma = await covered('LUMA', 60)
      await bench.want(luma, { desiredCap: 150 })
      const { LUMA } = bench.listings
      for (let round = 1; round <= 5; round++) {
        await learnMany(bench, luma, `fill-${round}`, (LUMA.cap ?? 0) - (await bench.soldOf(eventId, 'LUMA')))
        LUMA.sold = LUMA.cap ?? 0
        await bench.learn(luma, `early-${round}`, 1, 1)
        await bench.sync(luma)
        await bench.learn(luma, 'fill-1-60', 20 - round, 1 + round)
        await bench.writes.follow(eventId)
      }
      return { cap: LUMA.cap, SAFETY: (await bench.balances(eventId)).SAFETY }
    }
    const off = () =>
      void vi
        .mocked(safetyLoans)
        .mockImplementation(async (book, event, platforms) =>
          platforms === undefined ? actual.safetyLoans(book, event) : 0,
        )
    expect(await withAndWithout(bench, earlySales, off)).toEqual({
      guarded: { cap: 60, SAFETY: 30 },
      off: { cap: 65, SAFETY: 25 },
    })
  })
})
