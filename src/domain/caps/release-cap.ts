import type { ChannelMode } from '../channel.js'
import { seatsTaken, type CapKnowledge } from './exposure.js'

export type ReleaseTarget = CapKnowledge & { desiredCap: number; desiredMode: ChannelMode }

/**
 * The absolute cap at which a channel can sell `released` more units. A closed channel (red alarm, or no share) starts at
 * its seats taken: its old cap is no longer on sale. An open one keeps what it can still sell.
 */
export function capAfterRelease(channel: ReleaseTarget, released: number): number {
  const open = channel.desiredMode === 'OPEN'
  return Math.max(seatsTaken(channel), open ? channel.desiredCap : 0) + released
}
