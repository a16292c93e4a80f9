import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { ItemRounds } from './item-rounds.js'
import { DeadlineExceeded, runEach } from './run-each.js'

describe('run each item', () => {
  it('goes on behind one that fails and one that never ends', async () => {
    const done: string[] = []
    const failures: [string, unknown][] = []
    await runEach(['fails', 'hangs', 'a', 'b', 'c'], {
      concurrency: 1,
      deadlineMs: 20,
      work: async (item) => {
        if (item === 'fails') throw new Error('broken')
        if (item === 'hangs') await new Promise(() => undefined)
        done.push(item)
      },
      onFailure: (item, error) => void failures.push([item, error]),
    })
    expect(done).toEqual(['a', 'b', 'c'])
    expect(failures.map(([item]) => item)).toEqual(['fails', 'hangs'])
    expect(failures[1]?.[1]).toBeInstanceOf(DeadlineExceeded)
  })

  it('never has more at work than asked for', async () => {
    let atWork = 0
    let most = 0
    await runEach(
      Array.from({ length: 20 }, (_, index) => index),
      {
        concurrency: 3,
        deadlineMs: 1_000,
        work: async () => {
          most = Math.max(most, ++atWork)
          await sleep(1)
          atWork -= 1
        },
        onFailure: (_, error) => {
          throw error
        },
      },
    )
    expect(most).toBe(3)
  })

  it('tells what is late to stop', async () => {
    const late = vi.fn<() => void>()
    await runEach(['slow'], {
      concurrency: 1,
      deadlineMs: 5,
      work: (_, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(late()))),
      onFailure: () => undefined,
    })
    expect(late).toHaveBeenCalledOnce()
  })

  it('rejects with a failure that could not be told, after all items', async () => {
    const seen: number[] = []
    const run = runEach([1, 2], {
      concurrency: 1,
      deadlineMs: 100,
      work: async (item) => {
        seen.push(item)
        throw new Error('broken')
      },
      onFailure: async () => {
        throw new Error('not told')
      },
    })
    await expect(run).rejects.toThrow('not told')
    expect(seen).toEqual([1, 2])
  })
})

describe('rounds of items', () => {
  const rounds = (work: (key: string) => Promise<void>, failures: string[] = [], firstMs = 10_000) =>
    new ItemRounds({
      concurrency: 2,
      deadlineMs: 10,
      backoff: { firstMs, longestMs: 2 * firstMs },
      work,
      onFailure: (key) => void failures.push(key),
    })

  it('leaves out what failed until its backoff is over', async () => {
    const seen: string[] = []
    const failures: string[] = []
    const all = rounds(async (key) => {
      seen.push(key)
      if (key === 'bad') throw new Error('broken')
    }, failures)
    await all.round(['bad', 'good'])
    await all.round(['bad', 'good'])
    expect(seen).toEqual(['bad', 'good', 'good'])
    expect(failures).toEqual(['bad'])
  })

  it('tries what failed again, behind the others', async () => {
    const seen: string[] = []
    const all = rounds(
      async (key) => {
        seen.push(key)
        if (key === 'bad') throw new Error('broken')
      },
      [],
      0,
    )
    await all.round(['bad', 'good'])
    await all.round(['bad', 'good'])
    expect(seen).toEqual(['bad', 'good', 'good', 'bad'])
  })

  it('does not begin a second time what still is at work, and hears of it when it fails late', async () => {
    const begun: string[] = []
    const failures: string[] = []
    let fail: (error: Error) => void = () => undefined
    const all = rounds((key) => {
      begun.push(key)
      return key === 'hangs' ? new Promise((_, reject) => (fail = reject)) : Promise.resolve()
    }, failures)
    await all.round(['hangs', 'other'])
    await all.round(['hangs', 'other'])
    expect(begun).toEqual(['hangs', 'other', 'other'])
    expect(failures).toEqual([])
    fail(new Error('late'))
    await vi.waitFor(() => expect(failures).toEqual(['hangs']))
  })
})
