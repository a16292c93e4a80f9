import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { ChannelCounter } from '../../src/fail-safe/channel-count.js'
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

describe('the first cap of listings without one', () => {
  it('is covered like any growth: caps, holds and safety stock never exceed the capacity', async () => {
    const luma = await bench.channel(eventId, 'LUMA', { desiredCap: 135, capUnlimited: true })
    const meetup = await bench.channel(eventId, 'MEETUP', { desiredCap: 135, capUnlimited: true })
    // A hundred tickets find their way to customers, whatever kept them from it.
    await bench.stock.hold(eventId, `hold:${eventId}`, 100)
    for (const channel of [luma, meetup, luma, meetup]) await bench.sync(channel)
    const { LUMA, MEETUP } = bench.listings
    expect((LUMA.cap ?? Infinity) + (MEETUP.cap ?? Infinity) + 100 + 30).toBeLessThanOrEqual(300)
    expect(await bench.exposureOf(luma)).toBe(135)
    expect(await bench.exposureOf(meetup)).toBe(35)
    await bench.stock.expectSound(eventId)
  })
})

describe('what the platform counts', () => {
  it('stays exposure when one of the few sales known here is cancelled, until it counts again', async () => {
    const channel = await covered(60)
    await bench.learn(channel, 'known', 10, 1)
    bench.listings.LUMA.sold = 45
    await bench.want(channel, { desiredCap: 14 })
    await bench.sync(channel)
    expect(await bench.exposureOf(channel)).toBe(45)
    await bench.learn(await bench.row(channel), 'known', 9, 2)
    expect(await bench.exposureOf(channel)).toBe(45)
    expect((await bench.balances(eventId)).UNALLOCATED).toBe(270 - 45)

    bench.listings.LUMA.sold = 9
    await bench.change(channel, { recountAt: past, confirmedAt: past })
    await bench.sync(channel)
    expect(await bench.exposureOf(channel)).toBe(14)
  })

  it('may fill the cap: the listing then reads as closed, and nothing is left to be done', async () => {
    const channel = await covered(15, { confirmedMode: 'WAITLIST_ONLY' })
    await bench.learn(channel, 'all', 15, 1)
    bench.listings.LUMA.sold = 15
    await bench.prisma.event.updateMany({ where: { id: { not: eventId } }, data: { closedSince: new Date() } })
    const counter = new ChannelCounter(bench.prisma)
    expect(await bench.sync(channel)).toMatchObject({ done: true })
    expect(bench.listings.LUMA.calls).toEqual([])
    expect(await counter.count()).toEqual({ open: 0, waitlistOnly: 1, pending: 0 })
    await bench.learn(await bench.row(channel), 'all', 14, 2)
    expect(await counter.count()).toEqual({ open: 0, waitlistOnly: 0, pending: 1 })
  })

  it('is asked for after a smaller cap that was confirmed without a count, which releases nothing before', async () => {
    const channel = await covered(60)
    Object.assign(bench.listings.LUMA, { counts: false, sold: 45 })
    await bench.want(channel, { desiredMode: 'WAITLIST_ONLY' })
    expect(await bench.sync(channel)).toMatchObject({ done: true })
    expect(bench.listings.LUMA.calls).toEqual(['setMode WAITLIST_ONLY 1'])
    // Closed at once, by all that is known; the units wait for the count.
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

  it('is taken from a read of orders that shows it, once it is due', async () => {
    const channel = await covered(60)
    Object.assign(bench.listings.LUMA, { counts: false, sold: 45 })
    await bench.want(channel, { desiredMode: 'WAITLIST_ONLY' })
    await bench.sync(channel)
    const counted = { cap: 1, state: 'LIVE', counted: { sold: 45, pending: 0 } } as const
    bench.listings.LUMA.observed = { ...counted, asOf: new Date() }
    await bench.pull(channel)
    expect(await bench.exposureOf(channel), 'it may be from before the closing').toBe(60)

    await bench.change(channel, { recountAt: past, confirmedAt: past, uncountedSince: past })
    bench.listings.LUMA.observed = { ...counted, asOf: new Date() }
    await bench.pull(channel)
    expect(await bench.exposureOf(channel)).toBe(45)
    expect((await bench.balances(eventId))['ALLOCATED:LUMA']).toBe(45)
    await bench.sync(channel)
    expect(bench.listings.LUMA.calls).not.toContain('read')
  })

  it('is not read again for carts below the cap, and ever less often for those above it', async () => {
    const channel = await covered(100)
    Object.assign(bench.listings.LUMA, { sold: 10, pending: 1 })
    await bench.recheck(channel)
    expect(await bench.row(channel)).toMatchObject({ pendingTickets: 1, recountAt: null })

    Object.assign(bench.listings.LUMA, { sold: 99, pending: 6 })
    await bench.change(channel, { confirmedAt: past })
    await bench.recheck(channel)
    const pauses: number[] = []
    for (let round = 0; round < 6; round++) {
      const { recountAt, confirmedAt } = await bench.row(channel)
      pauses.push(((recountAt?.getTime() ?? 0) - (confirmedAt?.getTime() ?? 0)) / 1_000)
      await bench.change(channel, { recountAt: past, confirmedAt: past })
      await bench.sync(channel)
    }
    expect(pauses).toEqual([20, 40, 80, 160, 300, 300])
  })
})

describe('a sale that is seen before the cancellation that made room for it', () => {
  it('borrows from the safety stock and raises no cap, however much more is wanted', async () => {
    const meetup = await bench.channel(eventId, 'MEETUP', { confirmedCap: 210, desiredCap: 100 })
    bench.listings.MEETUP.cap = 210
    const luma = await covered(60)
    for (const order of ['first', 'second', 'third']) await bench.learn(luma, order, 20, 1)
    await bench.want(luma, { desiredCap: 150 })
    await bench.learn(luma, 'too early', 1, 1)
    expect(await bench.balances(eventId)).toMatchObject({ SAFETY: 29, 'SOLD:LUMA': 61, 'ALLOCATED:MEETUP': 210 })
    bench.listings.LUMA.sold = 60
    await bench.sync(luma)
    expect(bench.listings.LUMA.cap).toBe(60)

    await bench.learn(luma, 'first', 19, 2)
    await bench.writes.follow(eventId)
    expect(await bench.balances(eventId)).toMatchObject({ SAFETY: 30, 'SOLD:LUMA': 60 })
    // The other one lets go, and only that raises it.
    await bench.sync(meetup)
    await bench.sync(luma)
    expect(bench.listings).toMatchObject({ LUMA: { cap: 150 }, MEETUP: { cap: 100 } })
    await bench.stock.expectSound(eventId)
  })
})

describe('a cap that is refused because more is sold meanwhile', () => {
  it('is no dead letter: the count is exposure, and the next write follows at once', async () => {
    const channel = await covered(90)
    await bench.want(channel, { desiredMode: 'WAITLIST_ONLY' })
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

  it('waits for less than a second after several in a row, and counts what it was told', async () => {
    const channel = await covered(90)
    await bench.want(channel, { desiredMode: 'WAITLIST_ONLY' })
    let sold = 40
    bench.listings.LUMA.onWrite = () =>
      Promise.resolve({ kind: 'CAP_BELOW_SOLD', sold: ++sold, pending: 2, reason: 'too small' })
    const result = await bench.sync(channel)
    if (result.done) throw new Error('it cannot be done')
    expect(result.again.getTime() - Date.now()).toBeLessThanOrEqual(1_000)
    expect(await bench.row(channel)).toMatchObject({ platformSold: sold, pendingTickets: 2, unconfirmedCap: null })
  })

  it('finds the cap that is in force where more is sold than the one on record allows', async () => {
    const channel = await covered(30)
    await bench.want(channel, { desiredMode: 'WAITLIST_ONLY' })
    Object.assign(bench.listings.LUMA, { cap: 80, sold: 50 })
    bench.listings.LUMA.onWrite = (cap) =>
      Promise.resolve(cap < 50 ? { kind: 'CAP_BELOW_SOLD', sold: 50, pending: 0, reason: 'too small' } : null)
    await bench.sync(channel)
    expect(bench.listings.LUMA.calls.slice(0, 2)).toEqual(['setMode WAITLIST_ONLY 1 CAP_BELOW_SOLD', 'read'])
    expect(bench.listings.LUMA).toMatchObject({ cap: 50, mode: 'WAITLIST_ONLY' })
  })
})

describe('a platform whose ticket types allow no more', () => {
  it('is asked to raise the cap ever more seldom, and lowered at once', async () => {
    const channel = await covered(20)
    bench.listings.LUMA.most = 30
    await bench.want(channel, { desiredCap: 40 })
    const first = await bench.sync(channel)
    expect(bench.listings.LUMA.calls).toEqual(['writeCap OPEN 40'])
    expect(first).toMatchObject({ done: false, why: 'the platform keeps another cap or mode' })
    expect(await bench.row(channel)).toMatchObject({ confirmedCap: 30 })
    // Whatever asks for it again.
    await bench.sync(channel)
    expect(bench.listings.LUMA.calls).toHaveLength(1)
    await bench.want(channel, { desiredCap: 25 })
    expect(await bench.sync(channel)).toMatchObject({ done: true })
    expect(bench.listings.LUMA.cap).toBe(25)
  })
})

describe('a listing that only reads tell of', () => {
  it('is read before its cap is raised once more', async () => {
    bench.listings.LUMA.hasWebhooks = false
    const channel = await covered(20)
    await bench.want(channel, { desiredCap: 30 })
    await bench.sync(channel)
    await bench.want(channel, { desiredCap: 40 })
    await bench.sync(channel)
    await bench.pull(channel)
    await bench.sync(channel)
    expect(bench.listings.LUMA.cap, 'whom the raise let in may not be shown yet').toBe(30)
    await bench.change(channel, { raisedAt: past })
    await bench.sync(channel)
    expect(bench.listings.LUMA.cap).toBe(40)
  })

  it('is counted by the poll that has to be made in any case, where that shows the count', async () => {
    const channel = await covered(60)
    Object.assign(bench.listings.LUMA, { hasWebhooks: false, counts: false, sold: 45 })
    await bench.want(channel, { desiredCap: 50 })
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

describe('failures that only a person ends', () => {
  it('are tried again ever more seldom, and put off no closing', async () => {
    const channel = await covered(20)
    await bench.want(channel, { desiredCap: 40 })
    const refusal = { kind: 'REJECTED', code: 'VENUE', message: 'the room is too small' } as const
    bench.listings.LUMA.onWrite = (_cap, mode) => Promise.resolve(mode === 'OPEN' ? refusal : null)
    vi.useFakeTimers({ toFake: ['Date'] })
    try {
      const pauses: number[] = []
      for (let round = 0; round < 6; round++) {
        const result = await bench.sync(channel)
        if (result.done) throw new Error('it cannot be done')
        pauses.push((result.again.getTime() - Date.now()) / 1_000)
        // Whoever asks before then causes no call.
        expect(await bench.sync(channel)).toMatchObject({ again: result.again })
        vi.setSystemTime(result.again)
      }
      expect(pauses).toEqual([60, 120, 240, 480, 600, 600])
      expect(bench.listings.LUMA.calls).toHaveLength(6)
    } finally {
      vi.useRealTimers()
    }
    await bench.want(channel, { desiredMode: 'WAITLIST_ONLY' })
    await bench.sync(channel)
    expect(bench.listings.LUMA.mode).toBe('WAITLIST_ONLY')
  })

  it('are over once nothing is left to be written', async () => {
    const channel = await covered(20)
    await bench.want(channel, { desiredCap: 40 })
    bench.listings.LUMA.onWrite = () => Promise.resolve({ kind: 'REJECTED', code: 'VENUE', message: 'too small' })
    await bench.sync(channel)
    expect((await bench.row(channel)).syncError).toContain('write: REJECTED VENUE')
    await bench.want(channel, { desiredCap: 20 })
    await bench.failures.inStep(await bench.row(channel))
    expect((await bench.row(channel)).syncError).toBeNull()
  })

  it('that no platform explains are on record, and an alert once they were tried again and again', async () => {
    const channel = await covered(20)
    bench.listings.LUMA.onWrite = () => Promise.reject(new TypeError('a fault of ours'))
    await bench.want(channel, { desiredCap: 40 })
    await expect(bench.sync(channel)).rejects.toThrow('a fault of ours')
    expect((await bench.row(channel)).lastFailure).toBe('TypeError: a fault of ours')
    await bench.failures.gaveUp(channel.id, new TypeError('a fault of ours'))
    expect((await bench.row(channel)).syncError).toBe('sync: TypeError: a fault of ours')
    expect(await bench.prisma.alert.findMany({ where: { eventId } })).toMatchObject([
      { kind: 'DEAD_LETTER', about: 'EXCEPTION', platform: 'LUMA' },
    ])
    await bench.failures.inStep(await bench.row(channel))
    expect((await bench.row(channel)).syncError).toBeNull()
  })

  it('of a read are kept with the channel for as long as they last', async () => {
    const channel = await covered(20)
    bench.listings.LUMA.onRead = () => ({ kind: 'AUTH_FAILED', message: 'the token was revoked' })
    expect(await bench.pull(channel)).toMatchObject({ kind: 'FAILED' })
    expect((await bench.row(channel)).syncError).toBe('read: AUTH_FAILED: the token was revoked')
    bench.listings.LUMA.onRead = () => null
    expect(await bench.pull(channel)).toMatchObject({ kind: 'DONE' })
    expect((await bench.row(channel)).syncError).toBeNull()
  })
})
