import type { OrderSnapshot } from '../../domain/orders/order-snapshot.js'
import type { PlatformHttp } from '../http/platform-http.js'
import type {
  AccessReport,
  Authenticity,
  CallContext,
  ChannelReading,
  ConfirmedState,
  Cursor,
  Delivery,
  Hint,
  ListScope,
  Listing,
  OrderPage,
  Outcome,
  PlatformAdapter,
  WebhookSubscription,
} from '../port.js'
import { cancelListing, readContents, writeContents } from './account/contents.js'
import { listUpcoming } from './account/upcoming.js'
import { writeCap } from './caps/caps.js'
import { readChannel } from './caps/channel-reading.js'
import { LumaClient, type LumaContext } from './client/client.js'
import { closeToWaitlist } from './closing/closing.js'
import { lumaConfig, type LumaConfig, LUMA_SETTLE_MS } from './config.js'
import { parseDelivery } from './webhooks/webhook-delivery.js'
import { getOrder, listOrders } from './orders/orders.js'
import { SeatCounter } from './caps/seat-counter.js'
import { authenticate } from './webhooks/webhook-auth.js'
import { checkAccess, endSubscription, ensureSubscription } from './webhooks/subscription.js'
import { TicketTypeCache } from './caps/ticket-type-cache.js'
import { voidOrder } from './orders/void-order.js'
import { WaitlistSwitch } from './closing/waitlist-switch.js'
import type { LumaPorts } from './ports.js'
import type { ContentsChange, ListingContents } from '../listing-contents.js'
import type { ListingPage, ListingQuery } from '../upcoming-listing.js'

export interface LumaAdapterParts {
  config: Partial<LumaConfig>
  http: PlatformHttp
  now: () => Date
  /** Used to wait for budget. */
  sleep: (ms: number) => Promise<void>
}

/** Luma. An order is a guest, its tickets are the guest's tickets, and the mode follows from cap and count. */
export class LumaAdapter implements PlatformAdapter {
  readonly platform = 'LUMA'
  readonly hasWebhooks = true
  readonly canVoid = true
  readonly canDecline = true
  readonly settleMs = LUMA_SETTLE_MS
  readonly configured: boolean

  private readonly config: LumaConfig
  private readonly secrets: Set<string>
  private readonly ports: LumaPorts
  private readonly waitlist: WaitlistSwitch

  /** @throws for a blank webhook secret. */
  constructor({ config, http, now, sleep }: LumaAdapterParts) {
    this.config = lumaConfig(config)
    this.configured = this.config.apiKey !== null
    this.secrets = new Set(this.config.webhookSecrets)
    const client = new LumaClient({ config: this.config, http, now, sleep })
    this.ports = { client, ticketTypes: new TicketTypeCache(client, now), seats: new SeatCounter(client, now), now }
    this.waitlist = new WaitlistSwitch(this.ports)
  }

  /** Also accepts deliveries signed with this secret from now on: for a secret returned with a subscription. */
  acceptSecret(secret: string): void {
    if (secret.trim() === '') throw new Error('a Luma webhook secret is blank')
    this.secrets.add(secret)
  }

  readChannel(listing: Listing, context: CallContext): Promise<Outcome<ChannelReading>> {
    return readChannel(this.ports, listing, this.operation(context))
  }

  writeCap(listing: Listing, cap: number, context: CallContext): Promise<Outcome<ConfirmedState>> {
    return writeCap(this.ports, listing, cap, this.operation(context))
  }

  async setMode(
    listing: Listing,
    mode: 'OPEN' | 'WAITLIST_ONLY',
    cap: number,
    context: CallContext,
  ): Promise<Outcome<ConfirmedState>> {
    if (mode === 'OPEN') return this.writeCap(listing, cap, context)
    const closed = await closeToWaitlist(this.ports, listing, cap, this.operation(context))
    // Sales have stopped. Enabling the waitlist is not part of the cap write, so it is not awaited.
    if (closed.kind === 'OK') void this.waitlist.ensureEnabled(listing.externalEventId, { lane: 'bulk' })
    return closed
  }

  listOrders(
    listing: Listing,
    scope: ListScope,
    cursor: Cursor | null,
    context: CallContext,
  ): Promise<Outcome<OrderPage>> {
    return listOrders(this.ports, listing, scope, cursor, this.operation(context))
  }

  async getOrder(
    listing: Listing | null,
    orderId: string,
    context: CallContext,
  ): Promise<Outcome<OrderSnapshot | null>> {
    if (listing === null) return { kind: 'UNSUPPORTED', reason: 'Luma requires the event to read a guest' }
    return getOrder(this.ports, listing, orderId, this.operation(context))
  }

  voidOrder(listing: Listing, orderId: string, reason: string, context: CallContext): Promise<Outcome<null>> {
    return voidOrder(this.ports, this.config.voidStatus, listing, orderId, reason, this.operation(context))
  }

  declineOrder(listing: Listing, orderId: string, message: string, context: CallContext): Promise<Outcome<null>> {
    return voidOrder(this.ports, 'declined', listing, orderId, message, this.operation(context))
  }

  async ensureWebhookSubscription(url: string, context: CallContext): Promise<Outcome<WebhookSubscription>> {
    const ownSecrets = [...this.secrets]
    const subscription = await ensureSubscription(this.ports.client, url, ownSecrets, this.operation(context))
    if (subscription.kind === 'OK' && subscription.value.secret) this.acceptSecret(subscription.value.secret)
    return subscription
  }

  endWebhookSubscription(url: string, context: CallContext): Promise<Outcome<null>> {
    return endSubscription(this.ports.client, url, this.operation(context))
  }

  listUpcoming(query: ListingQuery, context: CallContext): Promise<Outcome<ListingPage>> {
    return listUpcoming(this.ports.client, query, this.operation(context), this.ports.now())
  }

  readContents({ externalEventId }: Listing, context: CallContext): Promise<Outcome<ListingContents>> {
    return readContents(this.ports.client, externalEventId, this.operation(context))
  }

  writeContents(
    { externalEventId }: Listing,
    change: ContentsChange,
    _timezone: string,
    context: CallContext,
  ): Promise<Outcome<null>> {
    return writeContents(this.ports.client, externalEventId, change, this.operation(context))
  }

  cancelListing({ externalEventId }: Listing, context: CallContext): Promise<Outcome<null>> {
    return cancelListing(this.ports.client, externalEventId, this.operation(context))
  }

  checkAccess(url: string | null, context: CallContext): Promise<Outcome<AccessReport>> {
    return checkAccess(this.ports.client, url, this.operation(context))
  }

  authenticate(delivery: Delivery, now: Date): Authenticity {
    return authenticate([...this.secrets], delivery, now)
  }

  parseDelivery(body: Buffer): Hint[] | null {
    return parseDelivery(body)
  }

  private operation(context: CallContext): LumaContext {
    return this.ports.client.operation(context)
  }
}
