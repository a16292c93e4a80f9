import { assert, integer, array, option, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitCap } from './split-cap.js'

const split = (cap: number, parts: { weight: number | null; most?: number | null }[]) => [
  ...splitCap(
    cap,
    parts.map((part, index) => ({ id: String(index), most: null, ...part })),
  ).values(),
]

describe('splitting a cap over ticket types', () => {
  it('keeps their proportion', () => {
    expect(split(50, [{ weight: 90 }, { weight: 10 }])).toEqual([45, 5])
    expect(split(100, [{ weight: 9 }, { weight: 1 }])).toEqual([90, 10])
  })

  it('counts a type without a cap as large as the largest', () => {
    expect(split(40, [{ weight: null }, { weight: 20 }])).toEqual([20, 20])
    expect(split(9, [{ weight: null }, { weight: null }, { weight: null }])).toEqual([3, 3, 3])
  })

  it('leaves nobody with nothing', () => {
    expect(split(10, [{ weight: 500 }, { weight: 1 }])).toEqual([9, 1])
    expect(split(0, [{ weight: 20 }])).toEqual([1])
  })

  it('passes no limit: the others get what a full one leaves, and what is left then is not given out', () => {
    const limits = [
      { weight: 10, most: 10 },
      { weight: 90, most: 90 },
    ]
    expect(split(50, limits)).toEqual([5, 45])
    expect(split(100, limits)).toEqual([10, 90])
    expect(split(150, limits)).toEqual([10, 90])
    expect(split(150, [{ weight: 10, most: 10 }, { weight: 90 }])).toEqual([10, 140])
  })

  it('adds up to the cap, or to all limits where those are less', () => {
    const part = record({
      weight: option(integer({ min: 0, max: 500 })),
      most: option(integer({ min: 1, max: 500 })),
    })
    assert(
      property(integer({ min: 0, max: 2_000 }), array(part, { minLength: 1, maxLength: 6 }), (cap, parts) => {
        const shares = split(cap, parts)
        const most = parts.reduce((sum, each) => sum + (each.most ?? Infinity), 0)
        expect(shares.every((share, index) => share >= 1 && share <= (parts[index]?.most ?? Infinity))).toBe(true)
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(Math.max(parts.length, Math.min(cap, most)))
      }),
    )
  })
})
