import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HALF_LIVES, emptySum, decayed, merged, withHours, withQuantity, type DecayingSum } from './decaying-sum.js'

const HOUR = 3_600_000
const close = (a: DecayingSum, b: DecayingSum, now: number) => {
  const [left, right] = [decayed(a, now), decayed(b, now)]
  left.forEach((value, index) => expect(value).toBeCloseTo(right[index] ?? NaN, 6))
}
const instant = fc.integer({ min: 0, max: 400 * HOUR })

describe('DecayingSum', () => {
  it('halves each layer after its half-life', () => {
    const sum = withQuantity(emptySum(0), { at: 0, quantity: 8 })
    HALF_LIVES.forEach((halfLife, index) => {
      expect(decayed(sum, halfLife)[index]).toBeCloseTo(4, 9)
      expect(decayed(sum, 3 * halfLife)[index]).toBeCloseTo(1, 9)
    })
  })

  it('weights late quantities by their age, independent of order and of merged parts', () => {
    const parts = fc.array(fc.record({ at: instant, quantity: fc.integer({ min: 0, max: 50 }) }), { maxLength: 20 })
    fc.assert(
      fc.property(parts, fc.integer({ min: 0, max: 20 }), (all, cut) => {
        const add = (sum: DecayingSum, part: { at: number; quantity: number }) => withQuantity(sum, part)
        const inOrder = all.toSorted((a, b) => a.at - b.at).reduce(add, emptySum(0))
        const fromParts = merged(all.slice(0, cut).reduce(add, emptySum(0)), all.slice(cut).reduce(add, emptySum(0)))
        close(inOrder, fromParts, 400 * HOUR)
      }),
    )
  })

  it('adds the same hours for a period as a whole or in pieces', () => {
    fc.assert(
      fc.property(instant, instant, instant, (...cuts) => {
        const [from, between, until] = cuts.toSorted((a, b) => a - b) as [number, number, number]
        const whole = withHours(emptySum(0), { from, until })
        const pieces = withHours(withHours(emptySum(0), { from: between, until }), { from, until: between })
        close(whole, pieces, 400 * HOUR)
      }),
    )
  })

  it('adds no hours when a period ends before or at its start', () => {
    const sum = withQuantity(emptySum(0), { at: 5, quantity: 1 })
    expect(withHours(sum, { from: 9, until: 9 })).toBe(sum)
    expect(withHours(sum, { from: 9, until: 3 })).toBe(sum)
  })
})
