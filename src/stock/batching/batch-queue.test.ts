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

describe('BatchQueue, with batches of several keys together', () => {
  const busy = () => Object.assign(new Error('canceling statement due to lock timeout'), { code: '55P03' })
  /** `leaveOut`: keys that are not processed together. */
  function queueOf({ leaveOut = [], fails }: { leaveOut?: string[]; fails?: () => Error }) {
    const calls = { alone: [] as string[], together: [] as string[][] }
    const queue = new BatchQueue<number, string>(
      async (key, items) => {
        calls.alone.push(key)
        return items.map((item) => `${key}${item} alone`)
      },
      clock,
      {},
      async (batches) => {
        calls.together.push([...batches.keys()])
        if (fails) throw fails()
        const done = [...batches].filter(([key]) => !leaveOut.includes(key))
        return new Map(done.map(([key, items]) => [key, items.map((item) => `${key}${item}`)]))
      },
    )
    return { queue, calls }
  }

  it('processes what is submitted for several keys at once', async () => {
    const { queue, calls } = queueOf({})
    const keys = ['a', 'b', 'a']
    expect(await Promise.all(keys.map((key, index) => queue.submit(key, index)))).toEqual(['a0', 'b1', 'a2'])
    expect(calls).toEqual({ alone: [], together: [['a', 'b']] })
  })

  it('processes a key that is left out on its own', async () => {
    const { queue, calls } = queueOf({ leaveOut: ['b'] })
    expect(await Promise.all(['a', 'b'].map((key) => queue.submit(key, 1)))).toEqual(['a1', 'b1 alone'])
    expect(calls).toEqual({ alone: ['b'], together: [['a', 'b']] })
  })

  it('delays no other key by those that are left out and take long', async () => {
    const releases: (() => void)[] = []
    const queue = new BatchQueue<number, string>(
      async (key) => {
        await new Promise<void>((resolve) => releases.push(resolve))
        return [key]
      },
      clock,
      {},
      async (batches) =>
        new Map([...batches.keys()].filter((key) => !key.startsWith('slow')).map((key) => [key, [key]])),
    )
    const slow = ['slow 1', 'slow 2', 'slow 3'].map((key) => queue.submit(key, 1))
    await vi.waitFor(() => expect(releases).toHaveLength(3))
    expect(await Promise.all(['a', 'b'].map((key) => queue.submit(key, 1)))).toEqual(['a', 'b'])
    for (const release of releases) release()
    expect(await Promise.all(slow)).toEqual(['slow 1', 'slow 2', 'slow 3'])
  })

  it.each([
    ['an error', () => new Error('poison')],
    ['a lock that is not available', busy],
  ])('processes each key on its own after %s', async (_, fails) => {
    const { queue, calls } = queueOf({ fails })
    expect(await Promise.all(['a', 'b'].map((key) => queue.submit(key, 1)))).toEqual(['a1 alone', 'b1 alone'])
    expect(calls).toEqual({ alone: ['a', 'b'], together: [['a', 'b']] })
  })

  it('rejects all keys at once in an outage', async () => {
    const { queue, calls } = queueOf({ fails: outage })
    const results = await Promise.allSettled(['a', 'b', 'a'].map((key) => queue.submit(key, 1)))
    expect(counts(results)).toEqual({ done: 0, failed: 3 })
    expect(calls).toEqual({ alone: [], together: [['a', 'b']] })
  })
})
