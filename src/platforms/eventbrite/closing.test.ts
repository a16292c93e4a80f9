import { describe, expect, it } from 'vitest'
import { closeInRush, type Rush } from '../../../test/support/closing-rush.js'

const RUSH: Omit<Rush, 'kind' | 'salesPerSecond' | 'latencyMs'> = { mostPerOrder: 2, countAgeMs: 400, seed: 1 }

describe.each(['whole event', 'ticket class'] as const)('closing a %s while it sells', (kind) => {
  // `npm run bench -- closing` measures it in twenty runs each; the bound here only tells closed from not closed.
  it.each([
    [3, [50, 500]],
    [12, [50, 150]],
    [12, [400, 500]],
  ] as const)(
    'at %d orders a second and answers after %o ms ends sales, without a dead letter',
    async (salesPerSecond, latencyMs) => {
      const result = await closeInRush({ ...RUSH, kind, salesPerSecond, latencyMs })
      expect(result).toMatchObject({ rejected: 0, violations: [] })
      expect(result.confirmedMs).toBeLessThan(10_000)
      expect(result.effectiveMs).toBeLessThanOrEqual(result.confirmedMs)
      expect(result.calls).toBeLessThanOrEqual(14)
    },
    30_000,
  )
})
