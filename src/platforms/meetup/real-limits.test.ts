import { describe, expect, it } from 'vitest'
import { platformBudget } from '../platform-budget.js'
import type { CallContext, Cursor, OrderPage, Outcome } from '../port.js'
import { LocalLimiter } from '../throttle/local-limiter.js'
import type { RateLimiter } from '../throttle/limiter.js'
import { OneBucket } from '../throttle/one-bucket.test-support.js'
import { VirtualTime } from '../throttle/virtual-time.test-support.js'
import { GROW, listingOf, PROTECT, valueOf } from './harness.test-support.js'
import { MeetupAdapter } from './meetup-adapter.js'
import { nextPollMs, pollPoints } from './poll-schedule.js'
import { VirtualMeetup } from './virtual-meetup.test-support.js'

// Meetup as it is: 500 points in 60 s, at the prices that are assumed. The adapter and all that waits for budget are the
// real ones; time is simulated. 450 of the 500 points are used: 150 at once, then 5 a second. What that allows at least, and
// what was reached (with 0.3 s a call):
//
//   first caps, 25 points an event      least      reached
//     6 events, nothing spent before      0.0 s      0.6 s
//     6 events, budget used up           30.0 s     30.3 s
//    20 events, nothing spent before     70.0 s     71.7 s
//    20 events, budget used up          100.0 s    101.7 s
//   closing without Redis, 10 an event, budget used up; a twentieth of the limit may go on top then
//     6 events                            7.0 s      7.3 s
//    20 events                           35.0 s     35.3 s

const BUDGET = platformBudget('MEETUP', 'meetup', { limit: 500, windowSeconds: 60 })
const SUSTAINED_PER_MS = 5 / 1_000
const BURST = 150
/** Jobs that work at once on caps, and on reads; channels that are closed at once. */
const WORKERS = 8

function system(time: VirtualTime, limiter: RateLimiter, events: number, rows = 0) {
  const meetup = new VirtualMeetup(time, BUDGET, limiter)
  const ids = Array.from({ length: events }, (_, n) => String(309_000_000 + n))
  for (const id of ids) meetup.create(id, { maxTickets: null, rows })
  const config = { credentials: { accessToken: 't' }, mostPointsPerCall: 120 }
  const adapter = new MeetupAdapter({ config, http: meetup, now: time.now })
  /** As the service does: a throttled job comes back when it was told to. */
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
      // What was refused halfway is read again from the start: that must not go on for ever.
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
  const adopt = async (id: string) => {
    await retried(() => adapter.readChannel(listingOf(id), PROTECT))
    return readAll(id, PROTECT)
  }
  /** Runs it for each id, so many at once. */
  const forAll = async (work: (id: string) => Promise<void>, atOnce = WORKERS) => {
    const left = [...ids]
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (let id = left.shift(); id !== undefined; id = left.shift()) await work(id)
      }),
    )
  }
  return { meetup, ids, adapter, retried, readAll, adopt, forAll }
}

/** Points that are needed at least, and when the budget has them, ms. */
const minimum = (points: number) => Math.max(0, points - BURST) / SUSTAINED_PER_MS

describe.each([
  { events: 6, within: 60_000 },
  { events: 20, within: 240_000 },
])('$events events created together', ({ events, within }) => {
  it.each([
    ['a budget that nothing was spent of', 0],
    ['one that was just used up', BURST],
  ])('have their first caps in force, %s, while those that have theirs are polled', async (_name, level) => {
    const time = new VirtualTime()
    const { meetup, adapter, retried, adopt, forAll } = system(time, new OneBucket(BUDGET, time.ms, level), events)
    const began = time.ms()
    let inForce = 0
    let running = true
    const pauseMs = nextPollMs(10_000, (events * pollPoints(null)) / 10_000 / (SUSTAINED_PER_MS * 0.5))
    const polls: Promise<void>[] = []
    const poll = async (id: string, from: Cursor) => {
      for (let cursor = from; running;) {
        await time.sleep(pauseMs)
        const last = cursor
        cursor = (await retried(() => adapter.listOrders(listingOf(id), 'changed', last, GROW))).nextCursor
      }
    }
    const done = forAll(async (id) => {
      const { cursor } = await adopt(id)
      await retried(() => adapter.writeCap(listingOf(id), 33, PROTECT))
      inForce = time.ms() - began
      polls.push(poll(id, cursor))
    })
    await time.until(done, within)
    // What the shrinks gave back is counted by a reading each.
    await time.until(
      forAll(async (id) => void (await retried(() => adapter.readChannel(listingOf(id), GROW)))),
      within,
    )
    running = false
    await time.until(Promise.all(polls), 10 * within)
    expect([...meetup.events.values()].every(({ maxTickets }) => maxTickets === 33)).toBe(true)
    expect(meetup.refused).toBe(0)
    // A page of 15 and a mutation of 10 for each event.
    const least = minimum(events * 25 + level)
    expect(inForce).toBeLessThan(Math.max(5_000, 1.3 * least + 3_000))
  })
})

describe.each([
  { events: 6, within: 13_000 },
  { events: 20, within: 43_000 },
])('$events events on sale when Redis is gone', ({ events, within }) => {
  it.each([
    ['nothing sold', 1],
    ['sold in part', 12],
  ])('are all closed by one process, also after a minute of all that the budget allows: %s', async (_name, cap) => {
    const time = new VirtualTime()
    const shared = new OneBucket(BUDGET, time.ms)
    let limiter: RateLimiter = shared
    const either: RateLimiter = {
      acquire: (...call) => limiter.acquire(...call),
      refund: (...call) => limiter.refund(...call),
      block: (...call) => limiter.block(...call),
      observe: (...call) => limiter.observe(...call),
    }
    const { meetup, adapter, retried, forAll } = system(time, either, events, cap === 1 ? 0 : cap)
    let busy = true
    const hammer = forAll(async (id) => {
      while (busy) {
        const read = await adapter.readChannel(listingOf(id), PROTECT)
        if (read.kind === 'THROTTLED') await time.sleep(read.resumeAt.getTime() - time.ms())
      }
    }, events)
    await time.until(time.sleep(120_000), 121_000)
    const clock = { now: time.now }
    const lastLevel = () => ({ level: BURST, ageMs: 0 })
    limiter = new LocalLimiter({ clock, instances: 2, claim: () => 'whole', lastLevel })
    busy = false
    const began = time.ms()
    const closing = forAll(async (id) => {
      const closed = await retried(() => adapter.setMode(listingOf(id), 'WAITLIST_ONLY', cap, PROTECT))
      expect(closed.mode).toBe('WAITLIST_ONLY')
    })
    await time.until(closing, within)
    // One mutation of 10 each, from a full bucket; a twentieth of the limit (25 points) may go at once on top.
    expect(time.ms() - began).toBeLessThan(minimum(events * 10 + BURST - 25) + 1_000)
    for (const { closed, maxTickets } of meetup.events.values()) expect(closed || maxTickets === cap).toBe(true)
    expect(meetup.refused).toBe(0)
    await time.until(
      hammer.catch(() => undefined),
      600_000,
    )
  })
})

describe('large listings', () => {
  it.each([60, 450, 2_000])('of %i RSVPs are taken over, and swept beside twenty that are polled', async (rows) => {
    const time = new VirtualTime()
    const { meetup, ids, adapter, retried, readAll, adopt } = system(time, new OneBucket(BUDGET, time.ms, BURST), 21)
    const [large = '', ...others] = ids
    meetup.create(large, { rows })
    expect((await time.until(adopt(large), 300_000)).rows).toBe(rows)
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
