import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { VirtualTime } from '../../infrastructure/time/virtual-time.js'
import { Breaker, type BreakerState } from './breaker.js'

describe('The circuit breaker on virtual time', () => {
  let time: VirtualTime
  let breaker: Breaker<boolean>
  let states: [BreakerState, number][]
  const call = (succeeds: boolean) => breaker.run('grow', () => Promise.resolve(succeeds))
  const pass = (ms: number) => time.until(time.sleep(ms), ms)
  const fail = async (calls: number) => {
    for (let i = 0; i < calls; i++) await call(false)
  }

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
    time = new VirtualTime()
    states = []
    breaker = new Breaker<boolean>({
      failed: (succeeded) => !succeeded,
      clock: time,
      timers: time,
      resetMs: 10_000,
      changed: (state) => states.push([state, time.monotonicMs()]),
    })
  })

  afterEach(() => {
    breaker.shutdown()
    // No timer of this machine runs.
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  it('opens, becomes half-open after the reset time, and closes after a success', async () => {
    await fail(5)
    expect(await call(true)).toBeNull()
    await pass(9_999)
    expect(breaker.state).toBe('OPEN')
    await pass(1)
    expect(await call(true)).toBe(true)
    expect(states).toEqual([
      ['OPEN', 0],
      ['HALF_OPEN', 10_000],
      ['CLOSED', 10_000],
    ])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('lets one call try while it is half-open, and opens again for the reset time when that fails', async () => {
    await fail(5)
    await pass(90_000)
    expect(breaker.state).toBe('HALF_OPEN')
    const trial = breaker.run('grow', async () => {
      await time.sleep(50)
      return false
    })
    expect(await call(true)).toBeNull()
    expect(await time.until(trial, 100)).toBe(false)
    expect(breaker.state).toBe('OPEN')
    await pass(9_999)
    expect(breaker.state).toBe('OPEN')
    await pass(1)
    expect(breaker.state).toBe('HALF_OPEN')
  })

  it('stays open when calls that started before fail, and closes when one of them succeeds while it is half-open', async () => {
    const [slow, slower] = [5_000, 15_000].map((ms) => breaker.run('grow', () => time.sleep(ms).then(() => ms > 5_000)))
    await fail(5)
    expect(await time.until(slow ?? call(true), 20_000)).toBe(false)
    await pass(5_000)
    expect(breaker.state).toBe('HALF_OPEN')
    expect(await time.until(slower ?? call(false), 20_000)).toBe(true)
    expect(states.map(([state]) => state)).toEqual(['OPEN', 'HALF_OPEN', 'CLOSED'])
  })

  it('counts the calls of the last minute', async () => {
    await fail(4)
    await pass(65_000)
    await fail(4)
    expect(breaker.state).toBe('CLOSED')
    await fail(1)
    expect(breaker.state).toBe('OPEN')
  })

  it('leaves no timer after it is shut down, and stays open', async () => {
    await fail(5)
    breaker.shutdown()
    await expect(time.until(new Promise(() => undefined), 60_000)).rejects.toThrow('no timer is left')
    expect(await call(true)).toBeNull()
    // A probe is made as before, but changes nothing.
    expect(await breaker.run('protect', () => Promise.resolve(true))).toBe(true)
    expect(breaker.state).toBe('OPEN')
  })
})
