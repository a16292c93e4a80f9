import { describe, expect, it, vi } from 'vitest'
import { Unavailable } from '../domain/errors.js'
import { BatchLane } from './batch-lane.js'

const outage = () => Object.assign(new Error("Can't reach database server"), { code: 'P1001' })
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)
const kinds = (results: readonly PromiseSettledResult<unknown>[]) => ({
  done: results.filter(({ status }) => status === 'fulfilled').length,
  failed: results.filter(({ status }) => status === 'rejected').length,
})

describe('group commit', () => {
  it('takes what is submitted together as one batch', async () => {
    const sizes: number[] = []
    const lane = new BatchLane<number, number>(async (_, items) => {
      sizes.push(items.length)
      return items.map((item) => item * 2)
    })
    expect(await Promise.all(numbers(50).map((item) => lane.submit('a', item)))).toEqual(numbers(50).map((n) => n * 2))
    expect(sizes).toEqual([50])
  })

  it('finds a bad item by halving, and fails it alone', async () => {
    let calls = 0
    const lane = new BatchLane<number, number>(async (_, items) => {
      calls += 1
      if (items.includes(77)) throw new Error('poison')
      return items
    })
    const results = await Promise.allSettled(numbers(128).map((item) => lane.submit('a', item)))
    expect(kinds(results)).toEqual({ done: 127, failed: 1 })
    expect(results[77]?.status).toBe('rejected')
    // One by one it would be 129.
    expect(calls).toBeLessThanOrEqual(15)
  })

  it('fails all that wait at once in an outage', async () => {
    let calls = 0
    const lane = new BatchLane<number, number>(async () => {
      calls += 1
      throw outage()
    })
    const results = await Promise.allSettled(numbers(3_000).map((item) => lane.submit('a', item)))
    expect(kinds(results)).toEqual({ done: 0, failed: 3_000 })
    expect(calls).toBe(1)
    // Afterwards it works as before.
    await expect(lane.submit('a', 1)).rejects.toThrow(/database/)
  })

  it('halves what cannot be done in one transaction in time', async () => {
    const expired = 'A query cannot be executed on an expired transaction.'
    const lane = new BatchLane<number, number>(async (_, items) => {
      if (items.length > 20) throw Object.assign(new Error(expired), { code: 'P2028' })
      return items
    })
    expect(await Promise.all(numbers(100).map((item) => lane.submit('a', item)))).toEqual(numbers(100))
  })

  it('runs again what was the victim of a deadlock', async () => {
    let calls = 0
    const lane = new BatchLane<number, number>(async (_, items) => {
      calls += 1
      if (calls === 1) throw Object.assign(new Error('deadlock detected'), { code: 'P2034' })
      return items
    })
    expect(await lane.submit('a', 5)).toBe(5)
  })

  it('refuses what is too much and what is too late', async () => {
    let release: () => void = () => undefined
    const done: number[] = []
    const lane = new BatchLane<number, number>(
      async (_, items) => {
        await new Promise<void>((resolve) => (release = resolve))
        done.push(...items)
        return items
      },
      { batch: 1, waiting: 2, deadlineMs: 20 },
    )
    const first = lane.submit('a', 1)
    await vi.waitFor(() => expect(release).toBeInstanceOf(Function))
    await new Promise((resolve) => setImmediate(resolve))
    const late = [lane.submit('a', 2), lane.submit('a', 3)]
    const tooMany = lane.submit('a', 4)
    const refused = Promise.allSettled([...late, tooMany])
    await expect(tooMany).rejects.toBeInstanceOf(Unavailable)
    await new Promise((resolve) => setTimeout(resolve, 40))
    release()
    expect(await first).toBe(1)
    expect(kinds(await refused)).toEqual({ done: 0, failed: 3 })
    expect(done).toEqual([1])
  })
})
