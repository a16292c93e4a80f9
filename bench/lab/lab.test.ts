import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { traceOf } from '../../bench/lab/model/demand.js'
import { FAMILIES } from '../../bench/lab/model/families.js'
import { main } from '../../bench/lab/main.js'
import { POLICIES, run } from '../../bench/lab/run.js'
import { study, type Row } from '../../bench/lab/study.js'
import { dangers, shortfalls } from '../../bench/lab/report/safety-report.js'

const FEW = { first: 1, count: 15 }

function rowOf(rows: readonly Row[], policy: Row['policy']): Row {
  const row = rows.find((candidate) => candidate.policy === policy)
  if (!row) throw new Error(`no row for ${policy}`)
  return row
}

describe.each(FAMILIES)('The policy lab with %s demand', { timeout: 30_000 }, (family) => {
  const rows = study(family, FEW)

  it('never oversells, never exposes more than the pool and exceeds no rate limit', () => {
    expect(dangers(rows, false)).toEqual([])
  })

  it('moves units when rebalancing and outsells an equal split', () => {
    const [ours, equal] = [rowOf(rows, 'rebalance'), rowOf(rows, 'static-equal')]
    expect(ours.callsPerTrace).toBeGreaterThan(5)
    expect(ours.ofClairvoyant.mean).toBeGreaterThan(equal.ofClairvoyant.mean)
    expect(ours.ofClairvoyant.median).toBeGreaterThanOrEqual(0.99)
  })

  it('returns identical figures for identical seeds', () => {
    expect(JSON.stringify(study(family, FEW))).toBe(JSON.stringify(rows))
  })

  it('runs every policy with the same buyers, in order and within the sale', () => {
    const trace = traceOf(family, 7)
    const before = JSON.stringify(trace)
    for (const policy of POLICIES) run(trace, policy)
    expect(JSON.stringify(trace)).toBe(before)
    const moments = trace.buyers.map(({ at }) => at)
    expect(moments).toEqual(moments.toSorted((a, b) => a - b))
    expect(moments.at(-1)).toBeLessThanOrEqual(trace.duration)
    expect(trace.shares.MEETUP + trace.shares.EVENTBRITE + trace.shares.LUMA).toBeCloseTo(1, 9)
  })
})

describe('The negative control of the lab', { timeout: 30_000 }, () => {
  it('oversells when the exposure rule is disabled', () => {
    const rows = FAMILIES.flatMap((family) => study(family, FEW, { unsafe: true }))
    expect(rows.filter(({ policy }) => policy === 'rebalance').some(({ oversold }) => oversold > 0)).toBe(true)
    expect(dangers(rows, true)).toEqual([])
    expect(dangers(rows, false)).not.toEqual([])
  })
})

describe('The safety report', () => {
  const rows = study('steady', { first: 1, count: 3 })
  const worse = (change: Partial<Row>) => rows.map((row) => (row.policy === 'rebalance' ? { ...row, ...change } : row))

  it('lists every safety violation', () => {
    expect(dangers(worse({ oversold: 2 }), false)[0]).toContain('2 tickets oversold')
    expect(dangers(worse({ exposedTraces: 1 }), false)[0]).toContain('could have oversold in 1')
    expect(dangers(worse({ throttled: 3 }), false)[0]).toContain('3 calls refused')
    expect(dangers(rows, true)).toHaveLength(1)
  })

  it('lists figures below their target', () => {
    const poor = shortfalls(worse({ ofClairvoyant: { median: 0.5, p5: 0.4, mean: 0.5 } }))
    expect(poor[0]).toContain('50.00% of clairvoyant')
    expect(poor.some((line) => line.includes('static-equal'))).toBe(true)
  })
})

describe('The lab command', () => {
  let folder = ''
  const out: string[] = []

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lab-'))
    out.length = 0
    vi.spyOn(console, 'log').mockImplementation((text: string) => void out.push(text))
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
  })

  afterEach(() => {
    vi.restoreAllMocks()
    rmSync(folder, { recursive: true })
  })

  it('prints the figures as JSON and saves a self-contained page and chart', () => {
    const html = join(folder, 'deep', 'out.html')
    expect(main(['--seeds', '2', '--family', 'jumping', '--json', '--html', html])).toBe(0)
    const { rows } = JSON.parse(out.join('')) as { rows: Row[] }
    expect(rows.map(({ policy, traces }) => [policy, traces])).toEqual(POLICIES.map((policy) => [policy, 2]))
    const page = readFileSync(html, 'utf8')
    expect(page).toContain('<td>jumping</td><td>rebalance</td>')
    expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|src=|@import/)
    expect(readFileSync(join(folder, 'deep', 'out.svg'), 'utf8')).toMatch(/^<svg [\s\S]*<\/svg>$/)
  })

  it.each([[['--family', 'none']], [['--seeds', '0']], [['--seeds', '1e3']], [['--first', '-4']], [['--what']]])(
    'rejects the arguments %j',
    (argv) => {
      expect(main(argv)).toBe(2)
    },
  )
})
