import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { ChannelCounter } from '../../../src/fail-safe/close/channel-count.js'
import type { Channel } from '../../../src/domain/channel-record.js'
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

describe('The first cap of a listing without a cap', () => {
  it('is covered by units like any growth, so that caps, holds and safety stock never exceed the capacity', async () => {
    const luma = await bench.channel(eventId, 'LUMA', { desiredCap: 135, capUnlimited: true })
    const meetup = await bench.channel(eventId, 'MEETUP', { desiredCap: 135, capUnlimited: true })
    // Held directly in the stock, without the checks of hold creation.
    await bench.stock.hold(eventId, `hold:${eventId}`, 100)
    for (const channel of [luma, meetup, luma, meetup]) await bench.sync(channel)
    const { LUMA, MEETUP } = bench.listings
    expect((LUMA.cap ?? Infinity) + (MEETUP.cap ?? Infinity) + 100 + 30).toBeLessThanOrEqual(300)
    expect(await bench.exposureOf(luma)).toBe(135)
    expect(await bench.exposureOf(meetup)).toBe(35)
    await bench.stock.expectSound(eventId)
  })
})

describe('Sales on loan from the safety stock', () => {
  it('are repaid first by units that growth of their channel cannot use', async () => {
    const known = { confirmedCap: 5, confirmedMode: 'OPEN', desiredCap: 12 } as const
    const channel = await bench.channel(eventId, 'LUMA', known)
    await bench.stock.hold(eventId, `hold:${eventId}`, 270)
    await bench.recordOrder(channel, 'all', 5, 1)
    expect(await bench.balances(eventId)).toMatchObject({ SAFETY: 25, UNALLOCATED: 0 })
    await bench.stock.post(eventId, { quantity: 5, sources: ['HELD'], destination: 'IN_TRANSIT' })
    // Nothing that another channel could wait for has changed: a sync that woke others would be repeated at once.
    expect(await bench.sync(channel)).toEqual({ done: true, eventId: null })
    expect(await bench.balances(eventId)).toMatchObject({ SAFETY: 30, IN_TRANSIT: 0 })
    expect(bench.listings.LUMA.calls).toEqual([])
  })
})

describe('The ticket count of a platform', () => {
  it('remains exposure when one of the few recorded sales is cancelled, until the platform counts again', async () => {
    const channel = await covered(60)
    await bench.recordOrder(channel, 'known', 10, 1)
    bench.listings.LUMA.sold = 45
    await bench.setDesired(channel, { desiredCap: 14 })
    await bench.sync(channel)
    expect(await bench.exposureOf(channel)).toBe(45)
    await bench.recordOrder(await bench.row(channel), 'known', 9, 2)
    expect(await bench.exposureOf(channel)).toBe(45)
    expect((await bench.balances(eventId)).UNALLOCATED).toBe(270 - 45)

    bench.listings.LUMA.sold = 9
    await bench.change(channel, { recountAt: past, confirmedAt: past })
    await bench.sync(channel)
    expect(await bench.exposureOf(channel)).toBe(14)
  })

  it('may equal the cap, so that the listing counts as closed and needs no write', async () => {
    const channel = await covered(15, { confirmedMode: 'WAITLIST_ONLY' })
    await bench.recordOrder(channel, 'all', 15, 1)
    bench.listings.LUMA.sold = 15
    await bench.prisma.event.updateMany({ where: { id: { not: eventId } }, data: { closedSince: new Date() } })
    const counter = new ChannelCounter(bench.stores.events, bench.stores.failSafe, new SystemClock())
    expect(await bench.sync(channel)).toMatchObject({ done: true })
    expect(bench.listings.LUMA.calls).toEqual([])
    expect(await counter.count()).toEqual({ open: 0, waitlistOnly: 1, pending: 0 })
    await bench.recordOrder(await bench.row(channel), 'all', 14, 2)
    expect(await counter.count()).toEqual({ open: 0, waitlistOnly: 0, pending: 1 })
  })

  it('closes a listing again that cancellations have opened, before any of them is read', async () => {
    const channel = await covered(20)
    await bench.recordOrder(channel, 'known', 20, 1)
    bench.listings.LUMA.sold = 20
    await bench.setDesired(channel, { desiredMode: 'WAITLIST_ONLY' })
    await bench.sync(channel)
    Object.assign(bench.listings.LUMA, { sold: 17, mode: 'OPEN' })
    await bench.change(channel, { recountAt: past, confirmedAt: past })
    await bench.sync(channel)
    expect(bench.listings.LUMA.calls).toEqual(['setMode WAITLIST_ONLY 20', 'read', 'setMode WAITLIST_ONLY 17'])
    // The recorded sales remain exposure.
    expect(await bench.exposureOf(channel)).toBe(20)
  })

  it('is read after a smaller cap is confirmed without a count, and no units are released before', async () => {
    const channel = await covered(60)
    Object.assign(bench.listings.LUMA, { reportsCounts: false, sold: 45 })
    await bench.setDesired(channel, { desiredMode: 'WAITLIST_ONLY' })
    expect(await bench.sync(channel)).toMatchObject({ done: true })
    expect(bench.listings.LUMA.calls).toEqual(['setMode WAITLIST_ONLY 1'])
    // Recorded as closed at once; the units are released after the count.
    expect(await bench.row(channel)).toMatchObject({
      confirmedMode: 'WAITLIST_ONLY',
      confirmedCap: 1,
      uncountedCap: 60,
    })
    expect(await bench.exposureOf(channel)).toBe(60)
    expect((await bench.balances(eventId))['ALLOCATED:LUMA']).toBe(60)

    await bench.change(channel, { recountAt: past, confirmedAt: past, uncountedSince: past })
    await bench.sync(channel)
    expect(await bench.exposureOf(channel)).toBe(45)
    expect((await bench.balances(eventId))['ALLOCATED:LUMA']).toBe(45)
  })

  it('is taken from an order read that includes it, once a recount is due', async () => {
    const channel = await covered(60)
    Object.assign(bench.listings.LUMA, { reportsCounts: false, sold: 45 })
    await bench.setDesired(channel, { desiredMode: 'WAITLIST_ONLY' })
    await bench.sync(channel)
    const counted = { cap: 1, state: 'LIVE', counted: { sold: 45, pending: 0 } } as const
    bench.listings.LUMA.observed = { ...counted, asOf: new Date() }
    await bench.pull(channel)
    expect(await bench.exposureOf(channel), 'the count may predate the closing').toBe(60)

    await bench.change(channel, { recountAt: past, confirmedAt: past, uncountedSince: past })
    bench.listings.LUMA.observed = { ...counted, asOf: new Date() }
    await bench.pull(channel)
    expect(await bench.exposureOf(channel)).toBe(45)
    expect((await bench.balances(eventId))['ALLOCATED:LUMA']).toBe(45)
    await bench.sync(channel)
    expect(bench.listings.LUMA.calls).not.toContain('read')
  })

  it('is not read again for pending tickets below the cap, and with growing backoff for those above it', async () => {
    const channel = await covered(100)
    Object.assign(bench.listings.LUMA, { sold: 10, pending: 1 })
    await bench.recheck(channel)
    expect(await bench.row(channel)).toMatchObject({ pendingTickets: 1, recountAt: null })

    Object.assign(bench.listings.LUMA, { sold: 99, pending: 6 })
    await bench.change(channel, { confirmedAt: past })
    await bench.recheck(channel)
    const delays: number[] = []
    for (let round = 0; round < 6; round++) {
      const { recountAt, confirmedAt } = await bench.row(channel)
      delays.push(((recountAt?.getTime() ?? 0) - (confirmedAt?.getTime() ?? 0)) / 1_000)
      await bench.change(channel, { recountAt: past, confirmedAt: past })
      await bench.sync(channel)
    }
    expect(delays).toEqual([20, 40, 80, 160, 300, 300])
  })
})

describe('A sale that is read before the cancellation that made room for it', () => {
  it('borrows from the safety stock and raises no cap, regardless of the desired cap', async () => {
    const meetup = await bench.channel(eventId, 'MEETUP', { confirmedCap: 210, desiredCap: 100 })
    bench.listings.MEETUP.cap = 210
    const luma = await covered(60)
    for (const order of ['first', 'second', 'third']) await bench.recordOrder(luma, order, 20, 1)
    await bench.setDesired(luma, { desiredCap: 150 })
    await bench.recordOrder(luma, 'too early', 1, 1)
    expect(await bench.balances(eventId)).toMatchObject({ SAFETY: 29, 'SOLD:LUMA': 61, 'ALLOCATED:MEETUP': 210 })
    bench.listings.LUMA.sold = 60
    await bench.sync(luma)
    expect(bench.listings.LUMA.cap).toBe(60)

    await bench.recordOrder(luma, 'first', 19, 2)
    await bench.writes.follow(eventId)
    expect(await bench.balances(eventId)).toMatchObject({ SAFETY: 30, 'SOLD:LUMA': 60 })
    // Meetup releases units, and only then is Luma's cap raised.
    await bench.sync(meetup)
    await bench.sync(luma)
    expect(bench.listings).toMatchObject({ LUMA: { cap: 150 }, MEETUP: { cap: 100 } })
    await bench.stock.expectSound(eventId)
  })

  it('raises no cap either where it is oversold', async () => {
    await bench.channel(eventId, 'MEETUP', { confirmedCap: 210, desiredCap: 210 })
    const luma = await covered(60)
    for (const order of ['first', 'second', 'third']) await bench.recordOrder(luma, order, 20, 1)
    await bench.setDesired(luma, { desiredCap: 150 })
    for (const order of ['too early', 'as early']) await bench.recordOrder(luma, order, 20, 1)
    expect(await bench.balances(eventId)).toMatchObject({ SAFETY: 0, OVERSOLD: -10, 'SOLD:LUMA': 100 })
    bench.listings.LUMA.sold = 60
    await bench.sync(luma)
    expect(bench.listings.LUMA.cap).toBe(60)
  })
})

describe('A cap write that is rejected with CAP_BELOW_SOLD', () => {
  it('raises no dead letter: the reported count becomes exposure, and the next write follows at once', async () => {
    const channel = await covered(90)
    await bench.setDesired(channel, { desiredMode: 'WAITLIST_ONLY' })
    let sold = 40
    bench.listings.LUMA.onWrite = (cap) => {
      sold += 1
      if (cap >= sold || sold > 43) return Promise.resolve(null)
      return Promise.resolve({ kind: 'CAP_BELOW_SOLD', sold, pending: 0, reason: 'too small' })
    }
    expect(await bench.sync(channel)).toMatchObject({ done: true })
    expect(await bench.row(channel)).toMatchObject({ confirmedMode: 'WAITLIST_ONLY', syncError: null })
    expect(await bench.prisma.alert.count({ where: { eventId } })).toBe(0)
  })

  it('is retried within a second after several in a row, with the reported counts recorded', async () => {
    const channel = await covered(90)
    await bench.setDesired(channel, { desiredMode: 'WAITLIST_ONLY' })
    let sold = 40
    bench.listings.LUMA.onWrite = () =>
      Promise.resolve({ kind: 'CAP_BELOW_SOLD', sold: ++sold, pending: 2, reason: 'too small' })
    const result = await bench.sync(channel)
    if (result.done) throw new Error('the sync is done')
    expect(result.retryAt.getTime() - Date.now()).toBeLessThanOrEqual(1_000)
    expect(await bench.row(channel)).toMatchObject({ platformSold: sold, pendingTickets: 2, unconfirmedCap: null })
  })

  it('triggers a read of the cap in force when more is sold than the recorded cap allows', async () => {
    const channel = await covered(30)
    await bench.setDesired(channel, { desiredMode: 'WAITLIST_ONLY' })
    Object.assign(bench.listings.LUMA, { cap: 80, sold: 50 })
    bench.listings.LUMA.onWrite = (cap) =>
      Promise.resolve(cap < 50 ? { kind: 'CAP_BELOW_SOLD', sold: 50, pending: 0, reason: 'too small' } : null)
    await bench.sync(channel)
    expect(bench.listings.LUMA.calls.slice(0, 2)).toEqual(['setMode WAITLIST_ONLY 1 CAP_BELOW_SOLD', 'read'])
    expect(bench.listings.LUMA).toMatchObject({ cap: 50, mode: 'WAITLIST_ONLY' })
  })
})

describe('A platform whose ticket types limit the cap', () => {
  it('receives raises with growing backoff, and reductions at once', async () => {
    const channel = await covered(20)
    bench.listings.LUMA.maxCap = 30
    await bench.setDesired(channel, { desiredCap: 40 })
    const first = await bench.sync(channel)
    expect(bench.listings.LUMA.calls).toEqual(['writeCap OPEN 40'])
    expect(first).toMatchObject({ done: false, reason: 'the platform confirmed a different cap or mode' })
    expect(await bench.row(channel)).toMatchObject({ confirmedCap: 30 })
    // A sync during the backoff makes no call.
    await bench.sync(channel)
    expect(bench.listings.LUMA.calls).toHaveLength(1)
    await bench.setDesired(channel, { desiredCap: 25 })
    expect(await bench.sync(channel)).toMatchObject({ done: true })
    expect(bench.listings.LUMA.cap).toBe(25)
  })
})

describe('A listing without webhooks', () => {
  it('is read before its cap is raised again', async () => {
    bench.listings.LUMA.hasWebhooks = false
    const channel = await covered(20)
    await bench.setDesired(channel, { desiredCap: 30 })
    await bench.sync(channel)
    await bench.setDesired(channel, { desiredCap: 40 })
    await bench.sync(channel)
    await bench.pull(channel)
    await bench.sync(channel)
    expect(bench.listings.LUMA.cap, 'registrations after the raise may not be visible yet').toBe(30)
    await bench.change(channel, { raisedAt: past })
    await bench.sync(channel)
    expect(bench.listings.LUMA.cap).toBe(40)
  })

  it('is counted by its regular poll, if the poll includes the count', async () => {
    const channel = await covered(60)
    Object.assign(bench.listings.LUMA, { hasWebhooks: false, reportsCounts: false, sold: 45 })
    await bench.setDesired(channel, { desiredCap: 50 })
    await bench.sync(channel)
    expect(await bench.exposureOf(channel)).toBe(60)
    const due = { recountAt: past, confirmedAt: past, uncountedSince: past }
    await bench.change(channel, due)
    bench.listings.LUMA.observed = { cap: 50, state: 'LIVE', counted: { sold: 45, pending: 0 }, asOf: new Date() }
    await bench.sync(channel)
    expect(await bench.exposureOf(channel)).toBe(50)
    expect(bench.listings.LUMA.calls).not.toContain('read')

    await bench.change(channel, { ...due, uncountedCap: 60, lastPullAt: past })
    bench.listings.LUMA.observed = null
    await bench.sync(channel)
    expect(await bench.exposureOf(channel)).toBe(50)
    expect(bench.listings.LUMA.calls).toContain('read')
  })
})

describe('A permanent sync failure', () => {
  it('is retried with growing backoff, and delays no closing', async () => {
    const channel = await covered(20)
    await bench.setDesired(channel, { desiredCap: 40 })
    const rejection = { kind: 'REJECTED', code: 'VENUE', message: 'the room is too small' } as const
    bench.listings.LUMA.onWrite = (_cap, mode) => Promise.resolve(mode === 'OPEN' ? rejection : null)
    vi.useFakeTimers({ toFake: ['Date'] })
    try {
      const delays: number[] = []
      for (let round = 0; round < 6; round++) {
        const result = await bench.sync(channel)
        if (result.done) throw new Error('the sync is done')
        delays.push((result.retryAt.getTime() - Date.now()) / 1_000)
        // A sync before that time makes no call.
        expect(await bench.sync(channel)).toMatchObject({ retryAt: result.retryAt })
        vi.setSystemTime(result.retryAt)
      }
      expect(delays).toEqual([60, 120, 240, 480, 600, 600])
      expect(bench.listings.LUMA.calls).toHaveLength(6)
    } finally {
      vi.useRealTimers()
    }
    await bench.setDesired(channel, { desiredMode: 'WAITLIST_ONLY' })
    await bench.sync(channel)
    expect(bench.listings.LUMA.mode).toBe('WAITLIST_ONLY')
  })

  it('is cleared once no write is needed', async () => {
    const channel = await covered(20)
    await bench.setDesired(channel, { desiredCap: 40 })
    bench.listings.LUMA.onWrite = () => Promise.resolve({ kind: 'REJECTED', code: 'VENUE', message: 'too small' })
    await bench.sync(channel)
    expect((await bench.row(channel)).syncError).toContain('write: REJECTED VENUE')
    await bench.setDesired(channel, { desiredCap: 20 })
    await bench.failures.clearWriteError(await bench.row(channel))
    expect((await bench.row(channel)).syncError).toBeNull()
  })

  it('is recorded on the channel if it is an exception, and raises an alert after the last retry', async () => {
    const channel = await covered(20)
    bench.listings.LUMA.onWrite = () => Promise.reject(new TypeError('an internal error'))
    await bench.setDesired(channel, { desiredCap: 40 })
    await expect(bench.sync(channel)).rejects.toThrow('an internal error')
    expect((await bench.row(channel)).lastFailure).toBe('TypeError: an internal error')
    await bench.failures.recordExhausted(channel.id, new TypeError('an internal error'))
    expect((await bench.row(channel)).syncError).toBe('sync: TypeError: an internal error')
    expect(await bench.prisma.alert.findMany({ where: { eventId } })).toMatchObject([
      { kind: 'DEAD_LETTER', about: 'EXCEPTION', platform: 'LUMA' },
    ])
    await bench.failures.clearWriteError(await bench.row(channel))
    expect((await bench.row(channel)).syncError).toBeNull()
  })

  it('is recorded on the channel if a read causes it, until a read succeeds', async () => {
    const channel = await covered(20)
    bench.listings.LUMA.onRead = () => ({ kind: 'AUTH_FAILED', message: 'the token was revoked' })
    expect(await bench.pull(channel)).toMatchObject({ kind: 'FAILED' })
    expect((await bench.row(channel)).syncError).toBe('read: AUTH_FAILED: the token was revoked')
    bench.listings.LUMA.onRead = () => null
    expect(await bench.pull(channel)).toMatchObject({ kind: 'DONE' })
    expect((await bench.row(channel)).syncError).toBeNull()
  })
})
