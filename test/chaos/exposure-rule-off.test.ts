import { expect, it, vi } from 'vitest'
import { CAPACITY, POOL, holdsDuringOutages } from '../support/holds-during-outages.js'

// The rule is off: a platform grows at once, as if free units had no end and nothing had to be allocated first.
vi.mock('../../src/domain/next-write.js', async (original) => {
  const actual = await original<typeof import('../../src/domain/next-write.js')>()
  const nextWrite: typeof actual.nextWrite = (channel) => {
    const write = actual.nextWrite(channel, Number.MAX_SAFE_INTEGER)
    return write.kind === 'WRITE' ? { ...write, units: 0 } : write
  }
  return { ...actual, nextWrite }
})

it('negative control: with the exposure rule off, the same storm oversells the evening', async () => {
  const { sold, peak, recordedOversold } = await holdsDuringOutages()
  console.log(`without the rule: ${sold} sold, exposure up to ${peak}, pool ${POOL}, capacity ${CAPACITY}`)
  expect(peak).toBeGreaterThan(POOL)
  expect(sold).toBeGreaterThan(CAPACITY)
  // Every ticket that does not exist is on record.
  expect(recordedOversold).toBeGreaterThanOrEqual(sold - CAPACITY)
}, 90_000)
