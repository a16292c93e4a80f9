import { describe, expect, it } from 'vitest'
import { seededRandom } from './random.js'

describe('seededRandom', () => {
  it('repeats for the same seed and differs between seeds', () => {
    const draw = (seed: number) => {
      const random = seededRandom(seed)
      return Array.from({ length: 50 }, () => random.next())
    }
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
  })

  it('draws integers uniformly from a range including both ends', () => {
    const random = seededRandom(3)
    const counts = new Map<number, number>()
    for (let i = 0; i < 60_000; i++) {
      const roll = random.integer(1, 6)
      counts.set(roll, (counts.get(roll) ?? 0) + 1)
    }
    expect([...counts.keys()].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6])
    for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(500)
  })

  it('shuffles a copy that has the same items', () => {
    const items = [1, 2, 3, 4, 5, 6, 7, 8]
    const shuffled = seededRandom(5).shuffle(items)
    expect(shuffled.toSorted((a, b) => a - b)).toEqual(items)
    expect(shuffled).not.toEqual(items)
  })

  it('never succeeds with probability 0 and always with 1', () => {
    const random = seededRandom(9)
    const hits = (p: number) => Array.from({ length: 1_000 }, () => random.chance(p)).filter(Boolean).length
    expect([hits(0), hits(1)]).toEqual([0, 1_000])
    expect(() => random.pick([])).toThrow(RangeError)
  })
})
