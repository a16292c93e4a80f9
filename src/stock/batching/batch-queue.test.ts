import { describe, expect, it, vi } from 'vitest'
import { Unavailable } from '../../domain/errors.js'
import { SystemClock } from '../../infrastructure/time/system-time.js'
import { BatchQueue } from './batch-queue.js'

const clock = new SystemClock()
const outage = () => Object.assign(new Error("Can't reach database server"), { code: 'P1001' })
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)
const counts = (results: readonly PromiseSettledResult<unknown>[]) => ({
  done: results.filter(({ status }) => status === 'fulfilled').length,
  failed: results.filter(({ status }) => status === 'rejected').length,
})

describe('BatchQueue', () => {
  it('processes items submitted together as one batch', async () => {
    const sizes: number[] = []
    const queue = new BatchQueue<number, number>(async (_, items) => {
      sizes.push(items.length)
      return items.map((item) => item * 2)
    }, clock)
    expect(await Promise.all(numbers(50).map((item) => queue.submit('a', item)))).toEqual(numbers(50).map((n) => n * 2))
    expect(sizes).toEqual([50])
  })

  it('isolates a failing item by bisection and rejects only that item', async () => {
    let calls = 0
    const queue = new BatchQueue<number, number>(async (_, items) => {
      calls += 1
      if (items.includes(77)) throw new Error('poison')
      return items
    }, clock)
    const results = await Promise.allSettled(numbers(128).map((item) => queue.submit('a', item)))
    expect(counts(results)).toEqual({ done: 127, failed: 1 })
    expect(results[77]?.status).toBe('rejected')
    // Without bisection it would be 129.
    expect(calls).toBeLessThanOrEqual(15)
  })

  it('rejects all queued items at once in an outage', async () => {
    let calls = 0
    const queue = new BatchQueue<number, number>(async () => {
      calls += 1
      throw outage()
    }, clock)
    const results = await Promise.allSettled(numbers(3_000).map((item) => queue.submit('a', item)))
    expect(counts(results)).toEqual({ done: 0, failed: 3_000 })
    expect(calls).toBe(1)
    // Items submitted afterwards are processed again.
    await expect(queue.submit('a', 1)).rejects.toThrow(/database/)
  })

  it('splits a batch that exceeds the transaction timeout', async () => {
    const expired = 'A query cannot be executed on an expired transaction.'
    const queue = new BatchQueue<number, number>(async (_, items) => {
      if (items.length > 20) throw Object.assign(new Error(expired), { code: 'P2028' })
      return items
    }, clock)
    expect(await Promise.all(numbers(100).map((item) => queue.submit('a', item)))).toEqual(numbers(100))
  })

  it('retries a batch after a deadlock', async () => {
    let calls = 0
    const queue = new BatchQueue<number, number>(async (_, items) => {
      calls += 1
      if (calls === 1) throw Object.assign(new Error('deadlock detected'), { code: 'P2034' })
      return items
    }, clock)
    expect(await queue.submit('a', 5)).toBe(5)
  })

  it('rejects items when the queue is full or their deadline has passed', async () => {
    let release: () => void = () => undefined
    const done: number[] = []
    const queue = new BatchQueue<number, number>(
      async (_, items) => {
        await new Promise<void>((resolve) => (release = resolve))
        done.push(...items)
        return items
      },
      clock,
      { batchSize: 1, maxQueued: 2, deadlineMs: 20 },
    )
    const first = queue.submit('a', 1)
    await vi.waitFor(() => expect(release).toBeInstanceOf(Function))
    await new Promise((resolve) => setImmediate(resolve))
    const expired = [queue.submit('a', 2), queue.submit('a', 3)]
    const overflow = queue.submit('a', 4)
    const rejected = Promise.allSettled([...expired, overflow])
    await expect(overflow).rejects.toBeInstanceOf(Unavailable)
    await new Promise((resolve) => setTimeout(resolve, 40))
    release()
    expect(await first).toBe(1)
    expect(counts(await rejected)).toEqual({ done: 0, failed: 3 })
    expect(done).toEqual([1])
  })
})
