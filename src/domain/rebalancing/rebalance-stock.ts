import { splitPool } from '../stock/allocation.js'
import { DIRECT } from '../channel.js'
import type { ChannelView, EventView, PolicySettings } from './rebalance-view.js'
import { demandUpperBound } from './velocity.js'

const HOUR = 3_600_000

/** A possible donor or receiver, with the units it has left and should have. Counts are tickets. */
export interface ChannelStock extends Pick<
  ChannelView,
  'id' | 'platform' | 'writableInMs' | 'msSinceDonated' | 'msSinceReceived' | 'msSinceRead' | 'waitlistPromotes'
> {
  /** Tickets per hour. */
  velocity: number
  /** Unsold units under the desired cap; updated as moves are planned. */
  left: number
  /** Units it should have left so that all channels sell out together. */
  target: number
  /** Units of the target that a shrink in flight will supply. */
  incoming: number
  /** Minimum for its next buyers, independent of velocity. */
  floor: number
  /** Units it does not donate: below the minimum cap, or likely to be sold before a correction. */
  retained: number
  /** Units it may still donate in this round; 0 until it was read since it opened. */
  maxDonation: number
  /** Upper bound of units it can sell before the event starts. */
  sellable: number
  /** It could sell out before a move takes effect. */
  urgent: boolean
}

/** Channels that can participate, with their targets, and the units that shrinks in flight will release. */
export function stocksOf(view: EventView, settings: PolicySettings): { stocks: ChannelStock[]; incoming: number } {
  const movable = view.channels.filter(isMovable)
  const left = movable.reduce((sum, channel) => sum + leftIn(channel), 0)
  const incoming = view.channels.reduce((sum, channel) => sum + inFlight(channel, settings), 0)
  const pool = left + Math.max(0, Math.floor(view.unallocated)) + incoming
  const reserve = Math.min(settings.reserveUnits, Math.floor(pool / (2 * Math.max(1, movable.length))))
  const floors = floorsOf(movable, pool, reserve, settings)
  const selling = movable.some(({ velocityPerHour }) => velocityPerHour > 0)
  const claims = movable.map((channel, index) => ({
    key: channel.id,
    weight: selling ? channel.velocityPerHour : channel.weight,
    floor: floors[index] ?? 0,
  }))
  const targets = splitPool(pool, claims)
  const stocks = movable.map((channel, index) =>
    stockOf(channel, { target: targets.get(channel.id) ?? 0, floor: floors[index] ?? 0, view, settings }),
  )
  return { stocks, incoming }
}

/** A channel's demand is unknown until its sales were read at least once since it opened. */
export function isRead({ msSinceRead, msSinceOpened }: ChannelView): boolean {
  return msSinceRead !== null && msSinceRead < (msSinceOpened ?? Infinity)
}

/** Upper estimate of what a channel sells before units could be returned to it. */
function reserveFor({ velocityPerHour: perHour, evidence }: ChannelView, { correctionMs }: PolicySettings): number {
  return demandUpperBound({ perHour, evidence }, correctionMs / HOUR)
}

/** Desired and confirmed caps that differ mean a pending write: equivalent to one in flight. */
function isMovable({ open, confirmed, id, cap, confirmedCap }: ChannelView): boolean {
  return open && confirmed && (id === DIRECT.id || cap === confirmedCap)
}

function leftIn({ cap, sold, pending }: ChannelView): number {
  return Math.max(0, Math.floor(cap - sold - pending))
}

function inFlight(channel: ChannelView, { maxShrinkWaitMs }: PolicySettings): number {
  const { cap, confirmedCap, sold, pending, msSinceDonated } = channel
  if (isMovable(channel) || confirmedCap === null || msSinceDonated === null || msSinceDonated > maxShrinkWaitMs)
    return 0
  return Math.max(0, confirmedCap - Math.max(cap, sold + pending))
}

/** Expected sales while a move is in progress, in addition to the reserve for the next buyers if the pool is sufficient. */
function floorsOf(channels: readonly ChannelView[], pool: number, reserve: number, settings: PolicySettings): number[] {
  const reactionHours = settings.reactionMs / HOUR
  const floors = channels.map(({ velocityPerHour }) => reserve + Math.ceil(velocityPerHour * reactionHours))
  return floors.reduce((sum, floor) => sum + floor, 0) <= pool ? floors : channels.map(() => reserve)
}

function stockOf(
  channel: ChannelView,
  context: { target: number; floor: number; view: EventView; settings: PolicySettings },
): ChannelStock {
  const { target, floor, view, settings } = context
  const { velocityPerHour: velocity, minCap, sold, pending, waitlistPromotes, writableInMs } = channel
  const left = leftIn(channel)
  const untilStart = velocity > 0 ? velocity * view.hoursToStart : 0
  return {
    id: channel.id,
    platform: channel.platform,
    writableInMs,
    msSinceDonated: channel.msSinceDonated,
    msSinceReceived: channel.msSinceReceived,
    msSinceRead: channel.msSinceRead,
    waitlistPromotes,
    velocity,
    left,
    target,
    floor,
    incoming: 0,
    retained: Math.max(minCap - sold - pending, reserveFor(channel, settings)),
    maxDonation: isRead(channel) ? Math.max(1, Math.floor(left * settings.stepShare)) : 0,
    sellable: Math.ceil(untilStart + 3 * Math.sqrt(untilStart) + settings.reserveUnits),
    urgent: left <= (velocity * settings.reactionMs) / HOUR + 1,
  }
}
