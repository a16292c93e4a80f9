import { describe, expect, it } from 'vitest'
import type { Clock } from './clock.js'
import type { Random } from './random.js'
import { SeededRandom } from './seeded-random.js'
import { SystemClock, SystemRandom, SystemTimers } from './system-time.js'
import type { Timers } from './timers.js'
import { VirtualTime } from './virtual-time.js'

/** One suite for both: what it asserts holds on virtual time as it does in production. */
const time = new VirtualTime()
const IMPLEMENTATIONS: [string, Clock, Timers, <T>(work: Promise<T>) => Promise<T>][] = [
  ['The system clock and its timers', new SystemClock(), new SystemTimers(), (work) => work],
  ['Virtual time', time, time, (work) => time.until(work, 60_000)],
]

describe.each(IMPLEMENTATIONS)('%s', (_name, clock, timers, run) => {
  it('advance both readings of the clock by at least the time slept', async () => {
    const [now, monotonic] = [clock.now().getTime(), clock.monotonicMs()]
    await run(timers.sleep(20))
    // Timers of Node may fire up to 1 ms early.
    expect(clock.now().getTime() - now).toBeGreaterThanOrEqual(19)
    expect(clock.monotonicMs() - monotonic).toBeGreaterThanOrEqual(19)
  })

  it('run due work in the order of its times, then in the order of its requests', async () => {
    const order: string[] = []
    timers.after(30, () => order.push('late'))
    timers.after(5, () => order.push('first'))
    timers.after(5, () => order.push('second'))
    timers.after(-5, () => order.push('overdue'))
    await run(timers.sleep(60))
    expect(order).toEqual(['overdue', 'first', 'second', 'late'])
  })

  it('do not run cancelled work', async () => {
    let ran = false
    const cancel = timers.after(5, () => (ran = true))
    cancel()
    await run(timers.sleep(20))
    expect(ran).toBe(false)
    expect(cancel).not.toThrow()
  })

  it('reject a sleep with the reason of its signal, at once or when it aborts', async () => {
    const stopped = new Error('stopped')
    await expect(run(timers.sleep(1_000, AbortSignal.abort(stopped)))).rejects.toBe(stopped)
    const stopping = new AbortController()
    timers.after(5, () => stopping.abort(stopped))
    const before = clock.monotonicMs()
    await expect(run(timers.sleep(10_000, stopping.signal))).rejects.toBe(stopped)
    expect(clock.monotonicMs() - before).toBeLessThan(5_000)
  })
})

describe.each<[string, Random]>([
  ['System randomness', new SystemRandom()],
  ['Seeded randomness', new SeededRandom(42)],
])('%s', (_name, random) => {
  it('gives numbers from 0 to 1, evenly', () => {
    const numbers = Array.from({ length: 20_000 }, () => random.next())
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...numbers)).toBeLessThan(1)
    const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length
    expect(mean).toBeGreaterThan(0.48)
    expect(mean).toBeLessThan(0.52)
  })
})

describe('Seeded randomness', () => {
  it('repeats itself for the same seed, and differs for another', () => {
    const numbers = (seed: number) => {
      const random = new SeededRandom(seed)
      return Array.from({ length: 5 }, () => random.next())
    }
    expect(numbers(7)).toEqual(numbers(7))
    expect(numbers(7)).not.toEqual(numbers(8))
    // The same on every machine.
    expect(numbers(42)[0]).toBeCloseTo(0.6011037519201636, 15)
  })
})
