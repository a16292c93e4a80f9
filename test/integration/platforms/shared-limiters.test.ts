import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import type { Lane } from '../../../src/domain/channel.js'
import { VirtualTime } from '../../../src/infrastructure/time/virtual-time.js'
import type { Budget, Turn } from '../../../src/platforms/throttle/limiter.js'
import type { SharedLimiter } from '../../../src/platforms/throttle/shared-limiter.js'
import { limitersInMemory, limitersInRedis, type LimiterServer } from '../../support/fixtures/limiters.js'

/** The clock of the servers and processes. */
const NOW = { ms: 0 }

const BUDGETS: readonly Budget[] = [
  { bucket: 'luma', limit: 200, windowSeconds: 60, reserve: 0.2 },
  { bucket: 'meetup', limit: 500, windowSeconds: 60, reserve: 0.2, burst: 150 },
  { bucket: 'eventbrite', limit: 2_000, windowSeconds: 3_600, reserve: 0.15 },
]

interface Call {
  process: number
  budget: Budget
  weight: number
  lane: Lane
  turn: Turn | undefined
}
type Step =
  | ({ kind: 'acquire' } & Call)
  | ({ kind: 'peek' } & Call)
  | { kind: 'wait'; ms: number }
  | { kind: 'setBack'; ms: number }
  | { kind: 'refund'; process: number; budget: Budget; nth: number }
  | { kind: 'block'; process: number; budget: Budget; ms: number }
  | { kind: 'observe'; process: number; budget: Budget; used: number }
  | { kind: 'charge'; process: number; budget: Budget; units: number; isAll: boolean }
  | { kind: 'empty' }
  | { kind: 'copy' }
  | { kind: 'restore' }

const process = fc.nat(1)
const budget = fc.constantFrom(...BUDGETS)
const turn = fc.record({
  waiter: fc.constantFrom('a', 'b', 'c', 'd'),
  continues: fc.boolean(),
  forWrite: fc.boolean(),
})
const call = {
  process,
  budget,
  weight: fc.integer({ min: 1, max: 18 }),
  lane: fc.constantFrom<Lane>('protect', 'grow', 'bulk'),
  turn: fc.option(turn, { nil: undefined }),
}
const constant = <T extends string>(kind: T) => fc.constant(kind)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: constant('acquire'), ...call }) },
  { weight: 2, arbitrary: fc.record({ kind: constant('peek'), ...call }) },
  { weight: 4, arbitrary: fc.record({ kind: constant('wait'), ms: fc.oneof(fc.nat(20_000), fc.nat(200_000)) }) },
  { weight: 1, arbitrary: fc.record({ kind: constant('setBack'), ms: fc.nat(20_000) }) },
  { weight: 2, arbitrary: fc.record({ kind: constant('refund'), process, budget, nth: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ kind: constant('block'), process, budget, ms: fc.nat(300_000) }) },
  { weight: 2, arbitrary: fc.record({ kind: constant('observe'), process, budget, used: fc.nat(200) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: constant('charge'), process, budget, units: fc.nat(40), isAll: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'empty' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'copy' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restore' as const }) },
)

/** What two processes receive for each step, and what they know of the buckets after it. */
async function run(server: LimiterServer, shift: (ms: number) => void, steps: readonly Step[]): Promise<unknown[]> {
  await server.empty()
  const limiters = [server.connect(), server.connect()] as [SharedLimiter, SharedLimiter]
  const lost: string[] = []
  const blocked: unknown[] = []
  let restore = await server.copy()
  for (const limiter of limiters) {
    limiter.onBucketLost = ({ bucket }) => lost.push(bucket)
    limiter.onBlocked = ({ bucket }, until) => blocked.push([bucket, until.getTime()])
  }
  const reservations = new Map<string, string[]>()
  const results: unknown[] = []
  for (const one of steps) {
    if (one.kind === 'empty') await server.empty()
    else if (one.kind === 'copy') restore = await server.copy()
    else if (one.kind === 'restore') await restore()
    else if (one.kind === 'wait') shift(one.ms)
    else if (one.kind === 'setBack') shift(-one.ms)
    else {
      const limiter = limiters[one.process] ?? limiters[0]
      if (one.kind === 'acquire') {
        const permit = await limiter.acquire(one.budget, one.weight, one.lane, one.turn)
        results.push(permit.granted || permit.waitMs)
        const known = reservations.get(one.budget.bucket) ?? []
        if (permit.granted) reservations.set(one.budget.bucket, [...known, permit.reservation])
      } else if (one.kind === 'peek') results.push(await limiter.peek(one.budget, one.lane, one.weight))
      else if (one.kind === 'refund') {
        await limiter.refund(one.budget, reservations.get(one.budget.bucket)?.at(-1 - one.nth) ?? '1-1-1')
      } else if (one.kind === 'block') await limiter.block(one.budget, new Date(NOW.ms + one.ms))
      else if (one.kind === 'charge') await limiter.charge(one.budget, one.units, one.isAll)
      else await limiter.observe(one.budget, { used: one.used, limit: one.budget.limit, resetInMs: 10_000 })
      results.push(limiter.levels.last(one.budget, NOW.ms), [...lost], [...blocked])
    }
  }
  return results
}

it('Both shared limiters return the same to any sequence of commands', async () => {
  const start = new VirtualTime().ms()
  const clock = { now: () => new Date(NOW.ms), monotonicMs: () => NOW.ms }
  const servers = await Promise.all([limitersInRedis(clock), limitersInMemory(clock)])
  onTestFinished(() => servers.forEach((server) => server.close()))
  const shift = (ms: number) => (NOW.ms += ms)
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }), async (steps) => {
      const results: unknown[] = []
      for (const server of servers) {
        NOW.ms = start
        results.push(await run(server, shift, steps))
      }
      expect(results[1]).toEqual(results[0])
    }),
    { numRuns: 300 },
  )
}, 60_000)
