import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Lane } from '../../domain/channel.js'
import { Admission } from '../http/admission.js'
import type { PlatformRequest } from '../http/platform-http.js'
import { bucketOf } from './budget.js'
import type { Budget } from './limiter.js'
import { OneBucket } from './one-bucket.test-support.js'
import { VirtualTime } from '../../infrastructure/time/virtual-time.js'

const MEETUP: Budget = { bucket: 'meetup', limit: 500, windowSeconds: 60, reserve: 0.2, burst: 500, largestCall: 10 }

interface Operation {
  name: string
  lane: Lane
  /** Weights of its calls. */
  steps: number[]
  /** When it starts, ms. */
  at: number
  /** Its calls are those of a cap write. */
  writes?: boolean
  /** Each retry requests more rows. */
  grows?: boolean
}

interface Finished {
  name: string
  at: number
  /** Calls made, including those before a restart. */
  calls: number
}

/**
 * Runs operations as the service does: each is a sequence of calls, and restarts when one of them is refused, after the
 * returned wait.
 */
async function run(
  budget: Budget,
  operations: readonly Operation[],
  options: { level?: number; continues?: boolean; ordered?: boolean } = {},
) {
  const { level = 0, continues = true, ordered = true } = options
  const time = new VirtualTime(0)
  const limiter = new OneBucket(budget, time.ms, level, ordered)
  const admission = new Admission({ budget, limiter, now: time.ms, sleep: time.sleep })
  const finished: Finished[] = []
  const perform = async ({ name, lane, steps, at, writes = false, grows = false }: Operation) => {
    await time.sleep(at)
    let calls = 0
    let rows = 10
    for (let step = 0; step < steps.length; step++) {
      const request: PlatformRequest = {
        method: 'POST',
        url: `/${name}/${step}`,
        headers: {},
        json: { rows: grows ? rows++ : rows },
        kind: 'read',
        operation: 'step',
        weight: steps[step] ?? 0,
        lane,
        continues: continues && step > 0,
        waits: continues && step > 0,
        fence: writes ? { beforeSend: () => Promise.resolve(true) } : undefined,
      }
      const permit = await admission.permit(request)
      if (permit.granted) calls += 1
      else {
        await time.sleep(permit.waitMs)
        step = -1
      }
    }
    finished.push({ name, at: time.ms(), calls })
  }
  const total = operations.reduce((sum, { steps, at }) => sum + at + steps.reduce((all, weight) => all + weight, 0), 0)
  const limitMs = 60_000 + (20 * (level + total)) / bucketOf(budget).rate
  await time.until(Promise.all(operations.map(perform)), limitMs)
  return { finished, granted: limiter.granted }
}

const importOf = (n: number): Operation => ({ name: `import-${n}`, lane: 'protect', steps: [14, 15], at: n * 10 })

describe('Operations that share one budget', () => {
  it('finishes all operations that start with a full bucket, and makes each call once', async () => {
    const { finished } = await run(
      MEETUP,
      Array.from({ length: 6 }, (_, n) => importOf(n)),
      { level: 150 },
    )
    expect(finished).toHaveLength(6)
    expect(finished.map(({ calls }) => calls)).toEqual(Array(6).fill(2))
    // 6 × 29 points at 5 a second take 35 s.
    expect(Math.max(...finished.map(({ at }) => at))).toBeLessThan(40_000)
  })

  it('keeps the place of an operation in the queue when a retry requests more rows', async () => {
    const poll = (n: number): Operation => ({ name: `poll-${n}`, lane: 'grow', steps: [10], at: n })
    const polls = Array.from({ length: 8 }, (_, n) => poll(n))
    const lastOf = async (operations: Operation[]) =>
      Math.max(...(await run(MEETUP, operations, { level: 150 })).finished.map(({ at }) => at))
    expect(await lastOf(polls.map((one) => ({ ...one, grows: true })))).toBe(await lastOf(polls))
  })

  it('never finishes if a refused step restarts the operation and there is no wait queue (negative control)', async () => {
    const operations = Array.from({ length: 6 }, (_, n) => importOf(n))
    const endless = run(MEETUP, operations, { level: 150, continues: false, ordered: false })
    await expect(endless).rejects.toThrow('not done after')
  })

  it('finishes a bulk operation of several calls where each leaves no budget for the next to start', async () => {
    const budget: Budget = { bucket: 'eventbrite', limit: 1_000, windowSeconds: 3_600, reserve: 0.09, burst: 150 }
    const page: Operation = { name: 'page', lane: 'bulk', steps: [1, 1, 1], at: 0 }
    const { finished } = await run(budget, [page], { level: 150 })
    expect(finished).toMatchObject([{ name: 'page', calls: 3 }])
    // Negative control: repeated from its first call.
    await expect(run(budget, [page], { level: 150, continues: false })).rejects.toThrow('not done after')
  })

  it('serves bulk while reads of grow use the whole rate, and neither before a closing', async () => {
    const budget: Budget = { bucket: 'eventbrite', limit: 1_000, windowSeconds: 3_600, reserve: 0.09, burst: 150 }
    const reads = Array.from({ length: 900 }, (_, n): Operation => ({
      name: `read-${n}`,
      lane: 'grow',
      steps: [1],
      at: n * 2_000,
    }))
    const page: Operation = { name: 'page', lane: 'bulk', steps: [1, 1, 1], at: 1_000 }
    const closing: Operation = { name: 'closing', lane: 'protect', steps: [1, 1, 1], at: 600_000, writes: true }
    const { finished } = await run(budget, [...reads, page, closing], { level: 150 })
    const doneAt = (operation: string) => finished.find(({ name }) => name === operation)?.at
    // At 5 % of the rate: one call each 96 s, once the level is below the ceiling of reads.
    expect(doneAt('page')).toBeLessThan(600_000)
    expect(doneAt('closing')).toBe(600_000)
  })

  it('finishes all operations under any limit that covers the largest call', { timeout: 60_000 }, async () => {
    const budgets = fc.record({
      bucket: fc.constant('any'),
      limit: fc.integer({ min: 15, max: 600 }),
      windowSeconds: fc.integer({ min: 5, max: 600 }),
      reserve: fc.constant(0.2),
      burst: fc.constant(600),
      largestCall: fc.constant(10),
    })
    const operation = fc.record({
      lane: fc.constantFrom<Lane>('protect', 'grow', 'bulk'),
      steps: fc.array(fc.constantFrom(5, 7, 9, 10), { minLength: 1, maxLength: 5 }),
      at: fc.integer({ min: 0, max: 30_000 }),
    })
    await fc.assert(
      fc.asyncProperty(budgets, fc.array(operation, { minLength: 1, maxLength: 12 }), async (budget, operations) => {
        const named = operations.map((each, index) => ({ ...each, name: String(index) }))
        const { finished } = await run(budget, named, { level: bucketOf(budget).burst })
        expect(finished).toHaveLength(operations.length)
      }),
      { numRuns: 60 },
    )
  })

  it('serves calls in order within a lane, so that light calls do not overtake a heavy one', async () => {
    const heavy: Operation = { name: 'heavy', lane: 'grow', steps: [120], at: 0 }
    const light = Array.from({ length: 40 }, (_, n): Operation => ({
      name: `light-${n}`,
      lane: 'grow',
      steps: [6],
      at: 1 + n * 1_000,
    }))
    const { finished } = await run(MEETUP, [heavy, ...light], { level: 150 })
    expect(finished[0]?.name).toBe('heavy')
    const overtaken = await run(MEETUP, [heavy, ...light], { level: 150, ordered: false })
    expect(overtaken.finished[0]?.name).not.toBe('heavy')
  })

  it('does not delay protect by other lanes', async () => {
    const waiting = Array.from({ length: 20 }, (_, n): Operation => ({
      name: `grow-${n}`,
      lane: 'grow',
      steps: [15],
      at: 0,
    }))
    const closing: Operation = { name: 'closing', lane: 'protect', steps: [10], at: 1_000 }
    const { finished } = await run(MEETUP, [...waiting, closing], { level: 100 })
    expect(finished.find(({ name }) => name === 'closing')?.at).toBe(1_000)
  })

  it('serves a step of an operation in progress before the first steps of others', async () => {
    const inProgress: Operation = { name: 'in progress', lane: 'protect', steps: [10, 10], at: 0 }
    const others = Array.from({ length: 10 }, (_, n): Operation => ({
      name: `other-${n}`,
      lane: 'protect',
      steps: [10],
      at: 1,
    }))
    const { finished } = await run(MEETUP, [inProgress, ...others], { level: 140 })
    expect(finished[0]?.name).toBe('in progress')
  })

  it('does not delay a closing by all later pages of long lists', async () => {
    const list = (n: number): Operation => ({ name: `list-${n}`, lane: 'protect', steps: Array(40).fill(10), at: n })
    const closing: Operation = { name: 'closing', lane: 'protect', steps: [10, 10, 10], at: 20_000, writes: true }
    const { finished } = await run(MEETUP, [list(0), list(1), list(2), closing], { level: 150 })
    expect(finished[0]?.name).toBe('closing')
    // At 5 points a second: behind one page of each list, and then before them.
    expect(finished[0]?.at).toBeLessThan(35_000)
    expect(finished.every(({ name, calls }) => calls === (name === 'closing' ? 3 : 40))).toBe(true)
  })

  it('serves a cap write before the reads of its lane and after protect', async () => {
    const reads = Array.from({ length: 10 }, (_, n): Operation => ({
      name: `read-${n}`,
      lane: 'grow',
      steps: [10],
      at: 0,
    }))
    const closing: Operation = { name: 'closing', lane: 'protect', steps: [10], at: 1_000 }
    const raise: Operation = { name: 'raise', lane: 'grow', steps: [10], at: 1_000, writes: true }
    const orderOf = async (operations: Operation[], level: number) =>
      (await run(MEETUP, operations, { level })).finished.map(({ name }) => name)
    expect((await orderOf([...reads, raise], 140))[0]).toBe('raise')
    expect((await orderOf([...reads, { ...raise, writes: false }], 140)).at(-1)).toBe('raise')
    expect((await orderOf([...reads, raise, closing], 150)).slice(0, 2)).toEqual(['closing', 'raise'])
    // Reads leave a share for it: where they have to wait, it is sent immediately.
    expect((await orderOf([...reads, raise], 100))[0]).toBe('raise')
  })

  it('frees the place of an operation that is abandoned', async () => {
    const time = new VirtualTime(0)
    const limiter = new OneBucket(MEETUP, time.ms, 150)
    const abandoned = await limiter.acquire(MEETUP, 100, 'protect', { waiter: 'abandoned' })
    const next = () => limiter.acquire(MEETUP, 10, 'protect', { waiter: 'next' })
    expect([abandoned, await next()]).toEqual([
      { granted: false, waitMs: 20_000 },
      { granted: false, waitMs: 22_000 },
    ])
    await time.until(time.sleep(25_500), 30_000)
    expect((await next()).granted).toBe(true)
  })
})
