import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../../simulators/kit/index.js'
import { lowerCap, type CapCounts, type CapTarget } from './lower-cap.js'
import { ok, rejected } from '../../kit/outcomes.js'

interface Scenario {
  ordersPerSecond: number
  maxPerOrder?: number
  latencyMs: readonly [number, number]
  sold?: number
  cap?: number
  code?: string
  seed: number
}

/** A platform in virtual time: tickets are sold while calls are in flight, and a cap below sold is refused. */
function simulatePlatform(scenario: Scenario) {
  const { ordersPerSecond, maxPerOrder = 1, latencyMs, code = 'CAPACITY_TOTAL_TOO_SMALL' } = scenario
  const random = seededRandom(scenario.seed)
  let [now, nextSale] = [0, 0]
  const state = { cap: scenario.cap ?? 10_000, sold: scenario.sold ?? 40, calls: 0, lastSaleAt: 0, highest: 0 }
  const gap = () => (-Math.log(1 - random.next()) / ordersPerSecond) * 1_000
  nextSale = gap()
  const pass = (ms: number) => {
    now += ms
    for (; nextSale <= now; nextSale += gap()) {
      const quantity = random.integer(1, maxPerOrder)
      if (state.sold + quantity > state.cap) continue
      state.sold += quantity
      state.lastSaleAt = nextSale
    }
  }
  const call = <T>(work: () => T): Promise<T> => {
    state.calls += 1
    const half = random.integer(...latencyMs) / 2
    pass(half)
    const response = work()
    pass(half)
    return Promise.resolve(response)
  }
  const counts = (): CapCounts => ({ cap: state.cap, floor: state.sold, sold: state.sold, pending: 0 })
  const response = () => ok({ value: counts(), waypoint: null })
  const target: CapTarget<CapCounts> = {
    write: (cap) =>
      call(() => {
        if (cap < state.sold) return rejected(code, 'too small')
        state.highest = Math.max(state.highest, cap)
        state.cap = cap
        return response()
      }),
    count: () => call(response),
    countsOf: (value) => value,
    now: () => now,
  }
  return { state, target, pass }
}

const MANY = Array.from({ length: 200 }, (_, i) => i + 1)

describe('lowerCap while tickets are sold', () => {
  it.each(
    [1, 3, 12].flatMap((ordersPerSecond) =>
      (
        [
          [50, 500],
          [500, 500],
        ] as const
      ).map((latencyMs) => [ordersPerSecond, latencyMs] as const),
    ),
  )(
    'lowers the cap within 12 calls in 90% of the runs at %d orders a second and a latency of %o ms',
    async (ordersPerSecond, latencyMs) => {
      let succeeded = 0
      for (const seed of MANY) {
        const { state, target, pass } = simulatePlatform({ ordersPerSecond, maxPerOrder: 2, latencyMs, seed })
        pass(1_000)
        const lowered = await lowerCap({ firstCap: 40, minCap: 0, capInForce: 10_000 }, target)
        expect(state.calls).toBeLessThanOrEqual(12)
        // The result has the cap in force, at most a few tickets above sold.
        if (lowered.kind !== 'OK') {
          expect(lowered).toMatchObject({ kind: 'CAP_BELOW_SOLD', pending: 0 })
          continue
        }
        succeeded += 1
        expect(lowered.value.value.cap).toBe(state.cap)
        expect(state.cap - state.sold).toBeLessThanOrEqual(120)
      }
      expect(succeeded).toBeGreaterThanOrEqual(MANY.length * 0.9)
    },
  )

  it('takes one call when the known count is right', async () => {
    const { state, target } = simulatePlatform({ ordersPerSecond: 0.001, latencyMs: [100, 100], seed: 1 })
    await lowerCap({ firstCap: 40, minCap: 0, capInForce: 100 }, target)
    expect(state).toMatchObject({ cap: 40, calls: 1 })
  })

  it('lowers a cap above sold to the tickets sold, and not below the desired cap', async () => {
    for (const [least, cap] of [
      [0, 40],
      [50, 50],
    ] as const) {
      const { state, target } = simulatePlatform({ ordersPerSecond: 0.001, latencyMs: [100, 100], seed: 1 })
      await lowerCap({ firstCap: 60, minCap: least, capInForce: 100 }, target)
      expect(state).toMatchObject({ cap, calls: 2 })
    }
  })

  it('never raises a cap above the one in force, even under fast sales', async () => {
    for (const seed of MANY) {
      const { state, target, pass } = simulatePlatform({ ordersPerSecond: 50, latencyMs: [300, 500], cap: 60, seed })
      pass(100)
      await lowerCap({ firstCap: 40, minCap: 0, capInForce: 60 }, target)
      expect(state.highest).toBeLessThanOrEqual(60)
    }
  })

  it('treats ARGUMENTS_ERROR as too small for a reduction, and as a rejection for a raise', async () => {
    const shrink = simulatePlatform({ ordersPerSecond: 0.001, latencyMs: [100, 100], code: 'ARGUMENTS_ERROR', seed: 1 })
    expect((await lowerCap({ firstCap: 30, minCap: 30, capInForce: 100 }, shrink.target)).kind).toBe('OK')
    expect(shrink.state.cap).toBe(40)
    const raise = simulatePlatform({ ordersPerSecond: 0.001, latencyMs: [100, 100], seed: 1, cap: 50 })
    const refusing = { ...raise.target, write: () => Promise.resolve(rejected('ARGUMENTS_ERROR', 'no')) }
    expect(await lowerCap({ firstCap: 80, minCap: 80, capInForce: 50 }, refusing)).toMatchObject({ kind: 'REJECTED' })
  })

  it('returns CAP_BELOW_SOLD with the counts after at most 12 calls when every write is refused', async () => {
    const { state, target } = simulatePlatform({ ordersPerSecond: 0.001, latencyMs: [10, 10], seed: 1 })
    let writes = 0
    const write = () => {
      writes += 1
      return Promise.resolve(rejected('CAPACITY_TOTAL_TOO_SMALL', 'too small'))
    }
    const lowered = await lowerCap({ firstCap: 40, minCap: 0, capInForce: 100 }, { ...target, write })
    expect(lowered).toMatchObject({ kind: 'CAP_BELOW_SOLD', sold: 40, pending: 0 })
    expect(writes + state.calls).toBeLessThanOrEqual(12)
  })

  it('returns the state of the accepted write when the next call fails, unless its outcome is unknown', async () => {
    for (const [failure, kind] of [
      [{ kind: 'NOT_SENT', reason: 'fenced' }, 'OK'],
      [{ kind: 'THROTTLED', resumeAt: new Date() }, 'OK'],
      [{ kind: 'UNKNOWN', reason: 'timeout' }, 'UNKNOWN'],
    ] as const) {
      const { target } = simulatePlatform({ ordersPerSecond: 0.001, latencyMs: [10, 10], seed: 1 })
      let writes = 0
      const write: typeof target.write = (cap) => (++writes === 1 ? target.write(cap) : Promise.resolve(failure))
      expect((await lowerCap({ firstCap: 60, minCap: 0, capInForce: 100 }, { ...target, write })).kind).toBe(kind)
    }
  })
})
