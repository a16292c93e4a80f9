import { expect, it, vi } from 'vitest'
import { CAPACITY, POOL, sellDuringOutages } from '../support/load/sell-during-outages.js'

// The rule is off: a cap is raised immediately, as if free units were unlimited and no allocation were required.
vi.mock('../../src/domain/caps/next-write.js', async (original) => {
  const actual = await original<typeof import('../../src/domain/caps/next-write.js')>()
  const nextWrite: typeof actual.nextWrite = (channel) => {
    const write = actual.nextWrite(channel, Number.MAX_SAFE_INTEGER)
    return write.kind === 'WRITE' ? { ...write, units: 0 } : write
  }
  return { ...actual, nextWrite }
})

it('Negative control: without the exposure rule, the same load oversells the event', async () => {
  const { sold, peak, recordedOversold } = await sellDuringOutages()
  console.log(`without the rule: ${sold} sold, exposure up to ${peak}, pool ${POOL}, capacity ${CAPACITY}`)
  expect(peak).toBeGreaterThan(POOL)
  expect(sold).toBeGreaterThan(CAPACITY)
  // Every oversold ticket is recorded.
  expect(recordedOversold).toBeGreaterThanOrEqual(sold - CAPACITY)
}, 90_000)
