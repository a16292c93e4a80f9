import { describe, expect, it } from 'vitest'
import { pageOf } from '../report/page.js'
import { parseOptions, UsageError } from '../options.js'
import { dangers, missedGoals } from './goals.js'
import { perform, type Played } from './play.js'
import { poolRowsOf } from './pools.js'
import { quantile, rowsOf } from './rows.js'

const PLAYED: Played = {
  family: 'steady',
  seed: 1,
  policy: 'rebalance',
  tickets: 110,
  sold: 100,
  lost: 1,
  share: 0.99,
  revenueLost: 10,
  revenueShareLost: 0.01,
  oversold: 0,
  exposedAbove: 0,
  calls: 50,
  refusedCalls: 0,
  moves: 4,
  virtualMs: 60_000,
}
const RIVAL: Played = { ...PLAYED, policy: 'proportional', lost: 3, share: 0.97, moves: 0 }

/** Rows of one trace of the service's policy, changed in this way, and of its rival. */
const rowsWith = (change: Partial<Played>) => rowsOf([{ ...PLAYED, ...change }, RIVAL])

describe('The study', () => {
  it('compares a computed policy with the clairvoyant', async () => {
    const seller = await perform({ family: 'steady', seed: 1, policy: 'one-sells-50', pool: 100 })
    const best = await perform({ family: 'steady', seed: 1, policy: 'clairvoyant', pool: 100 })
    expect(best).toMatchObject({ lost: 0, share: 1, revenueLost: 0 })
    expect(seller.lost).toBe(best.sold - seller.sold)
  })

  it('has one row per family and policy, with the seeds that lost most', () => {
    const rows = rowsOf([PLAYED, RIVAL, { ...PLAYED, seed: 2, lost: 5, oversold: 2, exposedAbove: 3 }])
    expect(rows.map(({ policy, traces }) => [policy, traces])).toEqual([
      ['rebalance', 2],
      ['proportional', 1],
    ])
    expect(rows[0]).toMatchObject({ oversold: 2, oversoldTraces: 1, exposedTraces: 1, lost: { mean: 3, max: 5 } })
    expect(rows[0]?.worst[0]).toEqual({ seed: 2, lost: 5 })
  })

  it('groups the sales of the policy by pool', () => {
    const rows = poolRowsOf([PLAYED, { ...PLAYED, lost: 3 }, RIVAL, { ...PLAYED, tickets: 100 }])
    expect(rows.map(({ tickets, traces, lost }) => [tickets.from, tickets.to, traces, lost.mean])).toEqual([
      [1, 100, 1, 1],
      [101, 300, 2, 2],
    ])
  })

  it('interpolates between values', () => {
    expect(quantile([3, 1, 2], 0.5)).toBe(2)
    expect(quantile([1, 2], 0.5)).toBe(1.5)
    expect(quantile([0, 10], 0.95)).toBeCloseTo(9.5)
  })
})

describe('The goals of the lab', () => {
  it('are met by a policy that loses little and is ahead', () => {
    const rows = rowsWith({})
    expect(dangers(rows, false)).toEqual([])
    expect(missedGoals(rows, [])).toEqual([])
  })

  it('list every safety violation', () => {
    expect(dangers(rowsWith({ oversold: 2 }), false)[0]).toContain('2 tickets oversold')
    expect(dangers(rowsWith({ exposedAbove: 1 }), false)[0]).toContain('could have oversold in 1')
    expect(dangers(rowsWith({ refusedCalls: 3 }), false)[0]).toContain('3 calls refused')
  })

  it('expect that a planted fault is seen', () => {
    expect(dangers(rowsWith({ exposedAbove: 2 }), true)).toEqual([])
    expect(dangers(rowsWith({}), true)).toHaveLength(1)
  })

  it('list figures that are missed', () => {
    const missed = missedGoals(rowsWith({ lost: 9, share: 0.9 }), [])
    expect(missed).toContain('steady: 9 tickets lost in the median trace')
    expect(missed).toContain('steady: 90.00% of clairvoyant at p5')
    expect(missed.filter((line) => line.includes('is not ahead of proportional'))).toHaveLength(3)
    const size = { traces: 1, medianLost: 1, maxLost: 1, share: 1 }
    const growth = [
      { ...size, pool: 100, meanLost: 1 },
      { ...size, pool: 10_000, meanLost: 5 },
    ]
    expect(missedGoals([], growth)).toHaveLength(1)
  })
})

describe('The lab command', () => {
  it('saves a page that needs nothing else', () => {
    const rows = rowsWith({})
    const seeds = { first: 1, count: 1 }
    const page = pageOf({
      rows,
      pools: poolRowsOf([PLAYED]),
      sizes: [],
      sales: [PLAYED, RIVAL],
      seeds,
      unsafe: false,
      dangers: [],
      missed: [],
    })
    expect(page).toContain('<td>steady</td><td>rebalance</td>')
    expect(page).toContain('<td>101 to 300</td>')
    expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|src=|@import/)
  })

  it.each([
    [['--family', 'none']],
    [['--policy', 'best']],
    [['--seeds', '0']],
    [['--seeds', '1e3']],
    [['--explain', 'steady']],
    [['--what']],
  ])('rejects the arguments %j', (args) => {
    expect(() => parseOptions(args)).toThrow(UsageError)
  })

  it('chooses families and policies', () => {
    const { families, policies, seeds } = parseOptions(['--family', 'fees,steady', '--policy', 'equal', '--seeds', '3'])
    expect({ families, policies, seeds }).toEqual({ families: ['steady', 'fees'], policies: ['equal'], seeds: 3 })
  })
})
