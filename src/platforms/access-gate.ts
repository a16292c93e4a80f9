import type { Platform } from '../domain/channel.js'
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
} from './port.js'
import type { OrderSnapshot } from '../domain/order-snapshot.js'
import { Refusals } from './refusals.js'

/** A refusal of the credentials, as doctor and alerts show it. */
export interface RefusedAccess {
  platform: Platform
  since: Date
  /** The platform's own words. */
  message: string
}

const ACCOUNT = 'account'
/** With nothing but refusals for so long, one listing is evidence enough, ms. */
const SUSPECT_MS = 30_000

/** Reading may be allowed where writing is not. */
type Access = 'read' | 'write'

/**
 * Remembers what a platform refuses until a person changes something there: the credentials, or access to a listing.
 * Further calls are answered by the same refusal without being sent. A probe now and then (closings more often) finds
 * out when it is over, and the first success ends it. The account counts as refused once two listings are, or one for
 * half a minute, and nothing succeeds between: a listing of another account must not cost the others theirs. Each
 * process remembers for itself.
 */
export class AccessGate implements PlatformAdapter {
  private readonly account
  private readonly listings
  /** The listing whose calls were first refused for their credentials, with no success of any call since; ms. */
  private suspect: { listing: string; at: number } | null = null

  constructor(
    private readonly adapter: PlatformAdapter,
    private readonly now: () => Date,
  ) {
    this.account = new Refusals(now)
    this.listings = new Refusals(now)
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

  get subscribesPerEvent(): boolean {
    return this.adapter.subscribesPerEvent ?? false
  }

  get settleMs(): number {
    return this.adapter.settleMs
  }

  /** Null: the credentials are not known to be refused. */
  refused(): RefusedAccess | null {
    const refusal = this.account.get(ACCOUNT)
    return refusal && { platform: this.platform, since: refusal.since, message: refusal.failure.message }
  }

  readChannel(listing: Listing, context: CallContext): Promise<Outcome<ChannelReading>> {
    return this.pass(keyOf(listing, 'read'), false, () => this.adapter.readChannel(listing, context))
  }

  writeCap(listing: Listing, cap: number, context: CallContext): Promise<Outcome<ConfirmedState>> {
    return this.pass(keyOf(listing, 'write'), false, () => this.adapter.writeCap(listing, cap, context))
  }

  setMode(
    listing: Listing,
    mode: 'OPEN' | 'WAITLIST_ONLY',
    cap: number,
    context: CallContext,
  ): Promise<Outcome<ConfirmedState>> {
    const closing = mode === 'WAITLIST_ONLY' && context.lane === 'protect'
    return this.pass(keyOf(listing, 'write'), closing, () => this.adapter.setMode(listing, mode, cap, context))
  }

  listOrders(
    listing: Listing,
    scope: ListScope,
    cursor: Cursor | null,
    context: CallContext,
  ): Promise<Outcome<OrderPage>> {
    return this.pass(keyOf(listing, 'read'), false, () => this.adapter.listOrders(listing, scope, cursor, context))
  }

  /** What is refused here may be about the order alone. */
  getOrder(listing: Listing | null, orderId: string, context: CallContext): Promise<Outcome<OrderSnapshot | null>> {
    return this.pass(null, false, () => this.adapter.getOrder(listing, orderId, context))
  }

  voidOrder(listing: Listing, orderId: string, reason: string, context: CallContext): Promise<Outcome<null>> {
    return this.pass(null, false, () => this.adapter.voidOrder(listing, orderId, reason, context))
  }

  ensureWebhookSubscription(
    endpointUrl: string,
    context: CallContext,
    externalEventIds?: readonly string[],
  ): Promise<Outcome<WebhookSubscription>> {
    return this.pass(null, false, () => this.adapter.ensureWebhookSubscription(endpointUrl, context, externalEventIds))
  }

  /** Always asks: a person waits for the answer. */
  async checkAccess(
    endpointUrl: string | null,
    context: CallContext,
    externalEventIds?: readonly string[],
  ): Promise<Outcome<AccessReport>> {
    const outcome = await this.adapter.checkAccess(endpointUrl, context, externalEventIds)
    this.learn(null, outcome)
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

  private async pass<T>(key: Key | null, closing: boolean, call: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
    // Without credentials nothing is sent anyway.
    if (!this.adapter.configured) return call()
    // A listing's own refusal counts too, so that probes of the account are left to those that may succeed.
    const refusal = (key && this.listings.refuses(key.text, closing)) ?? this.account.refuses(ACCOUNT, closing)
    if (refusal) return refusal.failure
    this.account.probe(ACCOUNT)
    if (key) this.listings.probe(key.text)
    const outcome = await call()
    this.learn(key, outcome)
    return outcome
  }

  private learn(key: Key | null, outcome: Outcome<unknown>): void {
    if (outcome.kind === 'AUTH_FAILED') {
      if (this.concernsAccount(key)) this.account.note(ACCOUNT, outcome)
      if (key) this.listings.note(key.text, outcome)
      return
    }
    const refused = outcome.kind === 'FORBIDDEN' || outcome.kind === 'GONE'
    // Throttled, unavailable and the like say nothing about access.
    if (!refused && outcome.kind !== 'OK') return
    if (key === null || this.account.get(ACCOUNT)) this.listings.forgetKind('AUTH_FAILED')
    this.account.forget(ACCOUNT)
    this.suspect = null
    if (key === null) return
    if (refused) this.listings.note(key.text, outcome)
    else this.listings.forget(key.text)
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
  /** The listing and the kind of access. */
  text: string
}

function keyOf({ externalEventId, externalTicketClassId }: Listing, access: Access): Key {
  const listing = JSON.stringify([externalEventId, externalTicketClassId])
  return { listing, text: `${access} ${listing}` }
}
