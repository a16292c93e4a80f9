import { expect, it } from 'vitest'
import type { Clock } from '../../infrastructure/time/clock.js'
import { bucketOf } from './budget.js'
import { LeakyBucket } from './leaky-bucket.js'
import type { Budget } from './limiter.js'
import { LocalLimiter } from './local-limiter.js'

const BUDGET: Budget = { bucket: 'meetup', limit: 500, windowSeconds: 60, reserve: 0.2 }
const bucket = bucketOf(BUDGET)
const tenth = bucket.burst / 10

it.each([
  ['still holds what was spent before', 4, 4],
  ['has been empty since', 1, 6],
])(
  'charges the shared bucket with what was spent, which leaks out only once, where that %s',
  async (_, before, calls) => {
    let now = 1_000_000
    const startedAt = now
    const clock: Clock = { now: () => new Date(now), monotonicMs: () => now }
    const level = before * tenth
    const limiter = new LocalLimiter({
      clock,
      instances: 1,
      claim: () => 'whole',
      lastLevel: () => ({ level, ageMs: now - startedAt }),
    })
    const [one, shared] = [new LeakyBucket(bucket, level, now), new LeakyBucket(bucket, level, now)]
    for (let call = 0; call < calls; call++) {
      expect(await limiter.acquire(BUDGET, tenth, 'protect')).toMatchObject({ granted: true })
      one.charge(tenth, now)
    }
    now += (3 * tenth) / bucket.rate
    const units = limiter.spent()[0]?.units ?? 0
    expect(shared.level(now) + units).toBeCloseTo(one.level(now))
  },
)
