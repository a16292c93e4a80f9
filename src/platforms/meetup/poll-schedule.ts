import type { ChannelReading, Cursor } from '../port.js'
import { parseCursor } from './listing-cursor.js'
import { pollSize, weightOfPage } from './operations.js'

const NEAR_FULL = 0.9
/** A listing that sells no more is polled so much more seldom. */
const CLOSED = 6
/** One that is nearly full so much more often. */
const NEARLY_FULL = 1 / 2

/** The pause between two polls as a listing's state wants it, ms: whether the budget allows it is another question. */
export function wantedPollMs(
  { cap, sold, mode }: Pick<ChannelReading, 'cap' | 'sold' | 'mode'>,
  baseMs: number,
): number {
  const full = typeof cap === 'number' && sold !== null && sold >= cap
  const nearFull = typeof cap === 'number' && sold !== null && sold >= cap * NEAR_FULL
  if (mode === 'WAITLIST_ONLY' && !full) return baseMs * CLOSED
  return nearFull ? baseMs * NEARLY_FULL : baseMs
}

/** Points of the next poll of a listing, from where its last one left off. */
export function pollPoints(cursor: Cursor | null): number {
  const mark = cursor && parseCursor(cursor)
  return weightOfPage(pollSize(mark?.recent ?? 0))
}

/** How often it is polled, ms. `stretch`: what all polls want, of what they may spend together; 1 or less: all of it. */
export function nextPollMs(wantedMs: number, stretch: number): number {
  return Math.ceil(wantedMs * Math.max(1, stretch))
}
