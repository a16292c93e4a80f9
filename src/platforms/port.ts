import type { ChannelMode, Lane, Platform } from '../domain/channel.js'
import type { OrderSnapshot } from '../domain/order-snapshot.js'

/** The listing on a platform that an adapter works on. */
export interface Listing {
  externalEventId: string
  /** Null: the whole event is the channel. */
  externalTicketClassId: string | null
  /** The last cap a platform acknowledged, for platforms that do not let it be read back. */
  acknowledgedCap: number | null
  /**
   * The organizer's own limits per ticket type (tickets by type id), as they stood at import: caps are spread in
   * their proportion and come back with it. Null or left out: none were recorded.
   */
  typeLimits?: Readonly<Record<string, number>> | null
}

/** Guards one write at the instant its bytes would go out. */
export interface WriteFence {
  /**
   * Called before each request that changes something on the platform. Records the send, so that the settle window
   * starts with it. False: the write is outdated (newer version, lock lost) and must not be sent.
   */
  beforeSend(): Promise<boolean>
}

/** How one call travels: which budget share it may use and what its log lines are joined by. */
export interface CallContext {
  lane: Lane
  correlationId?: string
  /** Left out: the write is not fenced. Reads are never fenced. */
  fence?: WriteFence
  /** A read that a cap waits for: it is served with the writes of its lane. */
  urgent?: boolean
  /** A reading of the channel also tells its `listingState`, at the cost of another call where that is told apart. */
  state?: boolean
  /** A read of orders may cost a little more where it then shows what the platform counts too. */
  count?: boolean
}

/**
 * What became of a call. Adapters never throw for anything a platform or the network does.
 *
 * - `THROTTLED`: refused unprocessed (by the platform or by our own limiter); try again at `resumeAt`.
 * - `NOT_SENT`: not a byte went out (limiter, breaker or connect failure); nothing changed on the platform.
 * - `UNKNOWN`: a write may or may not have been applied; it may still land within `settleMs`. `answered`: every request
 *   that went out was answered, so that nothing can land later; the write was applied in part.
 * - `UNAVAILABLE`: a read failed. It says nothing about the platform's state ("absence is not zero").
 * - `CAP_BELOW_SOLD`: a cap was refused because the platform has sold more; nothing changed. `sold` and `pending` are
 *   what it counts now, where it said so. Another write may follow at once.
 */
export type Failure =
  | { kind: 'THROTTLED'; resumeAt: Date }
  | { kind: 'NOT_SENT'; reason: string }
  | { kind: 'UNKNOWN'; reason: string; answered?: boolean }
  | { kind: 'REJECTED'; code: string; message: string }
  | { kind: 'CAP_BELOW_SOLD'; sold: number | null; pending: number; reason: string }
  | { kind: 'AUTH_FAILED'; message: string }
  | { kind: 'FORBIDDEN'; message: string }
  | { kind: 'GONE'; message: string }
  | { kind: 'UNAVAILABLE'; reason: string }
  | { kind: 'UNSUPPORTED'; reason: string }

export type Outcome<T> = { kind: 'OK'; value: T } | Failure

/**
 * `UNLIMITED`: the platform is known to have no limit, or one above `MAX_CAP`. Null: it cannot be read. Both are
 * unbounded exposure; only the first one is known to differ from any cap that is wanted.
 */
export type CapReading = number | 'UNLIMITED' | null

/** A cap above this many tickets limits nothing: it is read as `UNLIMITED`. */
export const MAX_CAP = 1_000_000_000

/** Whether the platform still sells the listing at all; `UNKNOWN`: it does not say. */
export type ListingState = 'LIVE' | 'CANCELLED' | 'POSTPONED' | 'ENDED' | 'UNKNOWN'

export interface ChannelReading {
  cap: CapReading
  capSource: 'read' | 'acknowledged' | 'none'
  /** Tickets sold as the platform counts them (heads on Meetup); null where it cannot be told. */
  sold: number | null
  /** Tickets in open carts, which a shrink does not evict. Applicants who wait for approval are no carts. */
  pending: number
  mode: ChannelMode
  /** Left out: `UNKNOWN`. */
  listingState?: ListingState
  /** Each ticket type's own limit, by type id, as it stands now; null or left out: one limit for all, or unknown. */
  typeLimits?: Record<string, number> | null
  /** What has no limit of its own though the cap holds, in words: writing that cap once more limits it too. Left out: nothing. */
  unlimitedParts?: string[]
  /** False: "waitlist only" will show as "sold out" there. Null: unknown. */
  waitlistAvailable: boolean | null
  /** When it was asked for; what it shows may be some seconds older (`READ_LAG_MS`). */
  asOf: Date
}

/** The state a write left behind, as the platform's answer or a read-back showed it. */
export interface ConfirmedState {
  cap: number
  mode: ChannelMode
  /** Tickets in open carts, which may still complete whatever the cap says. */
  pending: number
  /** What the platform counts as sold, where it said so with `pending`. */
  sold?: number | null
  confirmedAt: Date
}

/** Where a listing stands: opaque to everyone but the adapter that made it; JSON. */
export type Cursor = Record<string, unknown>

/** `full`: every order in every state. `changed`: what changed since the cursor of an earlier finished listing. */
export type ListScope = 'full' | 'changed'

export interface OrderPage {
  snapshots: OrderSnapshot[]
  /** Passed back to read on; once `done`, kept as the watermark from which a later `changed` listing starts. */
  nextCursor: Cursor
  done: boolean
  /** The platform's own count of what a finished full listing should hold, in tickets; null where it tells none. */
  platformCount: number | null
  /** Rows of this page that could not be read; all the others are in `snapshots`. Left out: none. */
  unreadable?: UnreadableRow[]
  /** What the page shows of the listing itself; null or left out: nothing. */
  observed?: ListingObservation | null
}

/** A row that is kept aside so that its neighbours are processed. */
export interface UnreadableRow {
  /** The order it belongs to; null: the row does not even tell that. */
  orderId: string | null
  /** What is wrong with it, without personal data. */
  reason: string
}

/** A listing's cap and state as a read of its orders showed them on the way. */
export interface ListingObservation {
  cap: CapReading
  /** Left out: `UNKNOWN`. */
  mode?: ChannelMode
  state: ListingState
  /** What the platform counts, as a reading of the channel would tell it; null or left out: not shown. */
  counted?: { sold: number; pending: number } | null
  asOf: Date
}

/** A verified delivery as it came in. */
export interface Delivery {
  headers: Record<string, string>
  body: Buffer
  /** The secret segment of the path, where the platform uses one. */
  pathToken: string | null
}

/** What a delivery may tell: where to look. Nothing in it is an address to fetch. */
export type Hint =
  | {
      kind: 'ORDER'
      orderId: string
      externalEventId: string | null
      snapshot: OrderSnapshot | null
      /** The buyer waits for a place, or for an approval: where nothing of the order is on record, nothing is to be read. */
      waits?: boolean
      /** The subscription it came by, where the delivery names one: that may be one event's. */
      subscriptionId?: string
    }
  /** `about`: `LISTING` when the listing itself changed (cap, state), else its orders. */
  | { kind: 'EVENT'; externalEventId: string; about?: 'ORDERS' | 'LISTING' }
  | { kind: 'NONE'; why: string }

/** What a look at the account tells. */
export interface AccessReport {
  /** Whose credentials these are; null where the platform does not say. */
  account: string | null
  /** Whether deliveries are sent to the address asked about; null: none was asked about, or it sends none. */
  subscribed: boolean | null
}

/** `PING`: a test of the address that nobody could have signed; it carries nothing and is to be answered 2xx. */
export type Authenticity = 'AUTHENTIC' | 'PING' | 'FORGED'

export interface WebhookSubscription {
  id: string
  created: boolean
  /** Present where the platform gives a signing secret. */
  secret: string | null
  /** Where subscriptions are made per event: the event of each, by subscription id. */
  events?: Record<string, string>
  /** False: more is to be changed than one check does; check again soon. */
  complete?: boolean
  /** Why some of the events are not subscribed to; left out or empty: all are. */
  problems?: string[]
}

/** One platform. Implementations keep no state but credentials; caps are absolute totals (sold + remaining), never deltas. */
export interface PlatformAdapter {
  readonly platform: Platform
  /** True when credentials are configured; everything else answers AUTH_FAILED without. */
  readonly configured: boolean
  readonly hasWebhooks: boolean
  readonly canVoid: boolean
  /** True: subscriptions are made for single events, and one call tells what changed on one. Left out: false. */
  readonly subscribesPerEvent?: boolean
  /** For how long a write of unknown outcome may still land, ms. */
  readonly settleMs: number

  readChannel(listing: Listing, context: CallContext): Promise<Outcome<ChannelReading>>
  /** Writes the absolute cap. Never 0: the smallest is max(1, sold). A shrink below sold is clamped once; the answer says what stands. */
  writeCap(listing: Listing, cap: number, context: CallContext): Promise<Outcome<ConfirmedState>>
  /** `WAITLIST_ONLY` stops sales by the smallest cap the platform takes and keeps its waitlist. `OPEN` writes `cap` first and opens second. */
  setMode(
    listing: Listing,
    mode: 'OPEN' | 'WAITLIST_ONLY',
    cap: number,
    context: CallContext,
  ): Promise<Outcome<ConfirmedState>>
  /** One page. Start with cursor null. An interrupted listing goes on from the last `nextCursor`. */
  listOrders(
    listing: Listing,
    scope: ListScope,
    cursor: Cursor | null,
    context: CallContext,
  ): Promise<Outcome<OrderPage>>
  /** `value: null`: the platform does not know the order (now); that is no proof of a cancellation. */
  getOrder(listing: Listing | null, orderId: string, context: CallContext): Promise<Outcome<OrderSnapshot | null>>
  /** Moves one order off the live tickets (Luma: the guest to the waitlist, refunded). `UNSUPPORTED` where a person must do it. */
  voidOrder(listing: Listing, orderId: string, reason: string, context: CallContext): Promise<Outcome<null>>
  /** `externalEventIds`: the events to be told of; left out: all of the account. Others' subscriptions are left alone. */
  ensureWebhookSubscription(
    endpointUrl: string,
    context: CallContext,
    externalEventIds?: readonly string[],
  ): Promise<Outcome<WebhookSubscription>>
  /** Tries the credentials and looks for the subscription; changes nothing. */
  checkAccess(
    endpointUrl: string | null,
    context: CallContext,
    externalEventIds?: readonly string[],
  ): Promise<Outcome<AccessReport>>

  /** Also accepts deliveries signed with this secret, where the platform hands one out with a subscription. */
  acceptSecret?(secret: string): void

  /** Compares secrets in constant time on the raw bytes; `FORGED` too when no secret is configured. */
  authenticate(delivery: Delivery, now: Date): Authenticity
  /** Null: the body is not a delivery of this platform. */
  parseDelivery(body: Buffer): Hint[] | null
}
