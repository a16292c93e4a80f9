import type { ChannelMode } from './channel.js'
import { seatsTaken, type CapKnowledge } from './exposure.js'

export type ReleaseTarget = CapKnowledge & { desiredCap: number; desiredMode: ChannelMode }

/**
 * The absolute cap that lets a channel sell `released` units more. A closed channel (red alarm, or no share) starts
 * at what is taken there: its old cap is not on sale any more. An open one keeps what it may still sell.
 */
export function capAfterRelease(channel: ReleaseTarget, released: number): number {
  const open = channel.desiredMode === 'OPEN'
  return Math.max(seatsTaken(channel), open ? channel.desiredCap : 0) + released
}
