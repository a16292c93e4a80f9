import type { ChannelMode, Lane } from './channel.js'
import { countedThere, exposure, taken as takenBy, type CapKnowledge } from './exposure.js'

/** What is wanted on a platform, what is known to stand there, and which units cover it. */
export interface ChannelStanding extends CapKnowledge {
  desiredCap: number | null
  desiredMode: ChannelMode
  confirmedMode: ChannelMode
  /** Units of the ledger that cover what the platform can still sell. */
  allocated: number
}

export type NextWrite =
  | { kind: 'IN_STEP' }
  /** More is wanted than free units cover: later, when another channel has let go. */
  | { kind: 'WAIT' }
  /** `units` must be allocated to the channel before the write is sent. */
  | { kind: 'WRITE'; mode: 'OPEN' | 'WAITLIST_ONLY'; cap: number; units: number; lane: Exclude<Lane, 'bulk'> }

/** No platform takes a cap of 0: it is refused, unlimited, or undocumented. */
const SMALLEST_CAP = 1

/**
 * The one write that brings a platform nearer to what is wanted without ever letting exposure pass what is covered:
 * shrinking is always allowed, growing only as far as `free` units reach.
 */
export function nextWrite(channel: ChannelStanding, free: number): NextWrite {
  const taken = takenBy(channel)
  if (channel.desiredMode !== 'OPEN') return closingWrite(channel, Math.max(SMALLEST_CAP, taken, countedThere(channel)))
  if (channel.desiredCap === null) return { kind: 'IN_STEP' }
  const target = Math.max(SMALLEST_CAP, channel.desiredCap, taken)
  const open = channel.confirmedMode === 'OPEN'
  // A full platform reads as closed; opening it would sell nothing.
  if (channel.confirmedCap === target && (open || target <= taken)) return { kind: 'IN_STEP' }
  const exposed = exposure(channel)
  if (target <= exposed) {
    const shrinks = channel.confirmedCap === null || target < channel.confirmedCap
    return { kind: 'WRITE', mode: 'OPEN', cap: target, units: 0, lane: shrinks ? 'protect' : 'grow' }
  }
  const missing = Math.max(0, target - channel.sold - channel.allocated)
  const units = Math.min(missing, Math.max(0, free))
  const cap = target - missing + units
  const gains = open ? cap > exposed : cap > taken && cap >= exposed
  return gains ? { kind: 'WRITE', mode: 'OPEN', cap, units, lane: 'grow' } : { kind: 'WAIT' }
}

function closingWrite(channel: ChannelStanding, cap: number): NextWrite {
  const closed = channel.confirmedMode === 'WAITLIST_ONLY' && channel.confirmedCap !== null
  if (closed && (channel.confirmedCap ?? Infinity) <= cap) return { kind: 'IN_STEP' }
  return { kind: 'WRITE', mode: 'WAITLIST_ONLY', cap, units: 0, lane: 'protect' }
}
