import type { Webhook } from 'standardwebhooks'
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
  Listing,
  ListScope,
  OrderPage,
  Outcome,
  PlatformAdapter,
  WebhookSubscription,
} from '../port.js'
import type { OrderSnapshot } from '../../domain/orders/order-snapshot.js'
import { isNotShown } from '../kit/outcomes.js'
import { readMember, readSelf } from './account/account.js'
import { cancelListing, readContents, writeContents } from './account/contents.js'
import { listUpcoming } from './account/upcoming.js'
import { CapWriter } from './caps/cap-writer.js'
import { ChannelReader } from './caps/channel-reading.js'
import { MeetupClient } from './client/client.js'
import { operationOf } from '../operation.js'
import { DEFAULT_API_URL, type MeetupConfig } from './config.js'
import { parseDelivery } from './webhooks/webhook-delivery.js'
import { EventCache } from './caps/event-cache.js'
import { ModeWriter } from './closing/mode-writer.js'
import { Mutations } from './caps/mutations.js'
import { MEETUP_SETTLE_MS, pageSizeFor, RSVP_PAGE_SIZE } from './client/operations.js'
import { Orders } from './orders/orders.js'
import { RsvpQuery } from './orders/rsvp-query.js'
import { FixedToken, GrantedToken, type TokenSource } from './access/token-source.js'
import { InMemoryTokenStore, type TokenStore } from './access/token-store.js'
import { authenticate, parseWebhookSecrets } from './webhooks/webhook-auth.js'
import type { ContentsChange, ListingContents } from '../listing-contents.js'
import type { ListingPage, ListingQuery } from '../upcoming-listing.js'

export interface MeetupAdapterOptions {
  config: MeetupConfig
  http: PlatformHttp
  now: () => Date
  /** For the JWT grant; default: each process has its own token. */
  tokenStore?: TokenStore
}

/** Meetup: caps are RSVP limits, orders are RSVPs, and changes are found by polling only. */
export class MeetupAdapter implements PlatformAdapter {
  readonly platform = 'MEETUP'
  readonly hasWebhooks = false
  readonly canVoid = false
  readonly settleMs = MEETUP_SETTLE_MS
  readonly configured: boolean
  private readonly now: () => Date
  private readonly client: MeetupClient
  private readonly reader: ChannelReader
  private readonly caps: CapWriter
  private readonly modes: ModeWriter
  private readonly orders: Orders
  private readonly secrets: readonly Webhook[]

  /** @throws Error for an unreadable private key or webhook secret */
  constructor(options: MeetupAdapterOptions) {
    const { config, http, now } = options
    this.configured = config.credentials !== null
    this.now = now
    this.secrets = parseWebhookSecrets(config.webhookSecret)
    const { apiUrl = DEFAULT_API_URL, pointsPerWindow = 500, maxPointsPerCall = Infinity } = config
    const client = new MeetupClient({ apiUrl, pointsPerWindow, tokens: tokensOf(options) }, { http, now })
    this.client = client
    const pageSize = pageSizeFor(maxPointsPerCall, RSVP_PAGE_SIZE)
    const mutations = new Mutations(client)
    const cache = new EventCache()
    const query = new RsvpQuery(client, cache, now)
    this.reader = new ChannelReader({ client, query, cache, now, pageSize })
    const guestLimit = config.guestLimit ?? null
    this.caps = new CapWriter({ reader: this.reader, mutations, cache, guestLimit, now })
    this.modes = new ModeWriter({ caps: this.caps, mutations, reader: this.reader, cache, now })
    this.orders = new Orders({ query, cache, now, pageSize })
  }

  readChannel(listing: Listing, context: CallContext): Promise<Outcome<ChannelReading>> {
    // A channel that was never imported is listed next and may reuse the rows; any other needs fresh ones.
    return this.reader.readChannel(listing.externalEventId, context, listing.acknowledgedCap === null)
  }

  writeCap(listing: Listing, cap: number, context: CallContext): Promise<Outcome<ConfirmedState>> {
    return this.caps.writeCap(listing.externalEventId, cap, context)
  }

  setMode(
    listing: Listing,
    mode: 'OPEN' | 'WAITLIST_ONLY',
    cap: number,
    context: CallContext,
  ): Promise<Outcome<ConfirmedState>> {
    return this.modes.setMode(listing.externalEventId, mode, cap, context)
  }

  listOrders(
    listing: Listing,
    scope: ListScope,
    cursor: Cursor | null,
    context: CallContext,
  ): Promise<Outcome<OrderPage>> {
    return this.orders.list(listing.externalEventId, scope, cursor, context)
  }

  /** Meetup has no query for a single RSVP: searches the event's RSVPs changed last. */
  getOrder(listing: Listing | null, orderId: string, context: CallContext): Promise<Outcome<OrderSnapshot | null>> {
    if (listing) return this.orders.get(listing.externalEventId, orderId, context)
    return Promise.resolve({ kind: 'UNSUPPORTED', reason: 'Meetup requires the event to read an RSVP' })
  }

  voidOrder(listing: Listing, orderId: string): Promise<Outcome<null>> {
    const reason = `Meetup's API cannot move an RSVP: remove RSVP ${orderId} from event ${listing.externalEventId} on meetup.com`
    return Promise.resolve({ kind: 'UNSUPPORTED', reason })
  }

  ensureWebhookSubscription(): Promise<Outcome<WebhookSubscription>> {
    return Promise.resolve({ kind: 'UNSUPPORTED', reason: 'Meetup sends no webhooks; its events are polled' })
  }

  listUpcoming(query: ListingQuery, context: CallContext): Promise<Outcome<ListingPage>> {
    return listUpcoming(this.client, query, operationOf(context), this.now())
  }

  readContents({ externalEventId }: Listing, context: CallContext): Promise<Outcome<ListingContents>> {
    return readContents(this.client, externalEventId, operationOf(context))
  }

  writeContents(
    { externalEventId }: Listing,
    change: ContentsChange,
    _timezone: string,
    context: CallContext,
  ): Promise<Outcome<null>> {
    return writeContents(this.client, externalEventId, change, operationOf(context))
  }

  cancelListing({ externalEventId }: Listing, context: CallContext): Promise<Outcome<null>> {
    return cancelListing(this.client, externalEventId, operationOf(context))
  }

  async checkAccess(_endpointUrl: string | null, context: CallContext): Promise<Outcome<AccessReport>> {
    const operation = operationOf(context)
    const member = await readMember(this.client, operation)
    if (isNotShown(member)) {
      const account = await readSelf(this.client, operation)
      return account.kind === 'OK' ? { kind: 'OK', value: { account: account.value, subscribed: null } } : account
    }
    if (member.kind !== 'OK') return member
    const { account, groups } = member.value
    const missing = groups.length > 0 ? null : 'this member may not edit the events of any group'
    return { kind: 'OK', value: { account, missing, subscribed: null } }
  }

  authenticate(delivery: Delivery, now: Date): Authenticity {
    return authenticate(this.secrets, delivery, now)
  }

  parseDelivery(body: Buffer): Hint[] | null {
    return parseDelivery(body)
  }
}

function tokensOf({ config, http, now, tokenStore }: MeetupAdapterOptions): TokenSource | null {
  const { credentials } = config
  if (credentials === null) return null
  if ('accessToken' in credentials) return new FixedToken(credentials.accessToken)
  return new GrantedToken(credentials, { http, store: tokenStore ?? new InMemoryTokenStore(), now })
}
