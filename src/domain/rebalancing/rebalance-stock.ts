import { DIRECT } from '../channel.js'
import type { ChannelView, EventView, PolicySettings } from './rebalance-view.js'
import { LARGEST_PARTY, demandTail, quantileOf } from './ticket-demand.js'

const HOUR = 3_600_000

/** A possible donor or receiver, with the units it has left and what it needs until its next correction. Counts are tickets. */
export interface ChannelStock {
  channel: ChannelView
  /** Unsold units under the desired cap; updated as moves are planned. */
  left: number
  /** With fewer units left it gets more. */
  low: number
  /** Units that last until the correction after the next, and a party longer. */
  high: number
  /** Units it should have left; set by `setTargets`. */
  target: number
  /** Units it is likely to sell before a correction: never donated. */
  needed: number
  /** The smallest target: units below the platform's minimum cap cannot be donated, or none can. */
  minLeft: number
  /** The largest target, by the organizer's limit. */
  maxLeft: number
  /** Whether its sales were read since it opened: its demand is unknown until then. */
  read: boolean
}

/** Channels that can participate, and the units that shrinks in flight will release. */
export function stocksOf(view: EventView, settings: PolicySettings): { stocks: ChannelStock[]; incoming: number } {
  const stocks = view.channels.filter(isMovable).map((channel) => stockOf(channel, settings))
  const incoming = view.channels.reduce((sum, channel) => sum + inFlight(channel, settings), 0)
  return { stocks, incoming }
}

/** Desired and confirmed caps that differ mean a pending write: equivalent to one in flight. */
function isMovable({ open, confirmed, id, cap, confirmedCap }: ChannelView): boolean {
  return open && confirmed && (id === DIRECT.id || cap === confirmedCap)
}

function inFlight(channel: ChannelView, { maxShrinkWaitMs }: PolicySettings): number {
  const { cap, confirmedCap, sold, pending, msSinceDonated } = channel
  if (isMovable(channel) || confirmedCap === null || msSinceDonated === null || msSinceDonated > maxShrinkWaitMs)
    return 0
  return Math.max(0, confirmedCap - Math.max(cap, sold + pending))
}

function stockOf(channel: ChannelView, { lowRisk, highRisk, refillUnits }: PolicySettings): ChannelStock {
  const { cap, sold, pending, velocityPerHour: perHour, evidence, minCap, maxUnits, correctionMs } = channel
  const { msSinceRead, msSinceOpened, donates } = channel
  const hours = correctionMs / HOUR
  const needed = quantileOf(demandTail({ perHour, evidence }, hours), lowRisk)
  const untilNext = quantileOf(demandTail({ perHour, evidence }, 2 * hours), highRisk)
  const maxLeft = maxUnits === null ? Infinity : Math.max(0, Math.floor(maxUnits - sold - pending))
  const left = Math.max(0, Math.floor(cap - sold - pending))
  return {
    channel,
    left,
    low: Math.min(maxLeft, needed + LARGEST_PARTY),
    high: Math.min(maxLeft, Math.max(needed, untilNext) + LARGEST_PARTY + refillUnits),
    target: 0,
    needed,
    minLeft: Math.max(donates ? 0 : left, minCap - sold - pending),
    maxLeft,
    read: msSinceRead !== null && msSinceRead < (msSinceOpened ?? Infinity),
  }
}
