import { describe, expect, it } from 'vitest'
import type { ApiPlatform } from '../../../src/domain/channel.js'
import { FAMILIES } from './families.js'
import { soldFromOnePool } from './one-pool.js'
import { traceOf, type Buyer, type Trace } from './trace.js'

const ALONE: Omit<Buyer, 'at' | 'platform'> = {
  size: 1,
  second: null,
  cancelsAfterMs: null,
  cart: null,
  reluctance: 0.6,
}

/** One buyer a second on these platforms. */
function traceWith(pool: number, buyers: Partial<Buyer>[]): Trace {
  const base = traceOf('steady', 1, pool)
  const all = buyers.map((buyer, index): Buyer => ({ ...ALONE, platform: 'LUMA', at: index * 1_000, ...buyer }))
  return { ...base, duration: 60_000, buyers: all }
}

describe.each(FAMILIES)('The demand of the family %s', (family) => {
  it('is the same for the same seed, in order and within the sale', () => {
    const trace = traceOf(family, 7)
    expect(traceOf(family, 7)).toEqual(trace)
    expect(traceOf(family, 8)).not.toEqual(trace)
    const moments = trace.buyers.map(({ at }) => at)
    expect(moments).toEqual(moments.toSorted((a, b) => a - b))
    expect(moments.at(-1)).toBeLessThanOrEqual(trace.duration)
    expect(trace.shares.MEETUP + trace.shares.EVENTBRITE + trace.shares.LUMA).toBeCloseTo(1, 9)
  })

  it('has the same duration and shares at another size, and as many more buyers', () => {
    const [small, large] = [traceOf(family, 7, 100), traceOf(family, 7, 1_000)]
    expect(large).toMatchObject({ duration: small.duration, shares: small.shares, restart: small.restart })
    expect(large.buyers.length / small.buyers.length).toBeCloseTo(10, 0)
  })

  it('never sells more than one pool has', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const trace = traceOf(family, seed)
      const { MEETUP, EVENTBRITE, LUMA } = soldFromOnePool(trace, null)
      expect(MEETUP + EVENTBRITE + LUMA).toBeLessThanOrEqual(trace.pool)
    }
  })
})

describe('One pool', () => {
  it('serves first who comes first, on any platform', () => {
    const trace = traceWith(2, [{ platform: 'MEETUP' }, { platform: 'LUMA' }, { platform: 'EVENTBRITE' }])
    expect(soldFromOnePool(trace, null)).toEqual({ MEETUP: 1, LUMA: 1, EVENTBRITE: 0 })
  })

  it('sells a cancelled ticket, and one from an abandoned cart, again', () => {
    const late = { at: 30_000 }
    const cancelled = traceWith(1, [{ cancelsAfterMs: 5_000 }, late])
    expect(soldFromOnePool(cancelled, null).LUMA).toBe(1)
    const abandoned = traceWith(1, [{ platform: 'EVENTBRITE', cart: { ms: 5_000, buys: false } }, {}, late])
    expect(soldFromOnePool(abandoned, null)).toEqual({ MEETUP: 0, LUMA: 1, EVENTBRITE: 0 })
  })

  it('refuses a party that is too large, which may try elsewhere later', () => {
    const second = { platform: 'MEETUP', afterMs: 20_000 } as const
    const trace = traceWith(2, [{ cancelsAfterMs: 10_000 }, { size: 2, second }])
    expect(soldFromOnePool(trace, null)).toEqual({ MEETUP: 2, LUMA: 0, EVENTBRITE: 0 })
  })

  it('of real platforms sells a returned ticket elsewhere only after the correction, and keeps the smallest cap', () => {
    const bounds = { correctionMs: { MEETUP: 10_000, EVENTBRITE: 10_000, LUMA: 10_000 }, minCap: 0 }
    const then = (at: number, platform: ApiPlatform) =>
      soldFromOnePool(traceWith(1, [{ cancelsAfterMs: 5_000 }, { at, platform }]), null, bounds)
    expect(then(10_000, 'MEETUP').MEETUP).toBe(0)
    expect(then(10_000, 'LUMA').LUMA).toBe(1)
    expect(then(20_000, 'MEETUP').MEETUP).toBe(1)
    const three = traceWith(3, [{}, {}, { platform: 'MEETUP' }])
    expect(soldFromOnePool(three, null, { ...bounds, minCap: 1 })).toEqual({ MEETUP: 1, LUMA: 1, EVENTBRITE: 0 })
  })

  it('of a single seller is reached only by those who follow its link', () => {
    const trace = traceWith(5, [{}, { platform: 'MEETUP' }, { platform: 'MEETUP', reluctance: 0.1 }])
    expect(soldFromOnePool(trace, { platform: 'LUMA', follows: 0.5 })).toEqual({ MEETUP: 0, LUMA: 2, EVENTBRITE: 0 })
    expect(soldFromOnePool(trace, { platform: 'LUMA', follows: 0.8 }).LUMA).toBe(3)
  })
})
