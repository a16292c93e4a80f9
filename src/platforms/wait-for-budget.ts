import type { Clock } from '../infrastructure/time/clock.js'
import type { Timers } from '../infrastructure/time/timers.js'
import type { Outcome } from './port.js'

/** Repeats a read that the rate limit refuses, as long as it may be sent within `maxMs`: for reads that a person waits for. */
export async function waitForBudget<T>(
  { clock, timers }: { clock: Clock; timers: Timers },
  maxMs: number,
  read: () => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const giveUpAt = clock.now().getTime() + maxMs
  for (;;) {
    const outcome = await read()
    if (outcome.kind !== 'THROTTLED' || outcome.resumeAt.getTime() > giveUpAt) return outcome
    await timers.sleep(Math.max(1, outcome.resumeAt.getTime() - clock.now().getTime()))
  }
}
