import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bucketOf, laneRule, shareOf, reportedLevel } from './budget.js'
import { GrantedLimits } from './granted-limits.js'
import { LeakyBucket } from './leaky-bucket.js'
import type { Budget } from './limiter.js'

const eventbrite: Budget = { bucket: 'eventbrite', limit: 2_000, windowSeconds: 3_600, reserve: 0.15 }
const luma: Budget = { bucket: 'luma', limit: 200, windowSeconds: 60, reserve: 0.2 }
const meetup: Budget = { bucket: 'meetup', limit: 500, windowSeconds: 60, reserve: 0.2, burst: 150 }

/** Maximum weight within any sliding window, which covers fixed windows of any phase. */
function worstWindow(spent: { at: number; weight: number }[], windowMs: number): number {
  const ordered = spent.toSorted((a, b) => a.at - b.at)
  let [start, sum, worst] = [0, 0, 0]
  for (const { at, weight } of ordered) {
    sum += weight
    while (at - (ordered[start]?.at ?? at) >= windowMs) sum -= ordered[start++]?.weight ?? 0
    worst = Math.max(worst, sum)
  }
  return worst
}

const budgets = fc.record({
  bucket: fc.constant('any'),
  limit: fc.integer({ min: 20, max: 1_000 }),
  windowSeconds: fc.integer({ min: 1, max: 120 }),
  reserve: fc.double({ min: 0, max: 0.9, noNaN: true }),
  burst: fc.option(fc.integer({ min: 1, max: 2_000 }), { nil: undefined }),
}) as fc.Arbitrary<Budget>

/** Constant demand: each step has the time that passes (in thousandths of a window) and the call to request. */
const demand = fc.array(
  fc.record({
    wait: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: 20 }) }, fc.integer({ min: 0, max: 1_500 })),
    weight: fc.integer({ min: 1, max: 6 }),
    lane: fc.constantFrom('protect' as const, 'grow' as const, 'bulk' as const),
    delay: fc.integer({ min: 0, max: 10 }),
  }),
  { minLength: 100, maxLength: 1_500, size: 'max' },
)

describe('Budgets', () => {
  it('sizes the buckets of the platforms as expected', () => {
    expect(bucketOf(eventbrite)).toMatchObject({ burst: 180, rate: 0.45 / 1_000 })
    expect(bucketOf(luma)).toMatchObject({ burst: 18, rate: 2.7 / 1_000 })
    expect(bucketOf(meetup)).toMatchObject({ burst: 150, rate: 5 / 1_000 })
    expect(shareOf(meetup, 1 / 4)).toMatchObject({ limit: 125, burst: 37.5 })
  })

  it('never lets burst + window × rate exceed 90% of the limit', () => {
    fc.assert(
      fc.property(budgets, (budget) => {
        const { burst, rate } = bucketOf(budget)
        expect(burst + rate * budget.windowSeconds * 1_000).toBeLessThanOrEqual(budget.limit * 0.9 + 1e-9)
        expect(rate).toBeGreaterThan(0)
      }),
    )
  })

  it('keeps the limit in every window, with arrivals delayed by up to a hundredth of it', () => {
    fc.assert(
      fc.property(budgets, demand, (budget, steps) => {
        const bucket = bucketOf(budget)
        const windowMs = budget.windowSeconds * 1_000
        const spent: { at: number; weight: number }[] = []
        const leaky = new LeakyBucket(bucket, 0, 0)
        let now = 0
        for (const { wait, weight: requested, lane, delay } of steps) {
          now += (wait * windowMs) / 1_000
          const weight = Math.min(requested, bucket.burst)
          if (leaky.acquire(weight, laneRule(bucket, weight, lane), now) === 0) {
            spent.push({ at: now + (delay * windowMs) / 1_000, weight })
          }
        }
        expect(worstWindow(spent, windowMs)).toBeLessThanOrEqual(budget.limit)
      }),
    )
  })

  it('returns the shortest sufficient wait for a refused call', () => {
    const bucket = bucketOf(luma)
    const rule = laneRule(bucket, 1, 'protect')
    const leaky = new LeakyBucket(bucket, bucket.burst, 0)
    const wait = leaky.acquire(1, rule, 0)
    expect(wait).toBe(Math.ceil(1 / bucket.rate))
    expect(leaky.acquire(1, rule, wait - 1)).toBe(1)
    expect(leaky.acquire(1, rule, wait)).toBe(0)
  })

  it('keeps the reserve for protect, an equal share for cap writes, and delays bulk while much is charged', () => {
    const bucket = bucketOf(luma)
    expect(laneRule(bucket, 1, 'protect').ceiling).toBe(18)
    expect(laneRule(bucket, 1, 'grow', { forWrite: true }).ceiling).toBeCloseTo(14.4)
    expect(laneRule(bucket, 1, 'grow', { continues: true }).ceiling).toBeCloseTo(14.4)
    expect(laneRule(bucket, 1, 'grow').ceiling).toBeCloseTo(10.8)
    expect(laneRule(bucket, 16, 'grow').ceiling).toBe(16)
    const large = bucketOf(meetup)
    const leaky = new LeakyBucket(large, 60, 0)
    expect(leaky.acquire(5, laneRule(large, 5, 'bulk'), 0)).toBeGreaterThan(0)
    expect(leaky.acquire(5, laneRule(large, 5, 'grow'), 0)).toBe(0)
  })

  it('limits spending until the reset to what the platform reports as remaining', () => {
    const bucket = bucketOf(luma)
    const status = { used: 170, limit: 200, resetInMs: 30_000 }
    const level = reportedLevel(bucket, status)
    expect(bucket.burst - level + bucket.rate * 30_000).toBeCloseTo(10)
    expect(reportedLevel(bucket, { used: 1, limit: 200, resetInMs: 60_000 })).toBeCloseTo(1)
    const exhausted = reportedLevel(bucket, { used: 400, limit: 200, resetInMs: 30_000 })
    expect(exhausted - bucket.rate * 30_000).toBeCloseTo(bucket.burst)
  })

  it('is not restricted by a longer-term limit that the budget’s own limit already implies', () => {
    const hour = 3_600_000
    const daily = { used: 8_000, limit: 48_000, resetInMs: 19 * hour }
    expect(reportedLevel(bucketOf(eventbrite), daily)).toBeLessThan(0)
    expect(reportedLevel(bucketOf(eventbrite), { used: 0, limit: 50_000, resetInMs: 0 })).toBeLessThan(0)
  })

  it('uses the limit that the platform grants once it reports a lower one', () => {
    const granted = new GrantedLimits()
    expect(granted.applyTo(luma)).toBe(luma)
    granted.record(luma, { used: 1, limit: 50, resetInMs: 60_000 })
    expect(granted.applyTo(luma)).toEqual({ ...luma, limit: 50 })
    expect(granted.applyTo(meetup)).toBe(meetup)
    granted.record(luma, { used: 1, limit: 1, resetInMs: 60_000 })
    expect(granted.applyTo(luma)).toBe(luma)
  })

  it('throws for budgets that cannot be enforced and calls that can never be granted', () => {
    expect(() => bucketOf({ ...luma, limit: 1 })).toThrow(RangeError)
    expect(() => bucketOf({ ...luma, windowSeconds: 0 })).toThrow(RangeError)
    expect(() => bucketOf({ ...luma, reserve: 1 })).toThrow(RangeError)
    expect(() => laneRule(bucketOf(luma), 19, 'protect')).toThrow('above the burst of 18')
    expect(() => laneRule(bucketOf(luma), 0, 'protect')).toThrow(RangeError)
  })
})

describe('LeakyBucket', () => {
  const bucket = bucketOf(luma)
  const rule = laneRule(bucket, 10, 'protect')

  it('refunds a charge unless it has already leaked out', () => {
    const leaky = new LeakyBucket(bucket, 0, 0)
    leaky.acquire(10, rule, 0)
    leaky.refund(10, 0, 100)
    expect(leaky.level(100)).toBe(0)
    leaky.acquire(10, rule, 1_000)
    leaky.acquire(8, laneRule(bucket, 8, 'protect'), 60_000)
    leaky.refund(10, 1_000, 60_000)
    expect(leaky.level(60_000)).toBe(8)
  })

  it('leaks nothing when the clock is set back, and keeps a block within its maximum', () => {
    const leaky = new LeakyBucket(bucket, 18, 10_000_000)
    leaky.block(10_060_000)
    expect(leaky.level(9_000_000)).toBe(18)
    expect(leaky.acquire(1, rule, 9_000_000)).toBe(bucket.maxBlockMs)
    expect(leaky.acquire(1, rule, 9_000_000 + bucket.maxBlockMs)).toBe(0)
  })
})
