import type { Rebalancer } from '../../rebalancing/rebalancer.js'
import { StateConflict } from '../../domain/errors.js'
import type { Clock } from '../../infrastructure/time/clock.js'
import type { Timers } from '../../infrastructure/time/timers.js'

const MAX_WAIT_MS = 10_000
const RETRY_MS = 250

/** On request: waits while a periodic rebalance of the event is running. Throws StateConflict after 10 s. */
export async function rebalanceNow(
  rebalancer: Rebalancer,
  eventId: string,
  dryRun: boolean,
  { clock, timers }: { clock: Clock; timers: Timers },
) {
  const deadline = clock.monotonicMs() + MAX_WAIT_MS
  for (;;) {
    const result = await rebalancer.rebalance(eventId, dryRun)
    if (result) return result
    if (clock.monotonicMs() > deadline)
      throw new StateConflict('A rebalance is already running for this event. Try again.')
    await timers.sleep(RETRY_MS)
  }
}
