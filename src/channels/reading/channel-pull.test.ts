import { expect, it } from 'vitest'
import type { Channel } from '../../domain/channel-record.js'
import type { Locks } from '../../infrastructure/locks/locks.js'
import { VirtualTime } from '../../infrastructure/time/virtual-time.js'
import type { OrderIngest } from '../../orders/order-ingest.js'
import { Admission } from '../../platforms/http/admission.js'
import { operationOf, turnOf } from '../../platforms/operation.js'
import type { Platforms } from '../../platforms/platforms.js'
import type { CallContext, Cursor, OrderPage, Outcome } from '../../platforms/port.js'
import { bucketOf } from '../../platforms/throttle/budget.js'
import type { Budget } from '../../platforms/throttle/limiter.js'
import { OneBucket } from '../../platforms/throttle/one-bucket.test-support.js'
import type { ChannelStore } from '../channel-store.js'
import { ChannelPull } from './channel-pull.js'
import type { ListingReadings } from './listing-readings.js'

const PAGES = 6
const BUDGET: Budget = { bucket: 'eventbrite', limit: 1_000, windowSeconds: 3_600, reserve: 0.09, burst: 150 }

/** Listings of several pages, one call each, on a spent budget. `read`: the pages read, in order. */
function spentBudget() {
  const time = new VirtualTime(0)
  const limiter = new OneBucket(BUDGET, time.ms, bucketOf(BUDGET).burst)
  const admission = new Admission({ budget: BUDGET, limiter, now: time.ms, sleep: time.sleep })
  const read: string[] = []
  const listOrders = async (
    { externalEventId }: { externalEventId: string },
    _scope: string,
    cursor: Cursor | null,
    context: CallContext,
  ): Promise<Outcome<OrderPage>> => {
    const page = cursor === null ? 1 : Number(cursor.page)
    const url = `/${externalEventId}/${page}`
    const call = { method: 'GET', url, headers: {}, kind: 'read', operation: 'list', weight: 1 } as const
    const permit = await admission.permit({ ...call, lane: context.lane, ...turnOf(operationOf(context)) })
    if (!permit.granted) return { kind: 'THROTTLED', resumeAt: new Date(time.ms() + permit.waitMs) }
    read.push(url)
    const nextCursor = { page: page + 1 }
    return { kind: 'OK', value: { snapshots: [], nextCursor, done: page === PAGES, platformCount: null } }
  }
  const state = { listingCursor: null, raisedAt: null, recountAt: null, syncError: null }
  const channel = (id: string) => ({ id, platform: 'EVENTBRITE', externalEventId: id, ...state }) as Channel
  const pull = new ChannelPull(
    {
      read: (_transaction: null, id: string) => Promise.resolve(channel(id)),
      update: () => Promise.resolve(),
    } as unknown as ChannelStore,
    { tryWith: (_key: string, work: () => Promise<unknown>) => work() } as unknown as Locks,
    { of: () => ({ listOrders }) } as unknown as Platforms,
    { ingest: () => Promise.resolve([]) } as unknown as OrderIngest,
    {} as ListingReadings,
    { now: () => new Date(time.ms()) } as never,
  )
  /** As the service does it: a throttled read is repeated when it may resume. */
  const untilDone = async (id: string): Promise<void> => {
    for (;;) {
      const result = await pull.pull(channel(id), 'changed', { lane: 'protect' })
      if (result.kind === 'DONE') return
      if (result.kind !== 'FAILED' || result.failure.kind !== 'THROTTLED') throw new Error(result.kind)
      await time.sleep(Math.max(1, result.failure.resumeAt.getTime() - time.ms()))
    }
  }
  return { time, read, untilDone }
}

it('reads each page of a long list once, however small the budget is', async () => {
  const { time, read, untilDone } = spentBudget()
  const listings = ['a', 'b', 'c']
  await time.until(Promise.all(listings.map(untilDone)), 3_600_000)
  expect(read).toHaveLength(listings.length * PAGES)
  expect(new Set(read).size).toBe(read.length)
  // What the limit pays for in that time.
  expect(time.ms()).toBeLessThan((listings.length * PAGES) / bucketOf(BUDGET).rate + 5_000)
})
