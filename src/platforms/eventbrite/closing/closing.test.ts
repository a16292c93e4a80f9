import { describe, expect, it } from 'vitest'
import { closeDuringRush, type ClosingRush } from '../../../../test/support/load/closing-rush.js'

const RUSH: Omit<ClosingRush, 'kind' | 'salesPerSecond' | 'latencyMs'> = { maxPerOrder: 2, countAgeMs: 400, seed: 1 }

describe.each(['whole event', 'ticket class'] as const)('closing a %s while it sells', (kind) => {
  // `npm run bench -- closing` measures this in twenty runs each; the bound here only shows that it closes at all.
  it.each([
    [3, [50, 500]],
    [12, [50, 150]],
    [12, [400, 500]],
  ] as const)(
    'ends sales within 10 s at %d orders a second with a latency of %o ms',
    async (salesPerSecond, latencyMs) => {
      const result = await closeDuringRush({ ...RUSH, kind, salesPerSecond, latencyMs })
      expect(result).toMatchObject({ rejected: 0, violations: [] })
      expect(result.confirmedMs).toBeLessThan(10_000)
      expect(result.effectiveMs).toBeLessThanOrEqual(result.confirmedMs)
      expect(result.calls).toBeLessThanOrEqual(14)
    },
    30_000,
  )
})
