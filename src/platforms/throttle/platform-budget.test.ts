import { describe, expect, it } from 'vitest'
import { platformBudget, reserveFor } from './platform-budget.js'
import { bucketOf, laneRule } from './budget.js'

const LIMITS = {
  EVENTBRITE: { limit: 2_000, windowSeconds: 3_600 },
  LUMA: { limit: 200, windowSeconds: 60 },
  MEETUP: { limit: 500, windowSeconds: 60 },
} as const
const COST = { EVENTBRITE: 5, LUMA: 2, MEETUP: 10 }

describe.each(['EVENTBRITE', 'LUMA', 'MEETUP'] as const)('the reserve of the budget of %s', (platform) => {
  const budget = platformBudget(platform, 'bucket', LIMITS[platform])
  const { burst, rate } = bucketOf(budget)

  it('suffices to close twenty listings within 30 s, even if other calls have spent their maximum', () => {
    const reserved = { ...budget, reserve: reserveFor(platform, budget, 20) }
    const { ceiling } = laneRule(bucketOf(reserved), 1, 'grow', { forWrite: true })
    const seconds = Math.max(0, 20 * COST[platform] - (burst - ceiling)) / rate / 1_000
    expect(seconds).toBeLessThanOrEqual(30)
  })

  it('is never below the minimum and never above 0.7, so that cap writes always have a share', () => {
    const shares = [0, 1, 6, 20, 200, 10_000].map((listings) => reserveFor(platform, budget, listings))
    expect(shares.slice(0, 3)).toEqual(Array(3).fill(budget.reserve))
    expect(shares).toEqual(shares.toSorted((a, b) => a - b))
    expect(Math.max(...shares)).toBeLessThanOrEqual(0.7)
  })
})
