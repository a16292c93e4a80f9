import { describe, expect, it } from 'vitest'
import { VirtualTime } from './virtual-time.js'
import { TimeoutExceeded, waitAtMost, withTimeout } from './with-timeout.js'

describe('withTimeout', () => {
  it('returns the result of work that is done in time, and cancels its timer', async () => {
    const time = new VirtualTime()
    const work = async () => {
      await time.sleep(5)
      return 7
    }
    expect(await time.until(withTimeout(10, work, time), 100)).toBe(7)
    // No timer is left.
    await expect(time.until(new Promise(() => undefined), 100)).rejects.toThrow('deadlock')
  })

  it('rejects after the time, aborts the signal, and ignores what the work does later', async () => {
    const time = new VirtualTime()
    let late: AbortSignal | undefined
    const work = async (signal: AbortSignal) => {
      late = signal
      await time.sleep(50)
      throw new Error('too late')
    }
    await expect(time.until(withTimeout(10, work, time), 100)).rejects.toBeInstanceOf(TimeoutExceeded)
    expect(late?.aborted).toBe(true)
    await time.until(time.sleep(100), 200)
  })

  it('rejects with the reason of a signal, at once or when it aborts, and with an error of the caller', async () => {
    const time = new VirtualTime()
    const stopped = new Error('stopped')
    const never = () => new Promise<never>(() => undefined)
    await expect(withTimeout(10, never, time, { signal: AbortSignal.abort(stopped) })).rejects.toBe(stopped)
    const stopping = new AbortController()
    const signals: AbortSignal[] = []
    const remembering = (signal: AbortSignal) => {
      signals.push(signal)
      return never()
    }
    const work = withTimeout(10, remembering, time, { signal: stopping.signal })
    stopping.abort(stopped)
    await expect(work).rejects.toBe(stopped)
    expect(signals[0]).toMatchObject({ aborted: true, reason: stopped })
    const late = new Error('too late')
    await expect(time.until(withTimeout(10, never, time, { error: () => late }), 100)).rejects.toBe(late)
  })

  it('rejects with the error of the work', async () => {
    const time = new VirtualTime()
    await expect(withTimeout(10, () => Promise.reject(new Error('own error')), time)).rejects.toThrow('own error')
  })
})

describe('waitAtMost', () => {
  it('resolves after the time, or when the work is done', async () => {
    const time = new VirtualTime()
    const started = time.ms()
    await time.until(
      waitAtMost(10, () => time.sleep(50), time),
      100,
    )
    expect(time.ms() - started).toBe(10)
    await time.until(
      waitAtMost(1_000, () => time.sleep(50), time),
      2_000,
    )
    expect(time.ms() - started).toBeLessThan(1_000)
    await expect(waitAtMost(10, () => Promise.reject(new Error('own error')), time)).rejects.toThrow('own error')
  })
})
