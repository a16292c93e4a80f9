import type { OrderSnapshot } from '../../domain/orders/order-snapshot.js'
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
import { operationOf } from '../operation.js'
import { cancelListing, readContents, writeContents } from './account/contents.js'
import { listUpcoming } from './account/upcoming.js'
import type { EventbriteChannel } from './caps/channel.js'
import { EventbriteClient, type ClientOptions } from './client/client.js'
import { EVENTBRITE_SETTLE_MS } from './config.js'
import { Orders } from './orders/orders.js'
import { rejected, type Rejection } from '../kit/outcomes.js'
import { Subscriptions } from './webhooks/subscription.js'
import { TicketClassChannel } from './caps/ticket-class-channel.js'
import { authenticate } from './webhooks/webhook-auth.js'
import { parseDelivery } from './webhooks/webhook-delivery.js'
import { WholeEventChannel } from './caps/whole-event-channel.js'
import type { ContentsChange, ListingContents } from '../listing-contents.js'
import type { ListingPage, ListingQuery } from '../upcoming-listing.js'

/** Adapter for Eventbrite's REST API, version 3. `EVENTBRITE_WEIGHTS` has the cost of each operation. */
export class EventbriteAdapter implements PlatformAdapter {
  readonly platform = 'EVENTBRITE'
  readonly hasWebhooks = true
  readonly subscribesPerEvent = true
  /**
   * Orders are read-only in the API: a person refunds in the organizer's dashboard, and the refund is reported as an
   * order change.
   */
  readonly canVoid = false
  readonly settleMs = EVENTBRITE_SETTLE_MS

  private readonly client: EventbriteClient
  private readonly orders: Orders
  private readonly subscriptions: Subscriptions

  constructor(private readonly options: ClientOptions) {
    this.client = new EventbriteClient(options)
    this.orders = new Orders(this.client, options.now)
    this.subscriptions = new Subscriptions(this.client)
  }

  get configured(): boolean {
    return this.client.configured
  }

  async readChannel(listing: Listing, context: CallContext): Promise<Outcome<ChannelReading>> {
    return this.channel(listing).read(operationOf(context))
  }

  async writeCap(listing: Listing, cap: number, context: CallContext): Promise<Outcome<ConfirmedState>> {
    return invalidCap(cap) ?? this.channel(listing).writeCap(Math.max(1, cap), operationOf(context))
  }

  async setMode(
    listing: Listing,
    mode: 'OPEN' | 'WAITLIST_ONLY',
    cap: number,
    context: CallContext,
  ): Promise<Outcome<ConfirmedState>> {
    const channel = this.channel(listing)
    const invalid = invalidCap(cap)
    if (invalid !== null) return invalid
    const operation = operationOf(context)
    return mode === 'OPEN' ? channel.open(Math.max(1, cap), operation) : channel.close(Math.max(1, cap), operation)
  }

  async listOrders(
    listing: Listing,
    scope: ListScope,
    cursor: Cursor | null,
    context: CallContext,
  ): Promise<Outcome<OrderPage>> {
    return this.orders.list(listing.externalEventId, scope, cursor, operationOf(context))
  }

  async getOrder(
    _listing: Listing | null,
    orderId: string,
    context: CallContext,
  ): Promise<Outcome<OrderSnapshot | null>> {
    return this.orders.get(orderId, operationOf(context))
  }

  async voidOrder(): Promise<Outcome<null>> {
    return { kind: 'UNSUPPORTED', reason: 'Eventbrite has no API call to cancel an order; refund it in its dashboard' }
  }

  async ensureWebhookSubscription(
    endpointUrl: string,
    context: CallContext,
    externalEventIds?: readonly string[],
  ): Promise<Outcome<WebhookSubscription>> {
    return this.subscriptions.ensure(endpointUrl, unbroken(context), externalEventIds)
  }

  endWebhookSubscription(endpointUrl: string, context: CallContext): Promise<Outcome<null>> {
    return this.subscriptions.end(endpointUrl, context)
  }

  listUpcoming(query: ListingQuery, context: CallContext): Promise<Outcome<ListingPage>> {
    return listUpcoming(this.client, query, operationOf(context), this.options.now())
  }

  readContents({ externalEventId }: Listing, context: CallContext): Promise<Outcome<ListingContents>> {
    return readContents(this.client, externalEventId, operationOf(context))
  }

  writeContents(
    { externalEventId }: Listing,
    change: ContentsChange,
    timezone: string,
    context: CallContext,
  ): Promise<Outcome<null>> {
    return writeContents(this.client, externalEventId, change, timezone, operationOf(context))
  }

  cancelListing({ externalEventId }: Listing, context: CallContext): Promise<Outcome<null>> {
    return cancelListing(this.client, externalEventId, operationOf(context))
  }

  async checkAccess(
    endpointUrl: string | null,
    context: CallContext,
    externalEventIds?: readonly string[],
  ): Promise<Outcome<AccessReport>> {
    return this.subscriptions.check(endpointUrl, unbroken(context), externalEventIds)
  }

  authenticate(delivery: Delivery): Authenticity {
    return authenticate(delivery, this.options.config.webhookToken)
  }

  parseDelivery(body: Buffer): Hint[] | null {
    return parseDelivery(body, this.options.config.apiUrl)
  }

  private channel(listing: Listing): EventbriteChannel {
    const { client } = this
    const { now } = this.options
    const { externalTicketClassId } = listing
    if (externalTicketClassId === null) return new WholeEventChannel(client, listing, now)
    return new TicketClassChannel(client, listing, externalTicketClassId, now)
  }
}

function invalidCap(cap: number): Rejection | null {
  if (Number.isSafeInteger(cap) && cap >= 0) return null
  return rejected('INVALID_CAP', `a cap is a whole number of tickets, not ${cap}`)
}

/** Each call alone would spend the budget of the next one: abandoned, the operation would never end under a small limit. */
const unbroken = (context: CallContext) => operationOf({ continuation: false, ...context })
