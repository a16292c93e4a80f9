import { splitPool } from './allocation.js'
import type { ChannelName } from './channel.js'
import type { ChannelView, EventView, PolicySettings } from './rebalance-view.js'
import { demandUpperBound } from './velocity.js'

const HOUR = 3_600_000

/** A channel that may give or get units, with what it has left and what it should have. Counts are tickets. */
export interface Stock extends Pick<
  ChannelView,
  'writableInMs' | 'gaveMsAgo' | 'gotMsAgo' | 'readMsAgo' | 'waitlistPromotes'
> {
  channel: ChannelName
  /** Tickets per hour. */
  velocity: number
  /** Still to be sold under the cap wanted; changes as moves are planned. */
  left: number
  /** What it should have left, so that all channels sell out together. */
  target: number
  /** Part of the target that is on its way from a shrink in flight. */
  expected: number
  /** What it keeps for its next buyers, however slow it is. */
  floor: number
  /** What is not taken away: below the smallest cap, or what its next buyers may well need. */
  stays: number
  /** What it may still give in this round; nothing before it was read since it opened. */
  gives: number
  /** More than this is not going to be sold there before the event starts. */
  sellable: number
  /** It could run dry before a move reaches it. */
  urgent: boolean
}

/** The channels that may take part, with their targets; and the units that shrinks in flight will release. */
export function stocksOf(view: EventView, settings: PolicySettings): { stocks: Stock[]; incoming: number } {
  const movable = view.channels.filter(isMovable)
  const left = movable.reduce((sum, channel) => sum + leftIn(channel), 0)
  const incoming = view.channels.reduce((sum, channel) => sum + inFlight(channel, settings), 0)
  const pool = left + Math.max(0, Math.floor(view.unallocated)) + incoming
  const keep = Math.min(settings.keepUnits, Math.floor(pool / (2 * Math.max(1, movable.length))))
  const floors = floorsOf(movable, pool, keep, settings)
  const selling = movable.some(({ velocityPerHour }) => velocityPerHour > 0)
  const claims = movable.map((channel, index) => ({
    key: channel.channel,
    weight: selling ? channel.velocityPerHour : channel.weight,
    floor: floors[index] ?? 0,
  }))
  const targets = splitPool(pool, claims)
  const stocks = movable.map((channel, index) =>
    stockOf(channel, { target: targets.get(channel.channel) ?? 0, floor: floors[index] ?? 0, view, settings }),
  )
  return { stocks, incoming }
}

/** Nothing is known of a channel's demand before its sales were read once since it opened. */
export function isRead({ readMsAgo, openedMsAgo }: ChannelView): boolean {
  return readMsAgo !== null && readMsAgo < (openedMsAgo ?? Infinity)
}

/** What a channel may well sell until it could be given units back. */
function keptFor({ velocityPerHour: perHour, evidence }: ChannelView, { correctionMs }: PolicySettings): number {
  return demandUpperBound({ perHour, evidence }, correctionMs / HOUR)
}

/** Caps wanted and confirmed that differ are a write still to come: as unsettled as one in flight. */
function isMovable({ open, settled, channel, cap, confirmedCap }: ChannelView): boolean {
  return open && settled && (channel === 'DIRECT' || cap === confirmedCap)
}

function leftIn({ cap, sold, pending }: ChannelView): number {
  return Math.max(0, Math.floor(cap - sold - pending))
}

function inFlight(channel: ChannelView, { shrinkPatienceMs }: PolicySettings): number {
  const { cap, confirmedCap, sold, pending, gaveMsAgo } = channel
  if (isMovable(channel) || confirmedCap === null || gaveMsAgo === null || gaveMsAgo > shrinkPatienceMs) return 0
  return Math.max(0, confirmedCap - Math.max(cap, sold + pending))
}

/** What a channel sells while a move is under way, on top of the units kept for the next buyers, if there is enough. */
function floorsOf(channels: readonly ChannelView[], pool: number, keep: number, settings: PolicySettings): number[] {
  const reactionHours = settings.reactionMs / HOUR
  const wanted = channels.map(({ velocityPerHour }) => keep + Math.ceil(velocityPerHour * reactionHours))
  return wanted.reduce((sum, floor) => sum + floor, 0) <= pool ? wanted : channels.map(() => keep)
}

function stockOf(
  channel: ChannelView,
  context: { target: number; floor: number; view: EventView; settings: PolicySettings },
): Stock {
  const { target, floor, view, settings } = context
  const { velocityPerHour: velocity, minCap, sold, pending, waitlistPromotes, writableInMs } = channel
  const left = leftIn(channel)
  const untilStart = velocity > 0 ? velocity * view.hoursToStart : 0
  return {
    channel: channel.channel,
    writableInMs,
    gaveMsAgo: channel.gaveMsAgo,
    gotMsAgo: channel.gotMsAgo,
    readMsAgo: channel.readMsAgo,
    waitlistPromotes,
    velocity,
    left,
    target,
    floor,
    expected: 0,
    stays: Math.max(minCap - sold - pending, keptFor(channel, settings)),
    gives: isRead(channel) ? Math.max(1, Math.floor(left * settings.stepShare)) : 0,
    sellable: Math.ceil(untilStart + 3 * Math.sqrt(untilStart) + settings.keepUnits),
    urgent: left <= (velocity * settings.reactionMs) / HOUR + 1,
  }
}
