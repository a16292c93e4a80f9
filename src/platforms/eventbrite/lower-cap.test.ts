import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../simulators/kit/index.js'
import { lowerCap, type Figures, type SellingCap } from './lower-cap.js'
import { ok, rejected } from './outcomes.js'

interface Play {
  ordersPerSecond: number
  mostPerOrder?: number
  latencyMs: readonly [number, number]
  /** Sold, and sold as the caller knows it. */
  sold?: number
  known?: number
  cap?: number
  code?: string
  seed: number
}

/** A platform under virtual time: buyers buy while calls travel, and a cap below what is sold is refused. */
function platform(play: Play) {
  const { ordersPerSecond, mostPerOrder = 1, latencyMs, code = 'CAPACITY_TOTAL_TOO_SMALL' } = play
  const random = seededRandom(play.seed)
  let [now, nextSale] = [0, 0]
  const state = { cap: play.cap ?? 10_000, sold: play.sold ?? 40, calls: 0, lastSaleAt: 0, highest: 0 }
  const gap = () => (-Math.log(1 - random.next()) / ordersPerSecond) * 1_000
  nextSale = gap()
  const pass = (ms: number) => {
    now += ms
    for (; nextSale <= now; nextSale += gap()) {
      const quantity = random.integer(1, mostPerOrder)
      if (state.sold + quantity > state.cap) continue
      state.sold += quantity
      state.lastSaleAt = nextSale
    }
  }
  const call = <T>(work: () => T): Promise<T> => {
    state.calls += 1
    const half = random.integer(...latencyMs) / 2
    pass(half)
    const answer = work()
    pass(half)
    return Promise.resolve(answer)
  }
  const figures = (): Figures => ({ cap: state.cap, floor: state.sold, sold: state.sold, pending: 0 })
  const seen = () => ok({ value: figures(), waypoint: null })
  const target: SellingCap<Figures> = {
    write: (cap) =>
      call(() => {
        if (cap < state.sold) return rejected(code, 'too small')
        state.highest = Math.max(state.highest, cap)
        state.cap = cap
        return seen()
      }),
    count: () => call(seen),
    figures: (value) => value,
    now: () => now,
  }
  return { state, target, pass }
}

const MANY = Array.from({ length: 200 }, (_, i) => i + 1)

describe('lowering a cap while it sells', () => {
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
    'at %d orders a second and %o ms lands within few calls, in nearly every run',
    async (ordersPerSecond, latencyMs) => {
      let landed = 0
      for (const seed of MANY) {
        const { state, target, pass } = platform({ ordersPerSecond, mostPerOrder: 2, latencyMs, seed })
        pass(1_000)
        const lowered = await lowerCap({ first: 40, least: 0, inForce: 10_000 }, target)
        expect(state.calls).toBeLessThanOrEqual(12)
        // What stands is what is said, and at most a few tickets above what is sold.
        if (lowered.kind !== 'OK') {
          expect(lowered).toMatchObject({ kind: 'CAP_BELOW_SOLD', pending: 0 })
          continue
        }
        landed += 1
        expect(lowered.value.value.cap).toBe(state.cap)
        expect(state.cap - state.sold).toBeLessThanOrEqual(120)
      }
      expect(landed).toBeGreaterThanOrEqual(MANY.length * 0.9)
    },
  )

  it('takes one call where the known count is right', async () => {
    const { state, target } = platform({ ordersPerSecond: 0.001, latencyMs: [100, 100], seed: 1 })
    await lowerCap({ first: 40, least: 0, inForce: 100 }, target)
    expect(state).toMatchObject({ cap: 40, calls: 1 })
  })

  it('brings a count that is too high down to what is sold, and no lower than is wanted', async () => {
    for (const [least, cap] of [
      [0, 40],
      [50, 50],
    ] as const) {
      const { state, target } = platform({ ordersPerSecond: 0.001, latencyMs: [100, 100], seed: 1 })
      await lowerCap({ first: 60, least, inForce: 100 }, target)
      expect(state).toMatchObject({ cap, calls: 2 })
    }
  })

  it('never raises a cap above the one in force, however fast it sells', async () => {
    for (const seed of MANY) {
      const { state, target, pass } = platform({ ordersPerSecond: 50, latencyMs: [300, 500], cap: 60, seed })
      pass(100)
      await lowerCap({ first: 40, least: 0, inForce: 60 }, target)
      expect(state.highest).toBeLessThanOrEqual(60)
    }
  })

  it('believes ARGUMENTS_ERROR of a shrink and of a cap below what is sold, not of a raise', async () => {
    const shrink = platform({ ordersPerSecond: 0.001, latencyMs: [100, 100], code: 'ARGUMENTS_ERROR', seed: 1 })
    expect((await lowerCap({ first: 30, least: 30, inForce: 100 }, shrink.target)).kind).toBe('OK')
    expect(shrink.state.cap).toBe(40)
    const raise = platform({ ordersPerSecond: 0.001, latencyMs: [100, 100], seed: 1, cap: 50 })
    const refusing = { ...raise.target, write: () => Promise.resolve(rejected('ARGUMENTS_ERROR', 'no')) }
    expect(await lowerCap({ first: 80, least: 80, inForce: 50 }, refusing)).toMatchObject({ kind: 'REJECTED' })
  })

  it('gives up within a bound of calls on a platform that refuses for ever, and says what it counts', async () => {
    const { state, target } = platform({ ordersPerSecond: 0.001, latencyMs: [10, 10], seed: 1 })
    let writes = 0
    const write = () => {
      writes += 1
      return Promise.resolve(rejected('CAPACITY_TOTAL_TOO_SMALL', 'too small'))
    }
    const lowered = await lowerCap({ first: 40, least: 0, inForce: 100 }, { ...target, write })
    expect(lowered).toMatchObject({ kind: 'CAP_BELOW_SOLD', sold: 40, pending: 0 })
    expect(writes + state.calls).toBeLessThanOrEqual(12)
  })

  it('keeps what has landed when the next call fails, but for one of unknown outcome', async () => {
    for (const [failure, kind] of [
      [{ kind: 'NOT_SENT', reason: 'fenced' }, 'OK'],
      [{ kind: 'THROTTLED', resumeAt: new Date() }, 'OK'],
      [{ kind: 'UNKNOWN', reason: 'timeout' }, 'UNKNOWN'],
    ] as const) {
      const { target } = platform({ ordersPerSecond: 0.001, latencyMs: [10, 10], seed: 1 })
      let writes = 0
      const write: typeof target.write = (cap) => (++writes === 1 ? target.write(cap) : Promise.resolve(failure))
      expect((await lowerCap({ first: 60, least: 0, inForce: 100 }, { ...target, write })).kind).toBe(kind)
    }
  })
})
