import type { ChannelMode } from '../channel.js'

/** A cap that a listing has: a number of tickets, no limit, or unknown (null). */
export type ProvenCap = number | 'UNLIMITED' | null

/** What is known of a channel when the proof of its event starts. Instants: ISO 8601, UTC. */
export interface ProvenChannel {
  id: string
  platform: string
  cap: ProvenCap
  /** Whether the service has confirmed a cap of its own there. */
  confirmed: boolean
  detached: boolean
  /** Tickets in the platform's own count; null: it reported none. */
  sold: number | null
  /** Tickets in open carts. */
  carts: number
  /** The largest cap that a write may still bring into force; null: none. */
  open: number | null
  /** Exposure before a smaller cap that was confirmed without a count; null: everything is counted. */
  uncounted: number | 'UNLIMITED' | null
  uncountedSince: string | null
}

/** `[from, to, units]` */
export type ProvenMove = readonly [from: string, to: string, units: number]

/** What the line of a stock operation records; its reason is a code. */
export const STOCK_KINDS = ['SALE', 'CANCELLATION', 'HOLD', 'HOLD_ENDED', 'CAPACITY', 'MOVEMENT'] as const
export type StockKind = (typeof STOCK_KINDS)[number]

/**
 * What one line of a proof records: ids, counts, accounts, modes and codes, never a name, an address or free text.
 * Undefined members are left out of the line.
 */
export type ProofFact =
  /** The first line: what the ledger and the channels were before it. */
  | { kind: 'STARTED'; event: string; balances: Record<string, number>; channels: readonly ProvenChannel[] }
  | { kind: StockKind; operation: string; reason: string; operator?: string; moves: readonly ProvenMove[] }
  /** A cap write was started; from now on it may take effect. `write`: its number among those of the channel. */
  | { kind: 'CAP_WRITE'; channel: string; write: number; cap: number; mode: ChannelMode }
  /** `sold` null: the response had no count. `settled`: no earlier write can take effect any more. */
  | ({ kind: 'CAP_CONFIRMED'; write: number; settled: boolean } & Sent & Reading)
  /** Confirmed after a later write was started: which of the two is in force is unknown. */
  | { kind: 'CAP_CONFIRMED_LATE'; channel: string; write: number; cap: number }
  /** The write had no effect. With counts: the platform refused it because it has sold more. */
  | ({ kind: 'CAP_FAILED'; channel: string; write: number; sold?: number; carts?: number } & Sent)
  /** What a read of the listing changed. `counted`: sales under an earlier cap are included in `sold` from now on. */
  | ({ kind: 'READING'; settled: boolean; counted: boolean; open?: number } & Reading)
  | { kind: 'DESIRED'; channel: string; cap: number | null; mode: ChannelMode }
  /** A channel that was added after the first line, or attached again. */
  | { kind: 'CHANNEL_ATTACHED'; state: ProvenChannel }
  /** `assumedBy`: the id of the operator by whose word nothing more could be sold there; undefined: the platform confirmed it. */
  | { kind: 'CHANNEL_DETACHED'; channel: string; assumedBy?: string }

interface Reading {
  channel: string
  cap: ProvenCap
  mode: ChannelMode
  sold: number | null
  carts: number
  /** When the platform was in this state, by the clock of the service or the platform. */
  asOf: string
}

interface Sent {
  /** When the last request of the write was sent; undefined: none was. */
  sentAt?: string
}
