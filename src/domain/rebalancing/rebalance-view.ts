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
  /** The organizer's limit for its cap; null: none. */
  maxUnits: number | null
  /** ms from a seat being taken there until units sent in response are on sale: notice, read, plan and write. */
  correctionMs: number
  /** ms since it last donated units; null: never. */
  msSinceDonated: number | null
  /** ms since it last received units of another channel, directly or through the reserve; null: never. */
  msSinceReceived: number | null
  /** False: lowering its cap costs a person's work, so that units moved there stay there. */
  donates: boolean
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
  /** Share of the units not needed before the next correction that channels get at once; the rest stays in the reserve. */
  handOutShare: number
  /** Probability that a channel with fewer units sells out before a correction: below that it gets more. */
  lowRisk: number
  /** The same within two correction times: a channel gets at least as many units as that takes. */
  highRisk: number
  /** Additional units of a refill, so that a slow channel does not need a write per sale. */
  refillUnits: number
  /** When units are scarce, they are placed for the sales of this share of the longest correction time. */
  scarceHorizonShare: number
  /** When units are scarce, how much more one counts where the last move has brought units: how final a move is. */
  keepFactor: number
  /** Age from which a channel's last read is stale, ms: it is read again before another channel sells out. */
  staleReadMs: number
  /** The same while no units are to be moved, but a channel has too few for a party. */
  idleReadMs: number
  /** Minimum time, ms, before donor and receiver can change roles; twice that where a raise sells to a waitlist. */
  coolDownMs: number
  /** Maximum wait for a channel's budget, ms; beyond it the channel is skipped. */
  maxBudgetWaitMs: number
  /** While a budget is exhausted, moves smaller than this are deferred unless urgent. */
  scarceQuantity: number
  /** Maximum time to wait for units from a shrink in flight, ms. */
  maxShrinkWaitMs: number
}

export const DEFAULT_SETTINGS: PolicySettings = {
  handOutShare: 0.6,
  lowRisk: 0.2,
  highRisk: 0.02,
  refillUnits: 6,
  scarceHorizonShare: 0.5,
  keepFactor: 1.5,
  staleReadMs: 10_000,
  idleReadMs: 120_000,
  coolDownMs: 10_000,
  maxBudgetWaitMs: 10_000,
  scarceQuantity: 3,
  maxShrinkWaitMs: 20_000,
}
