import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { AuditService } from '../../../src/accounts/audit.service.js'
import { listingOf } from '../../../src/channels/channel-import.js'
import { channelStateOf } from '../../../src/channels/channel-state.js'
import { safetyLoans } from '../../../src/channels/sync/safety-loans.js'
import { ChannelFence } from '../../../src/channels/sync/write-fence.js'
import type { ApiPlatform } from '../../../src/domain/channel.js'
import { freeFor, hasUncoveredChannel } from '../../../src/domain/caps/follow-exposure.js'
import { nextWrite } from '../../../src/domain/caps/next-write.js'
import type { Channel } from '../../../src/domain/channel-record.js'
import { SystemClock } from '../../../src/infrastructure/time/system-time.js'
import { groupOfOne } from '../../../src/stock/stock-group.js'
import { newId } from '../../../src/infrastructure/ids.js'
import { createHolds } from '../../../src/holds/creation/create-holds.js'
import { openCapBench, type CapBench } from '../../support/fixtures/cap-bench.js'
import { possibleOversell, recordSales, move, withAndWithout } from '../../support/fixtures/guards-off.js'

// They behave as usual until a test switches one of them off.
vi.mock('../../../src/channels/channel-state.js', { spy: true })
vi.mock('../../../src/channels/sync/safety-loans.js', { spy: true })
vi.mock('../../../src/domain/caps/follow-exposure.js', { spy: true })
vi.mock('../../../src/domain/caps/next-write.js', { spy: true })

const actual = {
  ...(await vi.importActual<typeof import('../../../src/channels/channel-state.js')>(
    '../../../src/channels/channel-state.js',
  )),
  ...(await vi.importActual<typeof import('../../../src/channels/sync/safety-loans.js')>(
    '../../../src/channels/sync/safety-loans.js',
  )),
  ...(await vi.importActual<typeof import('../../../src/domain/caps/follow-exposure.js')>(
    '../../../src/domain/caps/follow-exposure.js',
  )),
  ...(await vi.importActual<typeof import('../../../src/domain/caps/next-write.js')>(
    '../../../src/domain/caps/next-write.js',
  )),
}

let bench: CapBench
let eventId: string
const past = new Date(Date.now() - 60_000)

beforeAll(async () => {
  bench = await openCapBench()
}, 60_000)
afterAll(() => bench?.close())
afterEach(() => {
  vi.restoreAllMocks()
  vi.resetAllMocks()
})

const covered = (platform: ApiPlatform, cap: number) => bench.coveredChannel(eventId, platform, cap)
/** An event with capacity 300 and safety stock 30, the given cap on Luma and the smallest one on Meetup. */
async function openEvent(cap: number): Promise<{ luma: Channel; meetup: Channel }> {
  eventId = await bench.stock.openEvent(300, 30)
  return { luma: await covered('LUMA', cap), meetup: await covered('MEETUP', 1) }
}
const makeDue = (channel: Channel, data: object) => bench.prisma.channel.update({ where: { id: channel.id }, data })
async function sync(channel: Channel, desired: Parameters<CapBench['setDesired']>[1]): Promise<void> {
  await bench.setDesired(channel, desired)
  await bench.sync(channel)
}

describe('The fence of a cap write', () => {
  const unfenced = () => void vi.spyOn(ChannelFence.prototype, 'beforeSend').mockResolvedValue(true)

  it.each([
    ['a closing', { desiredMode: 'WAITLIST_ONLY' }, 'WAITLIST_ONLY', 199],
    ['a smaller cap', { desiredCap: 10 }, 'OPEN', 190],
  ] as const)(
    'blocks a raise that a suspended process sends after %s; without it the raise overwrites that',
    async (_, desired, mode, excess) => {
      const lateRaise = async () => {
        const { luma, meetup } = await openEvent(20)
        await bench.setDesired(luma, { desiredCap: 200 })
        const inFlight = await bench.writes.start(eventId, luma.id)
        // Suspended for longer than the settle time, so that this write is no longer awaited.
        await makeDue(luma, { unconfirmedSince: past })
        await sync(luma, desired)
        await sync(meetup, { desiredCap: 300 })
        const fence = new ChannelFence(
          bench.stores.channels,
          bench.stores.failSafe,
          inFlight,
          new AbortController().signal,
          new SystemClock(),
          (cap) => bench.writes.widen(inFlight, cap),
        )
        const { LUMA } = bench.listings
        await LUMA.adapter('LUMA').writeCap(listingOf(inFlight.channel), 200, { lane: 'grow', fence })
        return { possibleOversell: await possibleOversell(bench, eventId), mode: LUMA.mode }
      }
      expect(await withAndWithout(bench, lateRaise, unfenced)).toEqual({
        guarded: { possibleOversell: 0, mode },
        off: { possibleOversell: excess, mode: 'OPEN' },
      })
    },
  )

  it('records when a raise is sent; without that its units are reused while it may still take effect', async () => {
    const lostRaise = async () => {
      const { luma, meetup } = await openEvent(20)
      // It waits for a minute before it is sent, and its response is lost.
      bench.listings.LUMA.onWrite = async () => {
        await makeDue(luma, { unconfirmedSince: past })
        return 'LOST'
      }
      await sync(luma, { desiredCap: 200 })
      bench.listings.LUMA.onWrite = () => Promise.resolve(null)
      await sync(luma, { desiredCap: 10 })
      await sync(meetup, { desiredCap: 300 })
      bench.listings.LUMA.cap = 200
      return possibleOversell(bench, eventId)
    }
    expect(await withAndWithout(bench, lostRaise, unfenced)).toEqual({ guarded: 0, off: 190 })
  })
})

describe('Tickets sold on a platform that are not recorded', () => {
  const forget = (known: object) => () =>
    void vi.mocked(channelStateOf).mockImplementation((...args) => ({ ...actual.channelStateOf(...args), ...known }))

  it('are covered by the platform count; without the count they are sold again elsewhere', async () => {
    const cancelled = async () => {
      const { luma, meetup } = await openEvent(60)
      await bench.recordOrder(luma, 'known', 10, 1)
      bench.listings.LUMA.sold = 45
      await sync(luma, { desiredCap: 14 })
      await bench.recordOrder(luma, 'known', 9, 2)
      await sync(meetup, { desiredCap: 300 })
      return possibleOversell(bench, eventId)
    }
    expect(await withAndWithout(bench, cancelled, forget({ platformSold: undefined }))).toEqual({ guarded: 0, off: 31 })
  })

  it('are bounded by the cap before a closing without a count; without the bound they are sold again', async () => {
    const closed = async () => {
      const { luma, meetup } = await openEvent(60)
      Object.assign(bench.listings.LUMA, { reportsCounts: false, sold: 45 })
      await sync(luma, { desiredMode: 'WAITLIST_ONLY' })
      await sync(meetup, { desiredCap: 300 })
      const before = await possibleOversell(bench, eventId)
      await makeDue(luma, { recountAt: past, confirmedAt: past, uncountedSince: past })
      await bench.sync(luma)
      await bench.sync(meetup)
      return [before, await possibleOversell(bench, eventId)]
    }
    // After the count, the 15 unsold units are available to others.
    expect(await withAndWithout(bench, closed, forget({ uncountedCap: null }))).toEqual({
      guarded: [-15, 0],
      off: [44, 44],
    })
  })
})

describe('A platform that can sell more than its allocation', () => {
  const allowHolds = () =>
    void vi.mocked(hasUncoveredChannel).mockImplementation((balances) => actual.hasUncoveredChannel(balances, []))
  const allowGrowth = () =>
    void vi.mocked(freeFor).mockImplementation((balances, channel) => actual.freeFor(balances, channel, [], 0))

  async function hold(quantity: number): Promise<void> {
    const id = newId('usr')
    const owner = {
      id,
      email: `${id}@example.com`,
      name: 'Jane',
      role: 'CUSTOMER',
      sessionId: '',
      emailVerified: true,
    } as const
    const { sessionId: _, emailVerified: _verified, ...user } = owner
    await bench.prisma.user.create({ data: { ...user, passwordHash: '' } })
    const request = { id: newId('hld'), owner, source: 'DIRECT', quantity, seats: [], ttlSeconds: 60 } as const
    const { auditLog, events, holds, holdSeats: seats } = bench.stores
    const audit = new AuditService(auditLog, new SystemClock())
    await bench.stock.stock.transact(eventId, (tx) =>
      createHolds(groupOfOne(tx), new Map([[eventId, [{ ...request, idempotency: null }]]]), {
        now: new Date(),
        audit,
        events,
        holds,
        seats,
      }),
    )
  }
  const unlimited = { confirmedCap: null, capUnlimited: true }
  const raised = { confirmedCap: 36 }

  it.each([
    ['holds while it has no limit', unlimited, 'hold', allowHolds],
    ['holds while a limit raised there is not covered', raised, 'hold', allowHolds],
    ['a raise of another cap while it has no limit', unlimited, 'raise', allowGrowth],
    ['a raise of another cap while a limit raised there is not covered', raised, 'raise', allowGrowth],
  ] as const)('blocks %s; otherwise 12 tickets are sold twice', async (_, fields, consumer, off) => {
    const sequence = async () => {
      eventId = await bench.stock.openEvent(41, 4)
      const meetup = await covered('MEETUP', 1)
      await move(bench, eventId, 16, 'UNALLOCATED', 'HELD')
      bench.listings.LUMA.cap = fields.confirmedCap
      const luma = await bench.channel(eventId, 'LUMA', { desiredCap: 20, ...fields })
      await bench.writes.follow(eventId)
      await move(bench, eventId, 16, 'HELD', 'UNALLOCATED')
      if (consumer === 'hold') await hold(16)
      else await sync(meetup, { desiredCap: 17 })
      bench.listings.LUMA.sold = 36
      await recordSales(bench, luma, 'order', 36)
      await bench.sync(luma)
      const { OVERSOLD } = await bench.balances(eventId)
      return { possibleOversell: await possibleOversell(bench, eventId), OVERSOLD }
    }
    expect(await withAndWithout(bench, sequence, off)).toEqual({
      guarded: { possibleOversell: 0, OVERSOLD: 0 },
      off: { possibleOversell: 12, OVERSOLD: -12 },
    })
  })

  it('has its first cap limited to the free units; without the limit it sells units on hold', async () => {
    const firstCaps = async () => {
      eventId = await bench.stock.openEvent(300, 30)
      const luma = await bench.channel(eventId, 'LUMA', { desiredCap: 135, capUnlimited: true })
      const meetup = await bench.channel(eventId, 'MEETUP', { desiredCap: 135, capUnlimited: true })
      await move(bench, eventId, 100, 'UNALLOCATED', 'HELD')
      for (const channel of [luma, meetup, luma, meetup]) await bench.sync(channel)
      return possibleOversell(bench, eventId)
    }
    const uncovered: typeof nextWrite = (channel, free) => {
      const write = actual.nextWrite(channel, channel.confirmedCap === null ? Infinity : free)
      return write.kind === 'WRITE' ? { ...write, units: Math.min(write.units, free) } : write
    }
    const off = () => void vi.mocked(nextWrite).mockImplementation(uncovered)
    expect(await withAndWithout(bench, firstCaps, off)).toEqual({ guarded: 0, off: 100 })
  })
})

describe('Units that sales borrowed from the safety stock', () => {
  it('raise no cap; otherwise each sale that is read before its cancellation keeps one of them permanently', async () => {
    const earlySales = async () => {
      eventId = await bench.stock.openEvent(300, 30)
      await covered('MEETUP', 210)
      const luma = await covered('LUMA', 60)
      await bench.setDesired(luma, { desiredCap: 150 })
      const { LUMA } = bench.listings
      for (let round = 1; round <= 5; round++) {
        await recordSales(bench, luma, `fill-${round}`, (LUMA.cap ?? 0) - (await bench.soldOf(eventId, 'LUMA')))
        LUMA.sold = LUMA.cap ?? 0
        await bench.recordOrder(luma, `early-${round}`, 1, 1)
        await bench.sync(luma)
        await bench.recordOrder(luma, 'fill-1-60', 20 - round, 1 + round)
        await bench.writes.follow(eventId)
      }
      return { cap: LUMA.cap, SAFETY: (await bench.balances(eventId)).SAFETY }
    }
    const off = () =>
      void vi
        .mocked(safetyLoans)
        .mockImplementation(async (locked, event, platforms) =>
          platforms === undefined ? actual.safetyLoans(locked, event) : 0,
        )
    expect(await withAndWithout(bench, earlySales, off)).toEqual({
      guarded: { cap: 60, SAFETY: 30 },
      off: { cap: 65, SAFETY: 25 },
    })
  })
})
