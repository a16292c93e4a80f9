import type { ChannelName } from './channel.js'

/** One channel as the rebalancing policy sees it. All counts are tickets; caps are absolute totals. */
export interface ChannelView {
  channel: ChannelName
  /** The cap wanted now. */
  cap: number
  /** What the platform confirmed last; null: unknown. DIRECT needs none. */
  confirmedCap: number | null
  sold: number
  /** In open carts or held. */
  pending: number
  velocityPerHour: number
  /** Tickets' worth of evidence behind the velocity: the fewer, the more it may differ. */
  evidence: number
  /** The organizer's weight: shares while nothing is sold. */
  weight: number
  /** ms since it came on sale as it is now; null: it is not on sale. */
  openedMsAgo: number | null
  /** ms up to which its sales are known; null: it was never read. */
  readMsAgo: number | null
  /** False: waitlist only, paused or closed. It is left alone. */
  open: boolean
  /** False: a write is in flight or of unknown outcome, or the platform refuses our calls. It is left alone. */
  settled: boolean
  /** ms until its budget allows a write; 0: now. */
  writableInMs: number
  /** The smallest cap the platform takes. */
  minCap: number
  /** ms since it last gave units away; null: never. */
  gaveMsAgo: number | null
  /** ms since it last got units from another channel; null: never. */
  gotMsAgo: number | null
  /** A raise there sells to its waitlist at once (Meetup): what is taken away is not simply given back, so it keeps longer. */
  waitlistPromotes: boolean
}

export interface EventView {
  /** Units in no channel, free to be given out. */
  unallocated: number
  softCapThreshold: number
  soldAndHeld: number
  hoursToStart: number
  channels: readonly ChannelView[]
}

export interface Move {
  from: ChannelName | 'UNALLOCATED'
  to: ChannelName
  quantity: number
  /** In plain words, for the organiser. */
  reason: string
}

export interface PolicySettings {
  /** How long a move takes until it can be sold from, ms: what a channel must be able to bridge. */
  reactionMs: number
  /** Units kept for the next buyers of a slow channel while there are enough. */
  keepUnits: number
  /** How long a donor must get along with what it keeps, ms: until it could be given units back. */
  correctionMs: number
  /** A channel that was read longer ago is worth a read before another one runs dry, ms. */
  staleReadMs: number
  /** At most this share of what a donor has left goes in one round (at least 1 unit). */
  stepShare: number
  /** A move that is not urgent must be this share of what the receiver should have. */
  minGainShare: number
  /** Donor and receiver change roles at the earliest after this time, ms, and after so many sales of the event. */
  coolDownMs: number
  coolDownSales: number
  /** Instead of that, where the receiver could run dry before a move reaches it and the donor lasts far longer, ms. */
  urgentCoolDownMs: number
  /** A channel whose budget is further away is left alone, ms. */
  patienceMs: number
  /** While a budget is used up, smaller moves wait unless they are urgent. */
  scarceQuantity: number
  /** For how long units are expected to come from a shrink in flight, ms. */
  shrinkPatienceMs: number
}

export const DEFAULT_SETTINGS: PolicySettings = {
  reactionMs: 30_000,
  keepUnits: 3,
  correctionMs: 30_000,
  staleReadMs: 10_000,
  stepShare: 0.5,
  minGainShare: 0.25,
  coolDownMs: 60_000,
  coolDownSales: 3,
  urgentCoolDownMs: 10_000,
  patienceMs: 10_000,
  scarceQuantity: 3,
  shrinkPatienceMs: 20_000,
}
