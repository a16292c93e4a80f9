import { describe, expect, it } from 'vitest'
import { historyOf, shareOf } from './show-rate.js'

const at = (connectionId: string | null, sold: number, attended: number) => ({ connectionId, sold, attended })

describe('The show rate', () => {
  it('is attended of sold, and unknown where nothing was sold', () => {
    expect(shareOf({ sold: 3, attended: 2 })).toBe(0.667)
    expect(shareOf({ sold: 3, attended: 0 })).toBe(0)
    expect(shareOf({ sold: 0, attended: 0 })).toBeNull()
  })

  it('of earlier events is that of all their tickets, by account', () => {
    const earlier = [at('m', 10, 9), at('e', 5, 5), at('m', 90, 51), at(null, 4, 1)]
    expect(historyOf(earlier, 'm')).toEqual({ events: 2, sold: 100, attended: 60, share: 0.6 })
    expect(historyOf(earlier, null)).toEqual({ events: 1, sold: 4, attended: 1, share: 0.25 })
    expect(historyOf(earlier, 'other')).toBeNull()
  })

  it('is learned from the latest five events that have a check-in', () => {
    const earlier = [at('m', 10, 0), ...Array.from({ length: 6 }, (_, index) => at('m', 10, index + 1))]
    expect(historyOf(earlier, 'm')).toEqual({ events: 5, sold: 50, attended: 15, share: 0.3 })
    expect(historyOf([at('m', 10, 0)], 'm')).toBeNull()
  })
})
