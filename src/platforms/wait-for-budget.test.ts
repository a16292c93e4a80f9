import { expect, it } from 'vitest'
import { VirtualTime } from '../infrastructure/time/virtual-time.js'
import type { Outcome } from './port.js'
import { waitForBudget } from './wait-for-budget.js'

/** The outcome of a read that is refused for `refusedMs`, and how long it took. */
async function readRefusedFor(refusedMs: number, maxMs: number) {
  const time = new VirtualTime()
  const start = time.ms()
  const resumeAt = new Date(start + refusedMs)
  const read = async (): Promise<Outcome<string>> =>
    time.ms() < resumeAt.getTime() ? { kind: 'THROTTLED', resumeAt } : { kind: 'OK', value: 'read' }
  const outcome = await time.until(waitForBudget({ clock: time, timers: time }, maxMs, read), 60_000)
  return [outcome.kind, time.ms() - start]
}

it('waits until the read may be sent, unless that takes too long', async () => {
  expect(await readRefusedFor(0, 5_000)).toEqual(['OK', 0])
  expect(await readRefusedFor(3_000, 5_000)).toEqual(['OK', 3_000])
  expect(await readRefusedFor(6_000, 5_000)).toEqual(['THROTTLED', 0])
})
