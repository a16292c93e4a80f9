import { setTimeout as sleep } from 'node:timers/promises'
import type { Lane } from '../../../src/domain/channel.js'
import type { Budget, RateLimiter } from '../../../src/platforms/throttle/limiter.js'

/** Requests one unit in a loop for `forMs`. Returns the time of each grant, ms of the monotonic clock. */
export async function acquireRepeatedly(
  limiter: RateLimiter,
  budget: Budget,
  lane: Lane,
  forMs: number,
): Promise<number[]> {
  const granted: number[] = []
  const end = performance.now() + forMs
  while (performance.now() < end) {
    const permit = await limiter.acquire(budget, 1, lane)
    if (permit.granted) granted.push(performance.now())
    else await sleep(Math.min(permit.waitMs, 5))
  }
  return granted
}

/** Maximum number of grants within any sliding window. */
export function worstWindow(instants: readonly number[], windowMs: number): number {
  const ordered = instants.toSorted((a, b) => a - b)
  let [start, worst] = [0, 0]
  ordered.forEach((at, index) => {
    while (at - (ordered[start] ?? at) >= windowMs) start += 1
    worst = Math.max(worst, index - start + 1)
  })
  return worst
}
