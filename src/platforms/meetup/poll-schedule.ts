import type { ChannelReading } from '../port.js'
import { MEETUP_WEIGHTS } from './operations.js'

export interface PollNeeds {
  /** Between two polls in quiet times, ms. */
  baseMs: number
  /** Events that share the budget. */
  events: number
  /** Points per second that polls may spend together. */
  pointsPerSecond: number
}

const NEAR_FULL = 0.9

/** When to poll an event next, ms from now: twice as often in the last tenth, seldom when closed, never beyond the budget. */
export function nextPollMs(reading: Pick<ChannelReading, 'cap' | 'sold' | 'mode'>, needs: PollNeeds): number {
  const { cap, sold, mode } = reading
  const full = typeof cap === 'number' && sold !== null && sold >= cap
  const nearFull = typeof cap === 'number' && sold !== null && sold >= cap * NEAR_FULL
  const wanted = mode === 'WAITLIST_ONLY' && !full ? needs.baseMs * 6 : nearFull ? needs.baseMs / 2 : needs.baseMs
  const affordable = (needs.events * MEETUP_WEIGHTS.newest * 1_000) / needs.pointsPerSecond
  return Math.ceil(Math.max(wanted, affordable))
}
