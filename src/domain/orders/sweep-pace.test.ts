import { describe, expect, it } from 'vitest'
import { staleAfterMs, sweepPauseMs, type SweepPaceFactors } from './sweep-pace.js'

const BASELINE: SweepPaceFactors = {
  baseMs: 300_000,
  affordableMs: 0,
  soldAndHeld: 10,
  threshold: 900,
  msSinceMissedWebhook: null,
  msSinceLastSale: 60_000,
}

describe('The pause between sweeps', () => {
  it.each([
    ['is as configured', {}, 300_000],
    ['is halved near the soft cap', { soldAndHeld: 720 }, 150_000],
    ['is not halved below that', { soldAndHeld: 719 }, 300_000],
    ['is a quarter after a missed webhook', { msSinceMissedWebhook: 0, soldAndHeld: 899 }, 75_000],
    ['returns to normal half an hour after a missed webhook', { msSinceMissedWebhook: 1_800_000 }, 300_000],
    ['is doubled where nothing sells', { msSinceLastSale: 43_200_000 }, 600_000],
    [
      'is halved near the soft cap even where nothing sells',
      { msSinceLastSale: 43_200_000, soldAndHeld: 900 },
      150_000,
    ],
    ['is never shorter than the budget allows', { msSinceMissedWebhook: 0, affordableMs: 1_200_000 }, 1_200_000],
    ['is never below a second', { baseMs: 1_000, msSinceMissedWebhook: 0 }, 1_000],
  ])('%s', (_what, needs, expected) => {
    expect(sweepPauseMs({ ...BASELINE, ...needs })).toBe(expected)
  })

  it('makes a listing stale after two pauses, or after one minute of failures, but never within 30 s', () => {
    expect(staleAfterMs(300_000, false)).toBe(600_000)
    expect(staleAfterMs(300_000, true)).toBe(60_000)
    expect(staleAfterMs(2_000, false)).toBe(30_000)
    expect(staleAfterMs(2_000, true)).toBe(30_000)
  })
})
