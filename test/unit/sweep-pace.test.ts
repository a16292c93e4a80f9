import { describe, expect, it } from 'vitest'
import { staleAfterMs, sweepPauseMs, type SweepNeeds } from '../../src/domain/sweep-pace.js'

const CALM: SweepNeeds = {
  baseMs: 300_000,
  affordableMs: 0,
  taken: 10,
  threshold: 900,
  msSinceMissedWebhook: null,
  msSinceLastSale: 60_000,
}

describe('the pause between sweeps', () => {
  it.each([
    ['is as configured', {}, 300_000],
    ['is half near the soft cap', { taken: 720 }, 150_000],
    ['is not yet half before that', { taken: 719 }, 300_000],
    ['is a quarter after webhooks were lost', { msSinceMissedWebhook: 0, taken: 899 }, 75_000],
    ['is that for half an hour', { msSinceMissedWebhook: 1_800_000 }, 300_000],
    ['is twice as long where nothing sells', { msSinceLastSale: 43_200_000 }, 600_000],
    ['is short near the soft cap, also where nothing sells', { msSinceLastSale: 43_200_000, taken: 900 }, 150_000],
    ['is never shorter than the budget allows', { msSinceMissedWebhook: 0, affordableMs: 1_200_000 }, 1_200_000],
    ['is never below a second', { baseMs: 1_000, msSinceMissedWebhook: 0 }, 1_000],
  ])('%s', (_what, needs, expected) => {
    expect(sweepPauseMs({ ...CALM, ...needs })).toBe(expected)
  })

  it('makes a listing stale after two of them, or after a minute of failures, and never within 30 s', () => {
    expect(staleAfterMs(300_000, false)).toBe(600_000)
    expect(staleAfterMs(300_000, true)).toBe(60_000)
    expect(staleAfterMs(2_000, false)).toBe(30_000)
    expect(staleAfterMs(2_000, true)).toBe(30_000)
  })
})
