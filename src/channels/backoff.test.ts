import { describe, expect, it } from 'vitest'
import { Backoff } from './backoff.js'

describe('Backoff', () => {
  it('doubles up to a bound, and begins again after a success', () => {
    const backoff = new Backoff(60_000, 600_000)
    expect(backoff.until('a', 0)).toBeNull()
    const pauses = Array.from({ length: 6 }, () => backoff.failed('a', 0).getTime())
    expect(pauses).toEqual([60_000, 120_000, 240_000, 480_000, 600_000, 600_000])
    expect(backoff.until('a', 599_999)?.getTime()).toBe(600_000)
    expect(backoff.until('a', 600_000)).toBeNull()
    expect(backoff.until('b', 0)).toBeNull()
    backoff.succeeded('a')
    expect(backoff.failed('a', 0).getTime()).toBe(60_000)
  })
})
