import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TimerQueue } from './timer-queue.js'
import { VirtualTime } from './virtual-time.js'

describe('Virtual time', () => {
  it('fires one timer per step, once all tasks wait', async () => {
    const time = new VirtualTime()
    const start = time.ms()
    const log: number[] = []
    const task = async () => {
      for (let n = 0; n < 3; n++) {
        await time.sleep(1_000)
        log.push(time.ms() - start)
      }
    }
    void task()
    for (const fired of [1, 2, 3]) {
      expect(await time.step()).toBe(true)
      expect(time.ms()).toBe(start + fired * 1_000)
    }
    await time.run(0)
    expect(log).toEqual([1_000, 2_000, 3_000])
    expect(await time.step()).toBe(false)
  })

  it('advances only after work that takes several turns of the event loop', async () => {
    const time = new VirtualTime()
    const start = time.ms()
    const doneAt: number[] = []
    time.after(100, () => setImmediate(() => setImmediate(() => doneAt.push(time.ms() - start))))
    time.after(200, () => doneAt.push(-1))
    expect(await time.step()).toBe(true)
    expect(await time.step()).toBe(true)
    expect(doneAt).toEqual([100, -1])
  })

  it('runs for a time, with all that is due in it, and no longer', async () => {
    const time = new VirtualTime()
    const start = time.ms()
    const log: number[] = []
    const repeat = () => {
      log.push(time.ms() - start)
      time.after(400, repeat)
    }
    repeat()
    await time.run(1_200)
    expect(log).toEqual([0, 400, 800, 1_200])
    await time.run(100)
    expect(time.ms()).toBe(start + 1_300)
    await time.run(300)
    expect(log.at(-1)).toBe(1_600)
  })

  it('gives each process a clock that may jump, and one monotonic time', async () => {
    const time = new VirtualTime()
    const start = time.ms()
    const [ahead, exact] = [time.skewed(5_000), time.skewed()]
    expect(ahead.now().getTime()).toBe(start + 5_000)
    expect(exact.now().getTime()).toBe(start)
    ahead.offsetMs = -60_000
    await time.run(1_000)
    expect(ahead.now().getTime()).toBe(start - 59_000)
    expect(ahead.monotonicMs()).toBe(time.monotonicMs())
  })

  it('rejects when no timer is left, or the time is over', async () => {
    const time = new VirtualTime()
    await expect(time.until(new Promise(() => undefined), 1_000)).rejects.toThrow('deadlock')
    await expect(time.until(time.sleep(2_000), 1_000)).rejects.toThrow('not done after 1000 ms')
  })
})

describe('The queue of timers', () => {
  it('gives timers by time, then by their order, without those that were removed', () => {
    const timer = fc.record({ at: fc.nat(20), removed: fc.boolean() })
    fc.assert(
      fc.property(fc.array(timer, { maxLength: 60 }), fc.nat(10), (timers, taken) => {
        const queue = new TimerQueue()
        const fired: number[] = []
        const removals = timers.map(({ at }, n) => queue.add(at, () => fired.push(n)))
        for (const [n, { removed }] of timers.entries()) if (removed) removals[n]?.()
        for (let n = 0; n < taken; n++) queue.take()?.run()
        // Too late for those that have been taken, and without an effect on others.
        for (const n of fired) removals[n]?.()
        while (queue.size > 0) queue.take()?.run()
        const kept = [...timers.entries()].filter(([, { removed }]) => !removed)
        expect(fired).toEqual(kept.toSorted(([, a], [, b]) => a.at - b.at).map(([n]) => n))
      }),
    )
  })
})
