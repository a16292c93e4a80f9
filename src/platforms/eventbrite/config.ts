/** What the adapter is told at construction. Empty token: not configured. */
export interface EventbriteConfig {
  /** Base of the REST API, without a trailing slash. */
  apiUrl: string
  /** Private or OAuth token; sent as a bearer header only, since an address ends up in logs. */
  token: string | null
  /** The secret path segment of our webhook address. */
  webhookToken: string | null
}

export const EVENTBRITE_API_URL = 'https://www.eventbriteapi.com/v3'

/** A lost write may land this late, and a read this young may still be stale, ms. */
export const EVENTBRITE_SETTLE_MS = 15_000

/** When to ask again for an order that a delivery named and the platform does not know yet, ms. */
export const EVENTBRITE_ORDER_RETRY_MS = [3_000, 6_000, 15_000] as const

/** Deliveries of one event are gathered this long into one pull, and pulls of one event are this far apart, ms. */
export const EVENTBRITE_PULL_DEBOUNCE_MS = 500
export const EVENTBRITE_PULL_SPACING_MS = 2_000

/** Calls that one operation usually costs (a refusal or an incomplete answer adds some, a closing in a rush up to ten). */
export const EVENTBRITE_WEIGHTS = {
  readChannel: 2,
  writeCap: 3,
  setMode: 3,
  listOrders: 2,
  getOrder: 1,
  ensureWebhookSubscription: 2,
} as const

/** Check-ins are left out on purpose: they come in bursts and move no stock. */
export const EVENTBRITE_ACTIONS = [
  'order.placed',
  'order.updated',
  'order.refunded',
  'attendee.updated',
  'event.updated',
  'event.unpublished',
  'ticket_class.updated',
] as const
