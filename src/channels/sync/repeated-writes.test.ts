import { describe, expect, it } from 'vitest'
import { RepeatedWrites } from './repeated-writes.js'

const CLOSED = { mode: 'WAITLIST_ONLY', cap: 33 } as const

describe('Repeated writes', () => {
  /** Delays before each of `count` identical writes that are sent as soon as possible, ms. */
  function delays(writes: RepeatedWrites, count: number): number[] {
    let now = 0
    return Array.from({ length: count }, () => {
      const before = now
      now = writes.blockedUntil('a', CLOSED, now)?.getTime() ?? now
      writes.recordConfirmed('a', CLOSED, now)
      return now - before
    })
  }

  it('are delayed twice as long each time, up to a minute; the first repetition is not', () => {
    expect(delays(new RepeatedWrites(), 9)).toEqual([0, 0, 3_000, 6_000, 12_000, 24_000, 48_000, 60_000, 60_000])
  })

  it('delay no other write, and no other channel', () => {
    const writes = new RepeatedWrites()
    delays(writes, 5)
    const now = 22_000
    expect(writes.blockedUntil('a', CLOSED, now)).not.toBeNull()
    expect(writes.blockedUntil('b', CLOSED, now)).toBeNull()
    expect(writes.blockedUntil('a', { ...CLOSED, cap: 31 }, now)).toBeNull()
    expect(writes.blockedUntil('a', { ...CLOSED, mode: 'OPEN' }, now)).toBeNull()
  })

  it('are not delayed any more after another write, or after ten minutes', () => {
    const writes = new RepeatedWrites()
    delays(writes, 5)
    expect(writes.blockedUntil('a', CLOSED, 621_001)).toBeNull()
    writes.recordConfirmed('a', { ...CLOSED, cap: 31 }, 22_000)
    expect(writes.blockedUntil('a', CLOSED, 22_001)).toBeNull()
  })
})
