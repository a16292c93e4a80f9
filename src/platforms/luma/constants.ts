/** Luma's rate limit counts calls, each at a cost of 1. The minimum number of calls per operation. */
export const LUMA_WEIGHTS = {
  /** One page each of guests in checkout and approved, types, event; +1 per further 100 guests. */
  readChannel: 4,
  /** The event and its only type; 1 for a channel that is a type. Types not cached: +1. */
  writeCap: 2,
  setModeWaitlistOnly: 2,
  listOrdersPage: 1,
  getOrder: 1,
  voidOrder: 2,
  ensureWebhookSubscription: 1,
} as const

/** How long a write of unknown outcome may still take effect. */
export const LUMA_SETTLE_MS = 60_000

/** 0 is undefined on Luma, null is "no cap": neither is ever sent. */
export const LUMA_MIN_CAP = 1

/** Luma refuses every call for a whole minute once its rate limit is exceeded. */
export const LUMA_BLOCK_MS = 60_000

export const PAGE_SIZE = 100

/** The most pages that one count or list reads: 50,000 guests. */
export const MAX_PAGES = 500

/** The event types that this service subscribes to. */
export const WEBHOOK_EVENT_TYPES = [
  'guest.registered',
  'guest.updated',
  'ticket.registered',
  'event.updated',
  'event.canceled',
] as const
