import { assert, integer, array, option, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitCap } from './split-cap.js'

const split = (cap: number, parts: { weight: number | null; max?: number | null }[]) => [
  ...splitCap(
    cap,
    parts.map((part, index) => ({ id: String(index), max: null, ...part })),
  ).values(),
]

describe('splitCap', () => {
  it('splits a cap in proportion to the weights', () => {
    expect(split(50, [{ weight: 90 }, { weight: 10 }])).toEqual([45, 5])
    expect(split(100, [{ weight: 9 }, { weight: 1 }])).toEqual([90, 10])
  })

  it('gives a type without a cap the largest weight', () => {
    expect(split(40, [{ weight: null }, { weight: 20 }])).toEqual([20, 20])
    expect(split(9, [{ weight: null }, { weight: null }, { weight: null }])).toEqual([3, 3, 3])
  })

  it('gives every type at least 1', () => {
    expect(split(10, [{ weight: 500 }, { weight: 1 }])).toEqual([9, 1])
    expect(split(0, [{ weight: 20 }])).toEqual([1])
  })

  it('exceeds no limit, splits the remainder of a full type over the others, and leaves the rest unassigned', () => {
    const limits = [
      { weight: 10, max: 10 },
      { weight: 90, max: 90 },
    ]
    expect(split(50, limits)).toEqual([5, 45])
    expect(split(100, limits)).toEqual([10, 90])
    expect(split(150, limits)).toEqual([10, 90])
    expect(split(150, [{ weight: 10, max: 10 }, { weight: 90 }])).toEqual([10, 140])
  })

  it('returns shares that add up to the cap, or to the sum of the limits if that is less', () => {
    const part = record({
      weight: option(integer({ min: 0, max: 500 })),
      max: option(integer({ min: 1, max: 500 })),
    })
    assert(
      property(integer({ min: 0, max: 2_000 }), array(part, { minLength: 1, maxLength: 6 }), (cap, parts) => {
        const shares = split(cap, parts)
        const limit = parts.reduce((sum, each) => sum + (each.max ?? Infinity), 0)
        expect(shares.every((share, index) => share >= 1 && share <= (parts[index]?.max ?? Infinity))).toBe(true)
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(Math.max(parts.length, Math.min(cap, limit)))
      }),
    )
  })
})
