import type { ChannelName, ChannelRef } from '../channel.js'

/** Source of moves that take free units. */
export const UNALLOCATED = 'UNALLOCATED' as const

/** One channel as the rebalancing policy sees it. All counts are tickets; caps are absolute totals. */
export interface ChannelView extends ChannelRef {
  platform: ChannelName
  /** The desired cap. */
  cap: number
  /** The last confirmed cap; null: unknown. Not required for DIRECT. */
  confirmedCap: number | null
  sold: number
  /** In open carts or on hold. */
  pending: number
  velocityPerHour: number
  /** Evidence for the velocity, in tickets: the less, the larger its uncertainty. */
  evidence: number
  /** The organizer's weight: determines shares until the first sale. */
  weight: number
  /** ms since it last went on sale; null: not on sale. */
  msSinceOpened: number | null
  /** ms since its sales were last read; null: never. */
  msSinceRead: number | null
  /** False: waitlist only, paused or closed. Excluded from rebalancing. */
  open: boolean
  /** False: a write is in flight or unconfirmed, or the platform rejects our calls. Excluded from rebalancing. */
  confirmed: boolean
  /** ms until its rate limit budget allows a write; 0: now. */
  writableInMs: number
  /** The smallest cap the platform accepts. */
  minCap: number
  /** ms since it last donated units; null: never. */
  msSinceDonated: number | null
  /** ms since it last received units from another channel; null: never. */
  msSinceReceived: number | null
  /** Raising its cap sells to its waitlist immediately (Meetup): donations are hard to reverse, so its cool-down is longer. */
  waitlistPromotes: boolean
}

export interface EventView {
  /** Free units that are not allocated to any channel. */
  unallocated: number
  softCapThreshold: number
  soldAndHeld: number
  hoursToStart: number
  channels: readonly ChannelView[]
}

export interface Move {
  /** The id of a channel, or UNALLOCATED. */
  from: string
  /** The id of a channel. */
  to: string
  quantity: number
  /** Human-readable, for the organizer. */
  reason: string
}

export interface PolicySettings {
  /** Time until moved units are on sale, ms: a channel must not sell out within it. */
  reactionMs: number
  /** Units reserved for the next buyers of a slow channel if there are enough. */
  reserveUnits: number
  /** Time until units could be returned to a donor, ms: what it retains must last that long. */
  correctionMs: number
  /** Age from which a channel's last read is stale, ms: it is read again before another channel sells out. */
  staleReadMs: number
  /** Maximum share of a donor's remaining units that is moved in one round (at least 1 unit). */
  stepShare: number
  /** Minimum size of a non-urgent move, as a share of the receiver's target. */
  minGainShare: number
  /** Minimum time, ms, and minimum number of the event's sales before donor and receiver can change roles. */
  coolDownMs: number
  coolDownSales: number
  /** Shorter cool-down, ms, if the receiver could sell out before a move takes effect and the donor lasts far longer. */
  urgentCoolDownMs: number
  /** Maximum wait for a channel's budget, ms; beyond it the channel is skipped. */
  maxBudgetWaitMs: number
  /** While a budget is exhausted, moves smaller than this are deferred unless urgent. */
  scarceQuantity: number
  /** Maximum time to wait for units from a shrink in flight, ms. */
  maxShrinkWaitMs: number
}

export const DEFAULT_SETTINGS: PolicySettings = {
  reactionMs: 30_000,
  reserveUnits: 3,
  correctionMs: 30_000,
  staleReadMs: 10_000,
  stepShare: 0.5,
  minGainShare: 0.25,
  coolDownMs: 60_000,
  coolDownSales: 3,
  urgentCoolDownMs: 10_000,
  maxBudgetWaitMs: 10_000,
  scarceQuantity: 3,
  maxShrinkWaitMs: 20_000,
}
