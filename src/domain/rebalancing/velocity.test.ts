import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChannelName } from '../channel.js'
import { emptySum, withHours, withQuantity } from './decaying-sum.js'
import { demands, demandUpperBound, perHour, type SalesRecord } from './velocity.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

interface Sale {
  at: number
  quantity: number
}

/** A channel on sale and read in the given times. */
function record(sales: readonly Sale[], times: [number, number][], weight = 1): SalesRecord {
  return {
    sold: sales.reduce((sum, sale) => withQuantity(sum, sale), emptySum(0)),
    hours: times.reduce((sum, [from, until]) => withHours(sum, { from, until }), emptySum(0)),
    weight,
  }
}
function every(intervalMs: number, from: number, until: number): Sale[] {
  const count = Math.floor((until - from) / intervalMs)
  return Array.from({ length: count }, (_, index) => ({ at: from + (index + 1) * intervalMs, quantity: 1 }))
}
const of = (records: Partial<Record<ChannelName, SalesRecord>>, now: number) =>
  demands(new Map(Object.entries(records) as [ChannelName, SalesRecord][]), now)

describe('perHour', () => {
  it('is 0 before the first sale', () => {
    expect(perHour(record([], [[0, 5 * HOUR]]), 5 * HOUR)).toBe(0)
  })

  it('estimates a steady rate, slow or fast', () => {
    expect(perHour(record(every(6 * MINUTE, 0, 20 * HOUR), [[0, 20 * HOUR]]), 20 * HOUR)).toBeCloseTo(10, 0)
    expect(perHour(record(every(1_000, 0, HOUR), [[0, HOUR]]), HOUR) / 3_600).toBeCloseTo(1, 1)
  })

  it('estimates a low rate for 200 sales over two weeks, even if all are imported at once', () => {
    const now = 336 * HOUR
    const imported = record(every(now / 200, 0, now), [[0, now]])
    expect(perHour(imported, now)).toBeGreaterThan(0.4)
    expect(perHour(imported, now)).toBeLessThan(1)
  })

  it('follows a rush within minutes and its end within the hour', () => {
    const sales = [...every(HOUR, 0, 48 * HOUR), ...every(10_000, 48 * HOUR, 48 * HOUR + 5 * MINUTE)]
    expect(perHour(record(sales, [[0, 48 * HOUR + 5 * MINUTE]]), 48 * HOUR + 5 * MINUTE)).toBeGreaterThan(150)
    expect(perHour(record(sales, [[0, 49 * HOUR]]), 49 * HOUR)).toBeLessThan(40)
  })

  it('ignores time in which the channel was not on sale or not read', () => {
    const sales = every(2 * MINUTE, 0, 2 * HOUR)
    const before = perHour(record(sales, [[0, 2 * HOUR]]), 2 * HOUR)
    expect(perHour(record(sales, [[0, 2 * HOUR]]), 8 * HOUR) / before).toBeCloseTo(1, 1)
    expect(perHour(record(sales, [[0, 8 * HOUR]]), 8 * HOUR)).toBeLessThan(before / 2)
  })

  it('is finite and not negative for any input', () => {
    const at = fc.integer({ min: 0, max: 400 * HOUR })
    const sales = fc.array(fc.record({ at, quantity: fc.integer({ min: 0, max: 500 }) }))
    fc.assert(
      fc.property(sales, fc.array(fc.tuple(at, at)), fc.integer({ min: 0, max: 2_000 * HOUR }), (all, times, now) => {
        const one = record(all, times)
        const other = record([], times, 0.5)
        const rates = [perHour(one, now), ...[...of({ LUMA: one, MEETUP: other }, now).values()].map((d) => d.perHour)]
        for (const rate of rates) expect(Number.isFinite(rate) && rate >= 0).toBe(true)
      }),
    )
  })
})

describe('demands', () => {
  it('is 0 everywhere before the first sale', () => {
    const none = record([], [[0, HOUR]])
    expect([...of({ MEETUP: none, LUMA: none }, HOUR).values()].map((demand) => demand.perHour)).toEqual([0, 0])
  })

  it('follows the weights for a channel that has not been read yet', () => {
    const luma = record(every(2_000, 0, 10_000), [[0, 10_000]])
    const unread = of({ MEETUP: record([], []), LUMA: luma }, 10_000)
    expect(unread.get('MEETUP')?.perHour).toBeCloseTo(unread.get('LUMA')?.perHour ?? 0, 6)
    const light = of({ MEETUP: record([], [], 0.25), LUMA: luma }, 10_000)
    expect((light.get('MEETUP')?.perHour ?? 0) / (light.get('LUMA')?.perHour ?? 1)).toBeCloseTo(0.25, 6)
  })

  it('assigns a channel without sales a small demand that decreases over time', () => {
    const at = (hours: number) => {
      const luma = record(every(6 * MINUTE, 0, hours * HOUR), [[0, hours * HOUR]])
      return of({ MEETUP: record([], [[0, hours * HOUR]]), LUMA: luma }, hours * HOUR)
    }
    const [early, later] = [at(1), at(20)]
    expect(early.get('LUMA')?.perHour).toBeGreaterThan(6)
    expect(later.get('MEETUP')?.perHour).toBeGreaterThan(0)
    expect(later.get('MEETUP')?.perHour).toBeLessThan((early.get('MEETUP')?.perHour ?? 0) / 3)
  })

  it('follows buyers that switch to another channel', () => {
    const luma = record(every(MINUTE, 0, 10 * HOUR), [[0, 11 * HOUR]])
    const meetup = record(every(MINUTE, 10 * HOUR, 11 * HOUR), [[0, 11 * HOUR]])
    const now = of({ MEETUP: meetup, LUMA: luma }, 11 * HOUR)
    expect(now.get('MEETUP')?.perHour).toBeGreaterThan(3 * (now.get('LUMA')?.perHour ?? Infinity))
  })
})

describe('demandUpperBound', () => {
  it('is far above the mean with little evidence, and close to it with much evidence', () => {
    expect(demandUpperBound({ perHour: 60, evidence: 6 }, 1)).toBeGreaterThan(100)
    expect(demandUpperBound({ perHour: 60, evidence: 1_000 }, 1)).toBeLessThan(76)
  })

  it('is 0 when a sale is unlikely or there was none', () => {
    expect(demandUpperBound({ perHour: 0.2, evidence: 8 }, 1 / 120)).toBe(0)
    expect(demandUpperBound({ perHour: 0, evidence: 0 }, 1)).toBe(0)
  })
})
