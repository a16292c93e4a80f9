import { describe, expect, it } from 'vitest'
import { platformBudget } from '../../throttle/platform-budget.js'
import type { CallContext, Cursor, OrderPage, Outcome } from '../../port.js'
import { LocalLimiter } from '../../throttle/local-limiter.js'
import type { RateLimiter } from '../../throttle/limiter.js'
import { OneBucket } from '../../throttle/one-bucket.test-support.js'
import { VirtualTime } from '../../../infrastructure/time/virtual-time.js'
import { GROW, listingOf, PROTECT, valueOf } from '../harness.test-support.js'
import { MeetupAdapter } from '../meetup-adapter.js'
import { pollIntervalMs } from '../../../domain/orders/sweep-pace.js'
import { pollPoints } from '../poll-schedule.js'
import { VirtualMeetup } from '../virtual-meetup.test-support.js'

// Meetup's real limit: 500 points in 60 s, at the assumed costs. The adapter and the throttle are the real ones; time is
// virtual. 450 of the 500 points are used: a burst of 150, then 5 per second. The theoretical minimum, and the measured
// time (with 0.3 s per call):
//
//   first caps, 25 points per event    minimum    measured
//     6 events, full budget               0.0 s      0.6 s
//     6 events, budget used up           30.0 s     30.3 s
//    20 events, full budget              70.0 s     71.7 s
//    20 events, budget used up          100.0 s    101.7 s
//   closing without Redis, 10 points per event, budget used up; may exceed it by a twentieth of the limit
//     6 events                            7.0 s      7.3 s
//    20 events                           35.0 s     35.3 s

const BUDGET = platformBudget('MEETUP', 'meetup', { limit: 500, windowSeconds: 60 })
const SUSTAINED_PER_MS = 5 / 1_000
const BURST = 150
/** Concurrent cap jobs, read jobs and closings. */
const WORKERS = 8

function system(time: VirtualTime, limiter: RateLimiter, events: number, rows = 0) {
  const meetup = new VirtualMeetup(time, BUDGET, limiter)
  const ids = Array.from({ length: events }, (_, n) => String(309_000_000 + n))
  for (const id of ids) meetup.create(id, { maxTickets: null, rows })
  const config = { credentials: { accessToken: 't' }, maxPointsPerCall: 120 }
  const adapter = new MeetupAdapter({ config, http: meetup, now: time.now })
  /** Like the service: retries a throttled job at its `resumeAt`. */
  const retried = async <T>(call: () => Promise<Outcome<T>>): Promise<T> => {
    for (;;) {
      const outcome = await call()
      if (outcome.kind !== 'THROTTLED') return valueOf(outcome)
      await time.sleep(outcome.resumeAt.getTime() - time.ms())
    }
  }
  const readAll = async (id: string, context: CallContext) => {
    const ids = new Set<string>()
    let cursor: Cursor | null = null
    for (;;) {
      const page: Outcome<OrderPage> = await adapter.listOrders(listingOf(id), 'full', cursor, context)
      // A throttled listing restarts from the beginning; it must still end.
      if (page.kind === 'THROTTLED') {
        cursor = null
        await time.sleep(page.resumeAt.getTime() - time.ms())
        continue
      }
      for (const { orderId } of valueOf(page).snapshots) ids.add(orderId)
      cursor = valueOf(page).nextCursor
      if (valueOf(page).done) return { cursor, rows: ids.size }
    }
  }
  const importListing = async (id: string) => {
    await retried(() => adapter.readChannel(listingOf(id), PROTECT))
    return readAll(id, PROTECT)
  }
  /** Runs `work` for each id, `concurrency` at a time. */
  const forAll = async (work: (id: string) => Promise<void>, concurrency = WORKERS) => {
    const remaining = [...ids]
    await Promise.all(
      Array.from({ length: concurrency }, async () => {
        for (let id = remaining.shift(); id !== undefined; id = remaining.shift()) await work(id)
      }),
    )
  }
  return { meetup, ids, adapter, retried, readAll, importListing, forAll }
}

/** The minimum time in which the budget provides these points, ms. */
const minimumMs = (points: number) => Math.max(0, points - BURST) / SUSTAINED_PER_MS

describe.each([
  { events: 6, within: 60_000 },
  { events: 20, within: 240_000 },
])('MeetupAdapter with $events events created together', ({ events, within }) => {
  it.each([
    ['a full budget', 0],
    ['a used up budget', BURST],
  ])('sets their first caps in time while polling the events already capped, with %s', async (_name, level) => {
    const time = new VirtualTime()
    const { meetup, adapter, retried, importListing, forAll } = system(
      time,
      new OneBucket(BUDGET, time.ms, level),
      events,
    )
    const startedAt = time.ms()
    let lastCapMs = 0
    let running = true
    const pauseMs = pollIntervalMs(10_000, (events * pollPoints(null)) / 10_000 / (SUSTAINED_PER_MS * 0.5))
    const polls: Promise<void>[] = []
    const poll = async (id: string, from: Cursor) => {
      for (let cursor = from; running;) {
        await time.sleep(pauseMs)
        const last = cursor
        cursor = (await retried(() => adapter.listOrders(listingOf(id), 'changed', last, GROW))).nextCursor
      }
    }
    const done = forAll(async (id) => {
      const { cursor } = await importListing(id)
      await retried(() => adapter.writeCap(listingOf(id), 33, PROTECT))
      lastCapMs = time.ms() - startedAt
      polls.push(poll(id, cursor))
    })
    await time.until(done, within)
    // One read per event counts the units freed by its shrink.
    await time.until(
      forAll(async (id) => void (await retried(() => adapter.readChannel(listingOf(id), GROW)))),
      within,
    )
    running = false
    await time.until(Promise.all(polls), 10 * within)
    expect([...meetup.events.values()].every(({ maxTickets }) => maxTickets === 33)).toBe(true)
    expect(meetup.refused).toBe(0)
    // A page of 15 and a mutation of 10 for each event.
    const leastMs = minimumMs(events * 25 + level)
    expect(lastCapMs).toBeLessThan(Math.max(5_000, 1.3 * leastMs + 3_000))
  })
})

describe.each([
  { events: 6, within: 13_000 },
  { events: 20, within: 43_000 },
])('MeetupAdapter with $events events on sale during a Redis outage', ({ events, within }) => {
  it.each([
    ['nothing sold', 1],
    ['partly sold', 12],
  ])('closes all of them from one process, even with a used up budget: %s', async (_name, cap) => {
    const time = new VirtualTime()
    const shared = new OneBucket(BUDGET, time.ms)
    let limiter: RateLimiter = shared
    const switching: RateLimiter = {
      acquire: (...call) => limiter.acquire(...call),
      refund: (...call) => limiter.refund(...call),
      block: (...call) => limiter.block(...call),
      observe: (...call) => limiter.observe(...call),
    }
    const { meetup, adapter, retried, forAll } = system(time, switching, events, cap === 1 ? 0 : cap)
    let busy = true
    const load = forAll(async (id) => {
      while (busy) {
        const read = await adapter.readChannel(listingOf(id), PROTECT)
        if (read.kind === 'THROTTLED') await time.sleep(read.resumeAt.getTime() - time.ms())
      }
    }, events)
    await time.until(time.sleep(120_000), 121_000)
    const clock = { now: time.now, monotonicMs: time.monotonicMs }
    const lastLevel = () => ({ level: BURST, ageMs: 0 })
    limiter = new LocalLimiter({ clock, instances: 2, claim: () => 'whole', lastLevel })
    busy = false
    const startedAt = time.ms()
    const closing = forAll(async (id) => {
      const closed = await retried(() => adapter.setMode(listingOf(id), 'WAITLIST_ONLY', cap, PROTECT))
      expect(closed.mode).toBe('WAITLIST_ONLY')
    })
    await time.until(closing, within)
    // One mutation of 10 points each, with a full bucket; it may be exceeded by a twentieth of the limit (25 points).
    expect(time.ms() - startedAt).toBeLessThan(minimumMs(events * 10 + BURST - 25) + 1_000)
    for (const { closed, maxTickets } of meetup.events.values()) expect(closed || maxTickets === cap).toBe(true)
    expect(meetup.refused).toBe(0)
    await time.until(
      load.catch(() => undefined),
      600_000,
    )
  })
})

describe('MeetupAdapter with a large listing', () => {
  it.each([60, 450, 2_000])('imports and sweeps %i RSVPs while twenty other listings are polled', async (rows) => {
    const time = new VirtualTime()
    const { meetup, ids, adapter, retried, readAll, importListing } = system(
      time,
      new OneBucket(BUDGET, time.ms, BURST),
      21,
    )
    const [large = '', ...others] = ids
    meetup.create(large, { rows })
    expect((await time.until(importListing(large), 300_000)).rows).toBe(rows)
    let running = true
    const polls = others.map(async (id) => {
      let cursor: Cursor | null = null
      while (running) {
        const last: Cursor | null = cursor
        const page: OrderPage = await retried(() => adapter.listOrders(listingOf(id), 'changed', last, GROW))
        cursor = page.nextCursor
        await time.sleep(56_000)
      }
    })
    expect((await time.until(readAll(large, { lane: 'bulk' }), 900_000)).rows).toBe(rows)
    running = false
    await time.until(Promise.all(polls), 120_000)
    expect(meetup.refused).toBe(0)
  })
})
