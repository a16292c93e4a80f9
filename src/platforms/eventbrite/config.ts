/** Configuration of the adapter. Empty token: not configured. */
export interface EventbriteConfig {
  /** Base of the REST API, without a trailing slash. */
  apiUrl: string
  /** Private or OAuth token; sent as a bearer header only, since URLs end up in logs. */
  token: string | null
  /** The secret path segment of our webhook URL. */
  webhookToken: string | null
}

export const EVENTBRITE_API_URL = 'https://www.eventbriteapi.com/v3'

/** How long a lost write may still take effect, and a read after a write may be stale, ms. */
export const EVENTBRITE_SETTLE_MS = 15_000

/** Deliveries of one event within this time are coalesced into one read, ms. */
export const EVENTBRITE_PULL_DEBOUNCE_MS = 500
/** Minimum time between two reads of one event, ms. */
export const EVENTBRITE_PULL_SPACING_MS = 2_000

/**
 * Usual number of calls per operation (a refusal or an incomplete response adds some, a closing under load up to ten).
 */
export const EVENTBRITE_WEIGHTS = {
  readChannel: 2,
  writeCap: 3,
  setMode: 3,
  listOrders: 2,
  getOrder: 1,
  ensureWebhookSubscription: 2,
} as const

/** Without check-ins, which arrive in bursts and do not change stock. */
export const EVENTBRITE_ACTIONS = [
  'order.placed',
  'order.updated',
  'order.refunded',
  'attendee.updated',
  'event.updated',
  'event.unpublished',
  'ticket_class.updated',
] as const
