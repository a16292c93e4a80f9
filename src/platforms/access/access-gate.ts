import type { Platform } from '../../domain/channel.js'
import type {
  AccessReport,
  Authenticity,
  CallContext,
  ChannelReading,
  ConfirmedState,
  Cursor,
  Delivery,
  Hint,
  Listing,
  ListScope,
  OrderPage,
  Outcome,
  PlatformAdapter,
  WebhookSubscription,
} from '../port.js'
import type { OrderSnapshot } from '../../domain/orders/order-snapshot.js'
import { AccessFailures } from './access-failures.js'
import type { ContentsChange, ListingContents } from '../listing-contents.js'
import type { ListingPage, ListingQuery } from '../upcoming-listing.js'

/** Refused credentials of a platform, as shown by doctor and alerts. */
export interface RefusedAccess {
  platform: Platform
  since: Date
  /** The platform's message. */
  message: string
}

const ACCOUNT = 'account'
/** After this time without a success, failures of one listing suffice to mark the account as refused, ms. */
const SUSPECT_MS = 30_000

/** Reading may be allowed where writing is not. */
type Access = 'read' | 'write'

/**
 * Decorates an adapter and remembers access failures that last until a person changes something on the platform:
 * refused credentials, or no access to a listing. Further calls return the same failure without being sent. Periodic
 * probes (more frequent for closings) detect recovery, and the first success clears the failure. The account is marked
 * as refused once two listings are, or one for 30 s, without a success in between: a listing of another account must
 * not block the others. Kept in memory, per process.
 */
export class AccessGate implements PlatformAdapter {
  private readonly account
  private readonly listings
  /** The listing that got AUTH_FAILED first, and when (ms); no call has succeeded since. */
  private suspect: { listing: string; at: number } | null = null

  constructor(
    private readonly adapter: PlatformAdapter,
    private readonly now: () => Date,
  ) {
    this.account = new AccessFailures(now)
    this.listings = new AccessFailures(now)
  }

  get platform(): Platform {
    return this.adapter.platform
  }

  get configured(): boolean {
    return this.adapter.configured
  }

  get hasWebhooks(): boolean {
    return this.adapter.hasWebhooks
  }

  get canVoid(): boolean {
    return this.adapter.canVoid
  }

  get canDecline(): boolean {
    return this.adapter.canDecline ?? false
  }

  get subscribesPerEvent(): boolean {
    return this.adapter.subscribesPerEvent ?? false
  }

  get settleMs(): number {
    return this.adapter.settleMs
  }

  /** Null: the credentials are not known to be refused. */
  refused(): RefusedAccess | null {
    const known = this.account.get(ACCOUNT)
    return known && { platform: this.platform, since: known.since, message: known.failure.message }
  }

  readChannel(listing: Listing, context: CallContext): Promise<Outcome<ChannelReading>> {
    return this.guard(keyOf(listing, 'read'), false, () => this.adapter.readChannel(listing, context))
  }

  writeCap(listing: Listing, cap: number, context: CallContext): Promise<Outcome<ConfirmedState>> {
    return this.guard(keyOf(listing, 'write'), false, () => this.adapter.writeCap(listing, cap, context))
  }

  setMode(
    listing: Listing,
    mode: 'OPEN' | 'WAITLIST_ONLY',
    cap: number,
    context: CallContext,
  ): Promise<Outcome<ConfirmedState>> {
    const closing = mode === 'WAITLIST_ONLY' && context.lane === 'protect'
    return this.guard(keyOf(listing, 'write'), closing, () => this.adapter.setMode(listing, mode, cap, context))
  }

  listOrders(
    listing: Listing,
    scope: ListScope,
    cursor: Cursor | null,
    context: CallContext,
  ): Promise<Outcome<OrderPage>> {
    return this.guard(keyOf(listing, 'read'), false, () => this.adapter.listOrders(listing, scope, cursor, context))
  }

  /** Not keyed by listing: a failure may concern the order alone. */
  getOrder(listing: Listing | null, orderId: string, context: CallContext): Promise<Outcome<OrderSnapshot | null>> {
    return this.guard(null, false, () => this.adapter.getOrder(listing, orderId, context))
  }

  voidOrder(listing: Listing, orderId: string, reason: string, context: CallContext): Promise<Outcome<null>> {
    return this.guard(null, false, () => this.adapter.voidOrder(listing, orderId, reason, context))
  }

  async declineOrder(listing: Listing, orderId: string, message: string, context: CallContext): Promise<Outcome<null>> {
    const decline = this.adapter.declineOrder?.bind(this.adapter)
    if (!decline) return { kind: 'UNSUPPORTED', reason: `${this.platform} declines no order by its API` }
    return this.guard(null, false, () => decline(listing, orderId, message, context))
  }

  ensureWebhookSubscription(
    endpointUrl: string,
    context: CallContext,
    externalEventIds?: readonly string[],
  ): Promise<Outcome<WebhookSubscription>> {
    return this.guard(null, false, () => this.adapter.ensureWebhookSubscription(endpointUrl, context, externalEventIds))
  }

  async endWebhookSubscription(endpointUrl: string, context: CallContext): Promise<Outcome<null>> {
    const end = this.adapter.endWebhookSubscription?.bind(this.adapter)
    return end ? this.guard(null, false, () => end(endpointUrl, context)) : { kind: 'OK', value: null }
  }

  async listUpcoming(query: ListingQuery, context: CallContext): Promise<Outcome<ListingPage>> {
    const list = this.adapter.listUpcoming?.bind(this.adapter)
    if (!list) return { kind: 'UNSUPPORTED', reason: `${this.platform} shows no list of its listings` }
    return this.guard(null, false, () => list(query, context))
  }

  /** Not keyed by listing: sales go on where its description cannot be read or changed. */
  async readContents(listing: Listing, context: CallContext): Promise<Outcome<ListingContents>> {
    const read = this.adapter.readContents?.bind(this.adapter)
    if (!read) return { kind: 'UNSUPPORTED', reason: `${this.platform} shows only the tickets of a listing` }
    return this.guard(null, false, () => read(listing, context))
  }

  async writeContents(
    listing: Listing,
    change: ContentsChange,
    timezone: string,
    context: CallContext,
  ): Promise<Outcome<null>> {
    const write = this.adapter.writeContents?.bind(this.adapter)
    if (!write) return { kind: 'UNSUPPORTED', reason: `${this.platform} takes no changes of a listing but its tickets` }
    return this.guard(null, false, () => write(listing, change, timezone, context))
  }

  async cancelListing(listing: Listing, context: CallContext): Promise<Outcome<null>> {
    const cancel = this.adapter.cancelListing?.bind(this.adapter)
    if (!cancel) return { kind: 'UNSUPPORTED', reason: `${this.platform} cancels no listing by its API` }
    return this.guard(null, false, () => cancel(listing, context))
  }

  /** Always sent: an operator is waiting for the result. */
  async checkAccess(
    endpointUrl: string | null,
    context: CallContext,
    externalEventIds?: readonly string[],
  ): Promise<Outcome<AccessReport>> {
    const outcome = await this.adapter.checkAccess(endpointUrl, context, externalEventIds)
    this.recordOutcome(null, outcome)
    return outcome
  }

  acceptSecret(secret: string): void {
    this.adapter.acceptSecret?.(secret)
  }

  authenticate(delivery: Delivery, now: Date): Authenticity {
    return this.adapter.authenticate(delivery, now)
  }

  parseDelivery(body: Buffer): Hint[] | null {
    return this.adapter.parseDelivery(body)
  }

  private async guard<T>(key: Key | null, closing: boolean, call: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
    // Without credentials nothing is sent anyway.
    if (!this.adapter.configured) return call()
    // The listing is checked first, so that the account is probed by calls that may succeed.
    const known = (key && this.listings.blocking(key.text, closing)) ?? this.account.blocking(ACCOUNT, closing)
    if (known) return known.failure
    this.account.startProbe(ACCOUNT)
    if (key) this.listings.startProbe(key.text)
    const outcome = await call()
    this.recordOutcome(key, outcome)
    return outcome
  }

  private recordOutcome(key: Key | null, outcome: Outcome<unknown>): void {
    if (outcome.kind === 'AUTH_FAILED') {
      if (this.concernsAccount(key)) this.account.record(ACCOUNT, outcome)
      if (key) this.listings.record(key.text, outcome)
      return
    }
    const inaccessible = outcome.kind === 'FORBIDDEN' || outcome.kind === 'GONE'
    // THROTTLED, UNAVAILABLE and the like show nothing about access.
    if (!inaccessible && outcome.kind !== 'OK') return
    if (key === null || this.account.get(ACCOUNT)) this.listings.clearKind('AUTH_FAILED')
    this.account.clear(ACCOUNT)
    this.suspect = null
    if (key === null) return
    if (inaccessible) this.listings.record(key.text, outcome)
    else this.listings.clear(key.text)
  }

  private concernsAccount(key: Key | null): boolean {
    if (key === null || this.account.get(ACCOUNT)) return true
    const now = this.now().getTime()
    this.suspect ??= { listing: key.listing, at: now }
    return this.suspect.listing !== key.listing || now - this.suspect.at >= SUSPECT_MS
  }
}

interface Key {
  listing: string
  /** Listing and kind of access. */
  text: string
}

function keyOf({ externalEventId, externalTicketClassId }: Listing, access: Access): Key {
  const listing = JSON.stringify([externalEventId, externalTicketClassId])
  return { listing, text: `${access} ${listing}` }
}
