import type { ChannelReading, Cursor } from '../port.js'
import { readCursor } from './orders/cursor.js'
import { pollSize, weightOfPage } from './client/operations.js'

const NEARLY_FULL_SHARE = 0.9
/** Factors on the poll interval: closed listings are polled less often, nearly full ones more often. */
const CLOSED_FACTOR = 6
const NEARLY_FULL_FACTOR = 1 / 2

/** The desired interval between two polls for a listing's state, ms, regardless of the budget. */
export function desiredPollMs(
  { cap, sold, mode }: Pick<ChannelReading, 'cap' | 'sold' | 'mode'>,
  baseMs: number,
): number {
  const full = typeof cap === 'number' && sold !== null && sold >= cap
  const nearlyFull = typeof cap === 'number' && sold !== null && sold >= cap * NEARLY_FULL_SHARE
  if (mode === 'WAITLIST_ONLY' && !full) return baseMs * CLOSED_FACTOR
  return nearlyFull ? baseMs * NEARLY_FULL_FACTOR : baseMs
}

/** The cost of a listing's next poll in points, given the cursor of its last one. */
export function pollPoints(cursor: Cursor | null): number {
  const parsed = cursor && readCursor(cursor)
  return weightOfPage(pollSize(parsed?.recent ?? 0))
}
