import { describe, expect, it } from 'vitest'
import { VirtualTime } from '../../src/infrastructure/time/virtual-time.js'
import type { RunResult } from './run-scenario.js'
import { runSeeds } from './run-seeds.js'

const HOUR_MS = 3_600_000

function resultOf(seed: number): RunResult {
  const violations = seed === 2 ? [{ invariant: 'I1', detail: 'wrong' }] : []
  return { seed, violations, virtualMs: HOUR_MS, steps: 10, faults: { kill: 1 }, traceHash: '', tail: [], state: [] }
}

/** Each seed takes 20 s; the process of seed 3 ends. */
function batch(seeds: number[], workers: number) {
  const time = new VirtualTime()
  const lines: string[] = []
  let ended = 0
  const createWorker = () => ({
    run: async (seed: number) => {
      await time.sleep(20_000)
      if (seed === 3) throw new Error('the process ended with 1')
      return resultOf(seed)
    },
    end: () => void ended++,
  })
  const run = runSeeds(seeds, { workers, createWorker, timers: time, print: (line) => void lines.push(line) })
  return { report: time.until(run, HOUR_MS), lines, ended: () => ended }
}

describe('a batch of seeds', () => {
  it('sums up its results; a lost seed is a failure with its number, and the others are run', async () => {
    const { report, lines, ended } = batch([1, 2, 3, 4, 5], 2)
    const { failures, ...sums } = await report
    expect(sums).toMatchObject({ seeds: 5, virtualMs: 4 * HOUR_MS, steps: 40, faults: { kill: 4 } })
    expect(failures.map(({ seed }) => seed)).toEqual([2, 3])
    expect(lines).toContain('FAILED seed 2: I1: wrong')
    expect(lines).toContain('FAILED seed 3: LOST: the process ended with 1')
    expect(ended()).toBe(2)
  })

  it('shows its progress every 30 s, until it ends', async () => {
    const { report, lines } = batch([1, 2, 4, 5], 1)
    await report
    expect(lines.filter((line) => line.includes('virtual hours'))).toEqual([
      '1 of 4 seeds, 0 failed, 1.0 virtual hours',
      '2 of 4 seeds, 1 failed, 2.0 virtual hours',
    ])
  })
})
