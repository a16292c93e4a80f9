import type { ChannelMode, Lane } from '../channel.js'
import { seatsTaken, type CapKnowledge } from './exposure.js'

/** Seats on a platform, in tickets. */
export interface SeatCount {
  sold: number
  /** In carts. */
  pending: number
}

/** Desired and confirmed state of a channel, and the units that cover it. */
export interface ChannelCapState extends CapKnowledge {
  desiredCap: number | null
  /** The smallest cap that can be set there. Omitted: 1, as no platform with an API accepts a cap of 0. */
  minCap?: number
  desiredMode: ChannelMode
  confirmedMode: ChannelMode
  /** Units of the ledger that cover what the platform can still sell. */
  allocated: number
  /** Sales that no unit of the channel covers: the safety stock does until one is free, or they are oversold. Omitted: none. */
  uncovered?: number
  /** The last write is unconfirmed: the platform's state is unknown, regardless of earlier confirmations. */
  unconfirmed?: boolean
  /** Sales caused by the last raise are not known yet: only a read can show them. */
  unread?: boolean
  /** What the platform showed just now, after the last write, even where an incomplete list was counted. Null: nothing. */
  justCounted?: SeatCount | null
}

export type NextWrite =
  | { kind: 'IN_SYNC' }
  /** An unconfirmed write may still take effect: a read resolves it after the settle time. */
  | { kind: 'AWAIT_READING' }
  /** Growth exceeds the free units: retried when another channel has released some. */
  | { kind: 'WAIT' }
  /** `units` must be allocated to the channel before the write is sent. */
  | { kind: 'WRITE'; mode: 'OPEN' | 'WAITLIST_ONLY'; cap: number; units: number; lane: Exclude<Lane, 'bulk'> }

const minCapOf = ({ minCap = 1 }: Pick<ChannelCapState, 'minCap'>) => minCap

/**
 * The next write that brings a platform closer to its desired state and keeps exposure covered: lowering a cap is always
 * allowed, raising it only as far as the channel's own and the `free` units cover it. No write exceeds the desired cap,
 * unless that many seats are already taken under the current cap.
 */
export function nextWrite(channel: ChannelCapState, free: number): NextWrite {
  if (channel.desiredMode !== 'OPEN') return closingWrite(channel)
  if (channel.desiredCap === null) return noWrite(channel)
  const taken = seatsTaken(channel)
  const target = Math.max(minCapOf(channel), channel.desiredCap, Math.min(taken, channel.confirmedCap ?? Infinity))
  if (channel.confirmedCap === null) return initialWrite(channel, target, taken, free)
  const open = channel.confirmedMode === 'OPEN' || isSoldOut(channel)
  if (channel.confirmedCap === target && open && !channel.unconfirmed) return noWrite(channel)
  if (target > channel.confirmedCap) return growthWrite(channel, channel.confirmedCap, target, free)
  const lane = target < channel.confirmedCap ? 'protect' : 'grow'
  return { kind: 'WRITE', mode: 'OPEN', cap: target, units: 0, lane }
}

/** True if the desired cap is fully sold: a full platform appears closed, and opening it would sell nothing. */
export function isSoldOut(channel: ChannelCapState): boolean {
  return channel.desiredCap !== null && Math.max(minCapOf(channel), channel.desiredCap) <= seatsTaken(channel)
}

/** Without a known cap any cap reduces exposure: write what units cover, and at least the seats already taken. */
function initialWrite(channel: ChannelCapState, target: number, taken: number, free: number): NextWrite {
  const { covered, units } = coverage(channel, target, free)
  const cap = Math.max(taken, covered)
  if (cap < minCapOf(channel)) return closingWrite(channel)
  return { kind: 'WRITE', mode: 'OPEN', cap, units, lane: 'protect' }
}

function growthWrite(channel: ChannelCapState, currentCap: number, target: number, free: number): NextWrite {
  // Consecutive raises without a read would spend the budget that the read needs.
  if (channel.unread && channel.confirmedMode === 'OPEN' && !channel.unconfirmed) return { kind: 'WAIT' }
  const { covered, units } = coverage(channel, target, free)
  const opens = channel.confirmedMode !== 'OPEN' && covered === currentCap && covered > seatsTaken(channel)
  if (covered > currentCap || opens) return { kind: 'WRITE', mode: 'OPEN', cap: covered, units, lane: 'grow' }
  if (!channel.unconfirmed) return { kind: 'WAIT' }
  return { kind: 'WRITE', mode: 'OPEN', cap: Math.max(minCapOf(channel), currentCap), units: 0, lane: 'grow' }
}

/**
 * The cap up to `target` that units cover, and how many free units it requires. Sales that were
 * covered by the safety stock, or by nothing, cover no cap: a sale that is read before the cancellation that made room for
 * it must not raise the cap.
 */
function coverage({ sold, allocated, uncovered = 0 }: ChannelCapState, target: number, free: number) {
  const own = sold + allocated - uncovered
  const units = Math.min(Math.max(0, target - own), Math.max(0, free))
  return { covered: Math.min(target, own + units), units }
}

/** Closes at the number of seats known to be taken, never above the current cap. */
function closingWrite(channel: ChannelCapState): NextWrite {
  const currentCap = channel.confirmedCap ?? Infinity
  const least = minCapOf(channel)
  const taken = Math.max(least, seatsTaken(channel))
  const closed = channel.confirmedMode === 'WAITLIST_ONLY' && currentCap <= taken
  if (closed && !channel.unconfirmed) return noWrite(channel)
  let cap = Math.max(least, Math.min(taken, currentCap))
  // The same cap left the platform open: fewer seats are taken there than recorded.
  if (!closed && cap === currentCap && channel.justCounted) {
    cap = Math.max(least, Math.min(cap, seatsHeld(channel.justCounted, cap)))
  }
  return { kind: 'WRITE', mode: 'WAITLIST_ONLY', cap, units: 0, lane: 'protect' }
}

/**
 * By the platform's own count, if it is open at this cap: below the cap a cancellation has not been read yet; otherwise
 * seats in carts do not count against the cap there, so that only sold ones close it. This is the count just read,
 * since the recorded one stays higher while cancellations are not read yet; one that is too low closes it, too.
 */
function seatsHeld({ sold, pending }: SeatCount, cap: number): number {
  return sold + pending < cap ? sold + pending : sold
}

function noWrite(channel: ChannelCapState): NextWrite {
  return channel.unconfirmed || channel.unconfirmedCap !== null ? { kind: 'AWAIT_READING' } : { kind: 'IN_SYNC' }
}
