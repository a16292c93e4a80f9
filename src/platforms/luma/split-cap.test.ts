import { assert, integer, array, option, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitCap } from './split-cap.js'

const split = (cap: number, parts: { held: number; cap: number | null }[]) => [
  ...splitCap(
    cap,
    parts.map((part, index) => ({ id: String(index), ...part })),
  ).values(),
]

describe('splitting a cap over ticket types', () => {
  it('keeps their proportion', () => {
    expect(
      split(50, [
        { held: 0, cap: 90 },
        { held: 0, cap: 10 },
      ]),
    ).toEqual([45, 5])
    expect(
      split(100, [
        { held: 45, cap: 45 },
        { held: 0, cap: 5 },
      ]),
    ).toEqual([90, 10])
  })

  it('counts a type without a cap as large as the largest', () => {
    expect(
      split(40, [
        { held: 0, cap: null },
        { held: 0, cap: 20 },
      ]),
    ).toEqual([20, 20])
    expect(
      split(9, [
        { held: 0, cap: null },
        { held: 0, cap: null },
        { held: 0, cap: null },
      ]),
    ).toEqual([3, 3, 3])
  })

  it('cuts nobody below what is held, nor to nothing', () => {
    expect(
      split(10, [
        { held: 12, cap: 20 },
        { held: 0, cap: 20 },
      ]),
    ).toEqual([12, 1])
    expect(split(0, [{ held: 0, cap: 20 }])).toEqual([1])
  })

  it('adds up to the cap wherever what is held allows it', () => {
    const part = record({ held: integer({ min: 0, max: 300 }), cap: option(integer({ min: 0, max: 500 })) })
    assert(
      property(integer({ min: 0, max: 2_000 }), array(part, { minLength: 1, maxLength: 6 }), (cap, parts) => {
        const shares = split(cap, parts)
        const floors = parts.map(({ held }) => Math.max(1, held))
        const least = floors.reduce((sum, floor) => sum + floor, 0)
        expect(shares.every((share, index) => Number.isInteger(share) && share >= (floors[index] ?? 1))).toBe(true)
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(Math.max(cap, least))
      }),
    )
  })
})
