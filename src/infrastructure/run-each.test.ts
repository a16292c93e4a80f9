import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { ItemRounds } from './item-rounds.js'
import { runEach } from './run-each.js'
import { SystemClock, SystemTimers } from './time/system-time.js'
import { TimeoutExceeded } from './time/with-timeout.js'

const CLOCK = new SystemClock()
const TIMERS = new SystemTimers()

describe('runEach', () => {
  it('continues after an item that fails and one that never ends', async () => {
    const done: string[] = []
    const failures: [string, unknown][] = []
    await runEach(['fails', 'hangs', 'a', 'b', 'c'], {
      concurrency: 1,
      deadlineMs: 20,
      timers: TIMERS,
      work: async (item) => {
        if (item === 'fails') throw new Error('broken')
        if (item === 'hangs') await new Promise(() => undefined)
        done.push(item)
      },
      onFailure: (item, error) => void failures.push([item, error]),
    })
    expect(done).toEqual(['a', 'b', 'c'])
    expect(failures.map(([item]) => item)).toEqual(['fails', 'hangs'])
    expect(failures[1]?.[1]).toBeInstanceOf(TimeoutExceeded)
  })

  it('never exceeds the given concurrency', async () => {
    let running = 0
    let maxRunning = 0
    await runEach(
      Array.from({ length: 20 }, (_, index) => index),
      {
        concurrency: 3,
        deadlineMs: 1_000,
        timers: TIMERS,
        work: async () => {
          maxRunning = Math.max(maxRunning, ++running)
          await sleep(1)
          running -= 1
        },
        onFailure: (_, error) => {
          throw error
        },
      },
    )
    expect(maxRunning).toBe(3)
  })

  it('aborts the signal of an item at its deadline', async () => {
    const late = vi.fn<() => void>()
    await runEach(['slow'], {
      concurrency: 1,
      deadlineMs: 5,
      timers: TIMERS,
      work: (_, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(late()))),
      onFailure: () => undefined,
    })
    expect(late).toHaveBeenCalledOnce()
  })

  it('rejects with the error of onFailure after all items', async () => {
    const seen: number[] = []
    const run = runEach([1, 2], {
      concurrency: 1,
      deadlineMs: 100,
      timers: TIMERS,
      work: async (item) => {
        seen.push(item)
        throw new Error('broken')
      },
      onFailure: async () => {
        throw new Error('not reported')
      },
    })
    await expect(run).rejects.toThrow('not reported')
    expect(seen).toEqual([1, 2])
  })
})

describe('ItemRounds', () => {
  const rounds = (work: (key: string) => Promise<void>, failures: string[] = [], initialMs = 10_000) =>
    new ItemRounds({
      concurrency: 2,
      deadlineMs: 10,
      clock: CLOCK,
      timers: TIMERS,
      backoff: { initialMs, maxMs: 2 * initialMs },
      work,
      onFailure: (key) => void failures.push(key),
    })

  it('skips a failed item until its backoff is over', async () => {
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

  it('retries a failed item after the others', async () => {
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

  it('does not restart an item in progress, and reports it when it fails late', async () => {
    const started: string[] = []
    const failures: string[] = []
    let fail: (error: Error) => void = () => undefined
    const all = rounds((key) => {
      started.push(key)
      return key === 'hangs' ? new Promise((_, reject) => (fail = reject)) : Promise.resolve()
    }, failures)
    await all.round(['hangs', 'other'])
    await all.round(['hangs', 'other'])
    expect(started).toEqual(['hangs', 'other', 'other'])
    expect(failures).toEqual([])
    fail(new Error('late'))
    await vi.waitFor(() => expect(failures).toEqual(['hangs']))
  })
})
