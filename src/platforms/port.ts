import type { ChannelMode, Lane, Platform } from '../domain/channel.js'
import type { OrderSnapshot } from '../domain/orders/order-snapshot.js'
import type { ContentsChange, ListingContents } from './listing-contents.js'
import type { ListingPage, ListingQuery } from './upcoming-listing.js'

/** The listing on a platform that an adapter works on. */
export interface Listing {
  externalEventId: string
  /** Null: the whole event is the channel. */
  externalTicketClassId: string | null
  /** The last cap a platform acknowledged, for platforms that do not let it be read back. */
  acknowledgedCap: number | null
  /** While none is: the largest cap of writes that were lost or applied in part, any of which may be in force. */
  lostCap?: number | null
  /**
   * The organizer's own limits per ticket type (tickets by type id), as read at import. Caps are split in their
   * proportion, and opening restores them. Null or absent: none were recorded.
   */
  typeLimits?: Readonly<Record<string, number>> | null
}

/** Checks one write immediately before it is sent. */
export interface WriteFence {
  /**
   * Called before each request that changes something on the platform. Records the send, which starts the settle
   * time. False: the write is outdated (newer version, lock lost) and must not be sent. `cap`: the one in the request,
   * where it may exceed the cap of the operation.
   */
  beforeSend(cap?: number): Promise<boolean>
  /** Called when the response to such a request has arrived. Absent: that is of no use. */
  responded?(): void
}

/** Options of one call: its priority, its fence, and what a read should include. */
export interface CallContext {
  lane: Lane
  correlationId?: string
  /** Absent: the write is not fenced. Reads are never fenced. */
  fence?: WriteFence
  /** A read that a cap write depends on: it has the priority of the writes of its lane. */
  urgent?: boolean
  /**
   * Part of an operation of several calls that would have to be repeated as a whole: false for the first read, true for
   * later ones. Once started it waits for budget in place, like a write. Absent: the read can be repeated alone.
   */
  continuation?: boolean
  /** `readChannel` also returns `listingState`, with one more call where the platform needs a separate one. */
  state?: boolean
  /** Of a write: an earlier one of the listing was lost, and may still open it. */
  unsettled?: boolean
  /** `listOrders` may cost slightly more where the page then also shows the platform's own count. */
  count?: boolean
}

/**
 * Why a call did not succeed. Adapters never throw for anything a platform or the network does.
 *
 * - `THROTTLED`: refused without processing, by the platform or by our own limiter; retry at `resumeAt`.
 * - `NOT_SENT`: not a byte was sent (limiter, circuit breaker, fence or connect failure); nothing changed on the
 *   platform.
 * - `UNKNOWN`: a write may or may not have been applied, and may still take effect within `settleMs`. `acknowledged`:
 *   every request sent got a response, so nothing can take effect later; the write was applied in part.
 * - `REJECTED`: the platform refused the request as invalid; `code` is the platform's, or ours (`CONTRACT`,
 *   `INVALID_CAP`).
 * - `CAP_BELOW_SOLD`: a cap was refused because the platform has sold more; nothing changed. `sold` and `pending` are
 *   the platform's current counts, where it reports them. Another write may follow immediately.
 * - `AUTH_FAILED`: the credentials are missing, invalid or revoked.
 * - `FORBIDDEN`: the credentials are valid but have no permission for this resource.
 * - `GONE`: the platform does not know the resource, or no longer does.
 * - `UNAVAILABLE`: a read failed. It shows nothing about the platform's state ("absence is not zero").
 * - `UNSUPPORTED`: the platform has no such operation; a person must do it.
 */
export type Failure =
  | { kind: 'THROTTLED'; resumeAt: Date }
  | { kind: 'NOT_SENT'; reason: string }
  | { kind: 'UNKNOWN'; reason: string; acknowledged?: boolean }
  | { kind: 'REJECTED'; code: string; message: string }
  | { kind: 'CAP_BELOW_SOLD'; sold: number | null; pending: number; reason: string }
  | { kind: 'AUTH_FAILED'; message: string }
  | { kind: 'FORBIDDEN'; message: string }
  | { kind: 'GONE'; message: string }
  | { kind: 'UNAVAILABLE'; reason: string }
  | { kind: 'UNSUPPORTED'; reason: string }

export type Outcome<T> = { kind: 'OK'; value: T } | Failure

/**
 * `UNLIMITED`: the platform has no limit, or one above `MAX_CAP`. Null: the cap cannot be read. Both mean unbounded
 * exposure; only `UNLIMITED` is known to differ from every desired cap.
 */
export type CapReading = number | 'UNLIMITED' | null

/** A cap above this number of tickets limits nothing and is read as `UNLIMITED`. */
export const MAX_CAP = 1_000_000_000

/** State of the listing itself on the platform. `UNKNOWN`: not reported, or a draft. */
export type ListingState = 'LIVE' | 'CANCELLED' | 'POSTPONED' | 'ENDED' | 'UNKNOWN'

export interface ChannelReading {
  cap: CapReading
  capSource: 'read' | 'acknowledged' | 'none'
  /** A further limit cannot be read: a lost write may have left it below `cap`, and is therefore repeated. */
  hasUnreadLimit?: boolean
  /** Tickets sold by the platform's own count (attendees and guests on Meetup); null where unknown. */
  sold: number | null
  /** Tickets in open carts, which lowering the cap does not evict. Applicants pending approval are not carts. */
  pending: number
  mode: ChannelMode
  /** Absent: `UNKNOWN`. */
  listingState?: ListingState
  /** Current limit of each ticket type, by type id; null or absent: one limit for all, or unknown. */
  typeLimits?: Record<string, number> | null
  /**
   * Descriptions of parts without a limit of their own although the cap holds; writing the same cap again limits them.
   * Absent: none.
   */
  unlimitedParts?: string[]
  /** False: "waitlist only" is shown as "sold out" there. Null: unknown. */
  waitlistAvailable: boolean | null
  /** When it was requested; the data may be some seconds older (`READ_LAG_MS`). */
  asOf: Date
}

/** The state after a write, from the platform's response or from a read-back. */
export interface ConfirmedState {
  cap: number
  mode: ChannelMode
  /** Tickets in open carts, which may still complete regardless of the cap. */
  pending: number
  /** The platform's count of tickets sold, where it was reported together with `pending`. */
  sold?: number | null
  confirmedAt: Date
}

/** Position in a list of orders: JSON, opaque outside the adapter that created it. */
export type Cursor = Record<string, unknown>

/** `full`: every order in every state. `changed`: changes since the cursor of an earlier completed list. */
export type ListScope = 'full' | 'changed'

/** One page of a list of orders. */
export interface OrderPage {
  snapshots: OrderSnapshot[]
  /** Passed back for the next page; once `done`, stored as the watermark from which a later `changed` list starts. */
  nextCursor: Cursor
  done: boolean
  /** The platform's own count of tickets in a completed full list; null where it reports none. */
  platformCount: number | null
  /** Rows of this page that could not be read; all others are in `snapshots`. Absent: none. */
  unreadable?: UnreadableRow[]
  /** What the page shows about the listing itself; null or absent: nothing. */
  observed?: ListingObservation | null
}

/** A row that could not be read; it is quarantined and the other rows are processed. */
export interface UnreadableRow {
  /** The order it belongs to; null: unknown. */
  orderId: string | null
  /** What is wrong with it, without personal data. */
  reason: string
}

/** Cap and state of a listing that a page of its orders also showed. */
export interface ListingObservation {
  cap: CapReading
  /** Absent: `UNKNOWN`. */
  mode?: ChannelMode
  state: ListingState
  /** The platform's own counts, as `readChannel` returns them; null or absent: not shown. */
  counted?: { sold: number; pending: number } | null
  asOf: Date
}

/** One webhook delivery as received. */
export interface Delivery {
  headers: Record<string, string>
  body: Buffer
  /** The secret segment of the path, where the platform uses one. */
  pathToken: string | null
}

/**
 * What a delivery points to. Nothing in it is a URL to fetch.
 *
 * - `ORDER`: an order changed; `snapshot` is set where the delivery contains all of it.
 * - `EVENT`: something of an event changed. `about`: `LISTING` for the listing itself (cap, state), otherwise its
 *   orders.
 * - `NONE`: the delivery is valid and nothing is to be read.
 */
export type Hint =
  | {
      kind: 'ORDER'
      orderId: string
      externalEventId: string | null
      snapshot: OrderSnapshot | null
      /** The buyer is on the waitlist or pending approval: an order that is not on record need not be read. */
      waits?: boolean
      /** The subscription that sent it, where the delivery names one; a subscription may belong to a single event. */
      subscriptionId?: string
    }
  | { kind: 'EVENT'; externalEventId: string; about?: 'ORDERS' | 'LISTING' }
  | { kind: 'NONE'; reason: string }

/** The owner of credentials. */
export interface PlatformAccount {
  id: string
  /** Null: it has none, or the platform does not show it. */
  name: string | null
}

/** Result of an access check. */
export interface AccessReport {
  /** The account of the credentials; null where the platform does not report it. */
  account: PlatformAccount | null
  /** What the account has no permission for, in words for an operator; null or absent: nothing is known to be missing. */
  missing?: string | null
  /** Whether deliveries are sent to the given URL; null: no URL was given, or the platform sends no webhooks. */
  subscribed: boolean | null
}

/**
 * Result of checking a delivery's signature or secret.
 *
 * - `AUTHENTIC`: signed by the platform, or sent to the secret path.
 * - `PING`: a test of the URL that cannot be signed yet; it carries no data, and the response must be 2xx.
 * - `FORGED`: anything else, also when no secret is configured.
 */
export type Authenticity = 'AUTHENTIC' | 'PING' | 'FORGED'

/** State of the webhook subscriptions for our URL after `ensureWebhookSubscription`. */
export interface WebhookSubscription {
  id: string
  created: boolean
  /** Set where the platform issues a signing secret. */
  secret: string | null
  /** Where subscriptions are per event: the event of each, by subscription id. */
  events?: Record<string, string>
  /** False: more changes are needed than one check makes; check again soon. */
  complete?: boolean
  /** Why some of the events have no subscription; absent or empty: all have one. */
  problems?: string[]
}

/**
 * One platform. Implementations keep no state except credentials. Caps are absolute totals (sold + remaining), never
 * deltas.
 */
export interface PlatformAdapter {
  readonly platform: Platform
  /** False: no credentials are configured, and every operation returns AUTH_FAILED. */
  readonly configured: boolean
  readonly hasWebhooks: boolean
  readonly canVoid: boolean
  /** `declineOrder` works. Absent: false. */
  readonly canDecline?: boolean
  /** True: subscriptions are per event, and one call reads what changed on one. Absent: false. */
  readonly subscribesPerEvent?: boolean
  /** How long a write of unknown outcome may still take effect, ms. */
  readonly settleMs: number

  readChannel(listing: Listing, context: CallContext): Promise<Outcome<ChannelReading>>
  /**
   * Writes the absolute cap, never 0: the minimum is max(1, sold). A cap below sold is clamped once; the result has the
   * cap in force.
   */
  writeCap(listing: Listing, cap: number, context: CallContext): Promise<Outcome<ConfirmedState>>
  /**
   * `WAITLIST_ONLY` stops sales with the smallest cap the platform accepts and keeps its waitlist. `OPEN` writes `cap`
   * first, then opens.
   */
  setMode(
    listing: Listing,
    mode: 'OPEN' | 'WAITLIST_ONLY',
    cap: number,
    context: CallContext,
  ): Promise<Outcome<ConfirmedState>>
  /** Reads one page. Start with cursor null. An interrupted list continues from the last `nextCursor`. */
  listOrders(
    listing: Listing,
    scope: ListScope,
    cursor: Cursor | null,
    context: CallContext,
  ): Promise<Outcome<OrderPage>>
  /** `value: null`: the platform does not know the order at the moment, which does not prove a cancellation. */
  getOrder(listing: Listing | null, orderId: string, context: CallContext): Promise<Outcome<OrderSnapshot | null>>
  /**
   * Voids the tickets of one order (Luma: refunds the guest and moves them to the waitlist). `UNSUPPORTED` where a
   * person must do it.
   */
  voidOrder(listing: Listing, orderId: string, reason: string, context: CallContext): Promise<Outcome<null>>
  /**
   * Declines who made an order, with all of its tickets: what was paid is refunded, and the platform sends the message. OK
   * also where they are declined already, REJECTED once they have checked in there. Absent: a person must do it.
   */
  declineOrder?(listing: Listing, orderId: string, message: string, context: CallContext): Promise<Outcome<null>>
  /**
   * `externalEventIds`: the events to subscribe to; absent: all of the account. Subscriptions for other URLs are not
   * touched.
   */
  ensureWebhookSubscription(
    endpointUrl: string,
    context: CallContext,
    externalEventIds?: readonly string[],
  ): Promise<Outcome<WebhookSubscription>>
  /** Deletes the subscriptions for our URL. Absent: there are none. */
  endWebhookSubscription?(endpointUrl: string, context: CallContext): Promise<Outcome<null>>
  /**
   * What the account has ahead of it, the next first. REJECTED with `INVALID_CURSOR` for a cursor of another list. Absent:
   * the platform shows no list.
   */
  listUpcoming?(query: ListingQuery, context: CallContext): Promise<Outcome<ListingPage>>
  /** What the listing shows besides its tickets. Absent: the platform shows nothing of it. */
  readContents?(listing: Listing, context: CallContext): Promise<Outcome<ListingContents>>
  /**
   * Writes fields that `traits.contents` names as writable. `timezone`: in which the platform is to show the times, where it
   * requires one. The result is not read back. Absent: a person must do it.
   */
  writeContents?(
    listing: Listing,
    change: ContentsChange,
    timezone: string,
    context: CallContext,
  ): Promise<Outcome<null>>
  /** Cancels the whole listing, permanently. OK also where it is cancelled already. Absent: a person must do it. */
  cancelListing?(listing: Listing, context: CallContext): Promise<Outcome<null>>
  /** Checks the credentials and whether the subscription exists; changes nothing. */
  checkAccess(
    endpointUrl: string | null,
    context: CallContext,
    externalEventIds?: readonly string[],
  ): Promise<Outcome<AccessReport>>

  /** Also accepts deliveries signed with this secret, where the platform issues one with a subscription. */
  acceptSecret?(secret: string): void

  /** Compares secrets in constant time on the raw bytes. */
  authenticate(delivery: Delivery, now: Date): Authenticity
  /** Null: the body is not a delivery of this platform. */
  parseDelivery(body: Buffer): Hint[] | null
}
