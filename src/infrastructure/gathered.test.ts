import { describe, expect, it, vi } from 'vitest'
import { Gathered } from './gathered.js'

/** Runs that end when the test ends them, in the order in which they started. */
function controlled(limits: { runs: number; size: number; sizeOf?: (item: number) => number }) {
  const runs: { items: number[]; end: (error?: Error) => void }[] = []
  const gathered = new Gathered<number, string>(
    (items) =>
      new Promise((resolve, reject) => {
        runs.push({ items, end: (error) => (error ? reject(error) : resolve(items.map(String))) })
      }),
    limits,
  )
  const untilStarted = (count: number) => vi.waitFor(() => expect(runs).toHaveLength(count))
  return { gathered, runs, untilStarted, items: () => runs.map(({ items }) => items) }
}

const submitAll = (gathered: Gathered<number, string>, items: number[]) =>
  Promise.all(items.map((item) => gathered.submit(item)))

describe('Gathered work', () => {
  it('is done in one run for one turn, and gives each item its own result', async () => {
    const { gathered, runs, untilStarted, items } = controlled({ runs: 1, size: 10 })
    const results = submitAll(gathered, [1, 2, 3])
    await untilStarted(1)
    runs[0]?.end()
    expect(await results).toEqual(['1', '2', '3'])
    expect(items()).toEqual([[1, 2, 3]])
  })

  it('is gathered while the most runs are in progress', async () => {
    const { gathered, runs, untilStarted, items } = controlled({ runs: 2, size: 10 })
    const results: Promise<string>[] = []
    for (const item of [1, 2]) {
      results.push(gathered.submit(item))
      await untilStarted(item)
    }
    results.push(...[3, 4].map((item) => gathered.submit(item)))
    await new Promise((resolve) => setImmediate(resolve))
    expect(items()).toEqual([[1], [2]])
    runs[1]?.end()
    await untilStarted(3)
    expect(items()).toEqual([[1], [2], [3, 4]])
    for (const run of runs) run.end()
    expect(await Promise.all(results)).toEqual(['1', '2', '3', '4'])
  })

  it('is divided by size, in runs at once', async () => {
    const { gathered, runs, untilStarted, items } = controlled({ runs: 3, size: 10, sizeOf: (item) => item })
    const results = submitAll(gathered, [20, 4, 6, 1])
    await untilStarted(3)
    expect(items()).toEqual([[20], [4, 6], [1]])
    for (const run of runs) run.end()
    expect(await results).toEqual(['20', '4', '6', '1'])
  })

  it('fails only in the run that fails', async () => {
    const { gathered, runs, untilStarted } = controlled({ runs: 2, size: 1 })
    const results = Promise.allSettled([gathered.submit(1), gathered.submit(2)])
    await untilStarted(2)
    runs[0]?.end(new Error('lost'))
    runs[1]?.end()
    expect(await results).toMatchObject([{ status: 'rejected' }, { status: 'fulfilled', value: '2' }])
    const next = gathered.submit(3)
    await untilStarted(3)
    runs[2]?.end()
    expect(await next).toBe('3')
  })
})
