export interface LumaConfig {
  /** Without a trailing slash. */
  apiUrl: string
  /** Null: not configured; every call returns AUTH_FAILED. */
  apiKey: string | null
  /** All of them are tried. Empty: every delivery is refused. */
  webhookSecrets: readonly string[]
  /** The status that a guest of a voided (oversold) order is moved to. */
  voidStatus: 'waitlist' | 'declined'
}

const DEFAULTS: LumaConfig = {
  apiUrl: 'https://public-api.luma.com',
  apiKey: null,
  webhookSecrets: [],
  voidStatus: 'waitlist',
}

/** Fills in the defaults. @throws for a blank secret, with which anyone could sign. */
export function lumaConfig(given: Partial<LumaConfig>): LumaConfig {
  const config = { ...DEFAULTS, ...given }
  if (config.webhookSecrets.some((secret) => secret.trim() === '')) throw new Error('a Luma webhook secret is blank')
  return { ...config, apiUrl: config.apiUrl.replace(/\/+$/, ''), apiKey: config.apiKey || null }
}

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
