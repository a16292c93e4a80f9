import type { ChannelMode, Lane } from './channel.js'
import { platformCount, seatsTaken as takenBy, type CapKnowledge } from './exposure.js'

/** What is wanted on a platform, what is known to stand there, and which units cover it. */
export interface ChannelCapState extends CapKnowledge {
  desiredCap: number | null
  desiredMode: ChannelMode
  confirmedMode: ChannelMode
  /** Units of the ledger that cover what the platform can still sell. */
  allocated: number
  /** Of its sales, those that the safety stock stands in for until a unit is free. Left out: none. */
  borrowed?: number
  /** The last write has no confirmation: what stands there is unknown, whatever was confirmed before. */
  unconfirmed?: boolean
  /** Whom its last raise let in is not known yet: nothing but a read will tell. */
  unread?: boolean
  /** `platformSold` and `pending` were counted a moment ago, after the last write. */
  justCounted?: boolean
}

export type NextWrite =
  | { kind: 'IN_SYNC' }
  /** An earlier write without an answer may still land: a reading tells, once it no longer can. */
  | { kind: 'SETTLE' }
  /** More is wanted than free units cover: later, when another channel has let go. */
  | { kind: 'WAIT' }
  /** `units` must be allocated to the channel before the write is sent. */
  | { kind: 'WRITE'; mode: 'OPEN' | 'WAITLIST_ONLY'; cap: number; units: number; lane: Exclude<Lane, 'bulk'> }

/** No platform takes a cap of 0: it is refused, unlimited, or undocumented. */
const MIN_CAP = 1

/**
 * The one write that brings a platform nearer to what is wanted without ever letting exposure pass what is covered:
 * shrinking is always allowed, growing only as far as the channel's own and `free` units reach. No write goes above
 * what is wanted, unless as much is in force and taken already.
 */
export function nextWrite(channel: ChannelCapState, free: number): NextWrite {
  if (channel.desiredMode !== 'OPEN') return closingWrite(channel)
  if (channel.desiredCap === null) return noWrite(channel)
  const taken = takenBy(channel)
  const target = Math.max(MIN_CAP, channel.desiredCap, Math.min(taken, channel.confirmedCap ?? Infinity))
  if (channel.confirmedCap === null) return firstCap(channel, target, taken, free)
  const open = channel.confirmedMode === 'OPEN' || isSoldOut(channel)
  if (channel.confirmedCap === target && open && !channel.unconfirmed) return noWrite(channel)
  if (target > channel.confirmedCap) return growth(channel, channel.confirmedCap, target, free)
  const lane = target < channel.confirmedCap ? 'protect' : 'grow'
  return { kind: 'WRITE', mode: 'OPEN', cap: target, units: 0, lane }
}

/** True when all of the wanted cap is taken: a full platform reads as closed, and opening it would sell nothing. */
export function isSoldOut(channel: ChannelCapState): boolean {
  return channel.desiredCap !== null && Math.max(MIN_CAP, channel.desiredCap) <= takenBy(channel)
}

/** While nothing is known to limit a platform, any cap limits it: to what is covered, and to what is taken anyway. */
function firstCap(channel: ChannelCapState, target: number, taken: number, free: number): NextWrite {
  const { reach, units } = coverage(channel, target, free)
  const cap = Math.max(taken, reach)
  if (cap < MIN_CAP) return closingWrite(channel)
  return { kind: 'WRITE', mode: 'OPEN', cap, units, lane: 'protect' }
}

function growth(channel: ChannelCapState, inForce: number, target: number, free: number): NextWrite {
  // One raise after the other, blind, would spend the budget that the reading needs.
  if (channel.unread && channel.confirmedMode === 'OPEN' && !channel.unconfirmed) return { kind: 'WAIT' }
  const { reach, units } = coverage(channel, target, free)
  const opens = channel.confirmedMode !== 'OPEN' && reach === inForce && reach > takenBy(channel)
  if (reach > inForce || opens) return { kind: 'WRITE', mode: 'OPEN', cap: reach, units, lane: 'grow' }
  if (!channel.unconfirmed) return { kind: 'WAIT' }
  return { kind: 'WRITE', mode: 'OPEN', cap: Math.max(MIN_CAP, inForce), units: 0, lane: 'grow' }
}

/**
 * The cap up to `target` that units cover, and how many of the free ones that takes. The safety stock pays for sales
 * that are there, and for no cap: a sale that is seen before the cancellation that made room for it raises nothing.
 */
function coverage({ sold, allocated, borrowed = 0 }: ChannelCapState, target: number, free: number) {
  const covered = sold + allocated - borrowed
  const units = Math.min(Math.max(0, target - covered), Math.max(0, free))
  return { reach: Math.min(target, covered + units), units }
}

/** At what is taken by all that is known, and never above the cap in force. */
function closingWrite(channel: ChannelCapState): NextWrite {
  const inForce = channel.confirmedCap ?? Infinity
  const taken = Math.max(MIN_CAP, takenBy(channel))
  const closed = channel.confirmedMode === 'WAITLIST_ONLY' && inForce <= taken
  if (closed && !channel.unconfirmed) return noWrite(channel)
  let cap = Math.max(MIN_CAP, Math.min(taken, inForce))
  // This very cap left it open: the platform counts less than we do, a cancellation that we have not heard of.
  if (!closed && cap === inForce && channel.justCounted) {
    cap = Math.max(MIN_CAP, Math.min(cap, platformCount(channel)))
  }
  return { kind: 'WRITE', mode: 'WAITLIST_ONLY', cap, units: 0, lane: 'protect' }
}

function noWrite(channel: ChannelCapState): NextWrite {
  return channel.unconfirmed || channel.unconfirmedCap !== null ? { kind: 'SETTLE' } : { kind: 'IN_SYNC' }
}
