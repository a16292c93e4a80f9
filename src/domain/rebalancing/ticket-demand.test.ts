import { describe, expect, it } from 'vitest'
import { LARGEST_PARTY, demandTail, quantileOf, valueOfMore } from './ticket-demand.js'

/** Mean number of tickets. */
const meanOf = (tail: Float64Array) => tail.slice(1).reduce((sum, probability) => sum + probability, 0)

describe('demandTail', () => {
  it.each([0.01, 1, 40, 900, 20_000])('has a mean of rate times time: %d tickets', (mean) => {
    expect(meanOf(demandTail({ perHour: 2 * mean, evidence: 1_000 }, 0.5)) / mean).toBeCloseTo(1, 2)
  })

  it('is a decreasing probability, certain for no ticket', () => {
    const tail = demandTail({ perHour: 300, evidence: 8 }, 0.1)
    expect(tail[0]).toBe(1)
    for (let n = 1; n < tail.length; n++) expect(tail[n] ?? 1).toBeLessThanOrEqual(tail[n - 1] ?? 0)
  })

  it('has no demand without a rate or time', () => {
    expect([...demandTail({ perHour: 0, evidence: 5 }, 1)]).toEqual([1, 0])
    expect([...demandTail({ perHour: 50, evidence: 5 }, 0)]).toEqual([1, 0])
  })
})

describe('quantileOf', () => {
  it('is far above the mean with little evidence, and close to it with much', () => {
    const upper = (evidence: number) => quantileOf(demandTail({ perHour: 60, evidence }, 1), 0.05)
    expect(upper(3)).toBeGreaterThan(120)
    expect(upper(10_000)).toBeLessThan(85)
  })

  it('is 0 where a sale is unlikely', () => {
    expect(quantileOf(demandTail({ perHour: 1, evidence: 20 }, 1 / 360), 0.05)).toBe(0)
  })
})

describe('valueOfMore', () => {
  it('falls with the units a channel has, and counts parties as a whole', () => {
    const tail = demandTail({ perHour: 600, evidence: 50 }, 0.01)
    const values = Array.from({ length: 20 }, (_, units) => valueOfMore(units, tail))
    expect(valueOfMore(0, tail)).toBeGreaterThan(valueOfMore(LARGEST_PARTY, tail))
    // With three units, one more serves a party of four.
    expect(valueOfMore(3, tail)).toBeGreaterThan(valueOfMore(2, tail))
    expect(values.every((value) => value >= 0 && value <= 1)).toBe(true)
  })

  it('is 0 without demand', () => {
    expect(valueOfMore(0, demandTail({ perHour: 0, evidence: 0 }, 1))).toBe(0)
  })
})
