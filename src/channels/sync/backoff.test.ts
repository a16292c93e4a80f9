import { describe, expect, it } from 'vitest'
import { Backoff } from './backoff.js'

describe('Backoff', () => {
  it('doubles the pause up to a maximum and starts over after a success', () => {
    const backoff = new Backoff(60_000, 600_000)
    expect(backoff.blockedUntil('a', 0)).toBeNull()
    const pauses = Array.from({ length: 6 }, () => backoff.recordFailure('a', 0).getTime())
    expect(pauses).toEqual([60_000, 120_000, 240_000, 480_000, 600_000, 600_000])
    expect(backoff.blockedUntil('a', 599_999)?.getTime()).toBe(600_000)
    expect(backoff.blockedUntil('a', 600_000)).toBeNull()
    expect(backoff.blockedUntil('b', 0)).toBeNull()
    backoff.recordSuccess('a')
    expect(backoff.recordFailure('a', 0).getTime()).toBe(60_000)
  })
})
