import type { RateLimit, TrustedProxies } from './env-parsers.js'

/** Providers of payments; `none`: tickets with a price are not sold directly. */
export const PAYMENT_METHODS = ['stripe', 'simulated', 'none'] as const

export interface MeetupJwt {
  clientKey: string
  memberId: string
  signingKeyId: string
  /** PEM. */
  privateKey: string
  tokenUrl: string
}

/**
 * The configuration read from the environment: validated, typed, frozen. Also its injection token.
 * Null: not set. Names end in their unit.
 */
export abstract class Config {
  abstract readonly role: 'all' | 'api' | 'worker'
  abstract readonly http: {
    readonly host: string
    readonly port: number
    readonly publicUrl: string
    /** Null: none. */
    readonly trustedProxies: TrustedProxies | null
  }
  /** Names of weak secrets, which are accepted only where no other machine reaches the service. */
  abstract readonly weakSecrets: readonly string[]
  /** Null: the embedded server. */
  abstract readonly databaseUrl: string | null
  /** Null: the embedded server. */
  abstract readonly redisUrl: string | null
  abstract readonly dataDir: string
  abstract readonly demo: boolean
  /** `writes`: whether admins can change queues and jobs there. */
  abstract readonly queueBrowser: { readonly writes: boolean }
  /** Null only in embedded mode, before one is generated. */
  abstract readonly authSecret: string | null
  /**
   * Texts from which the keys of stored secrets are derived, the newest first. Empty only in embedded mode, before one is
   * generated, and for commands that are not given the key.
   */
  abstract readonly encryptionKeys: readonly string[]
  abstract readonly admin: { readonly email: string; readonly password: string | null }
  /** Calls per customer account that change something. */
  abstract readonly customerRateLimit: RateLimit
  abstract readonly eventbrite: {
    readonly apiUrl: string
    readonly token: string | null
    readonly webhookToken: string | null
    readonly rateLimit: RateLimit
  }
  abstract readonly luma: {
    readonly apiUrl: string
    readonly apiKey: string | null
    readonly webhookSecrets: readonly string[]
    readonly rateLimit: RateLimit
  }
  abstract readonly meetup: {
    readonly apiUrl: string
    readonly accessToken: string | null
    readonly jwt: MeetupJwt | null
    readonly webhookSecret: string | null
    readonly rateLimit: RateLimit
  }
  /** How new payments are taken. */
  abstract readonly payments: (typeof PAYMENT_METHODS)[number]
  abstract readonly stripe: {
    readonly secretKey: string | null
    readonly publishableKey: string | null
    readonly webhookSecret: string | null
    readonly apiUrl: string
  }
  abstract readonly mail: { readonly smtpUrl: string | null; readonly from: string | null }
  /** `allowPrivateTargets`: whether they may be sent to addresses that are not public. */
  abstract readonly notifications: { readonly allowPrivateTargets: boolean }
  abstract readonly stock: {
    readonly softCapRatio: number
    readonly safetyStockRatio: number
    readonly holdTtlSeconds: number
  }
  abstract readonly intervals: {
    readonly sweepSeconds: number
    readonly meetupPollSeconds: number
    readonly rebalanceSeconds: number
  }
  abstract readonly reconcile: { readonly cron: string; readonly timezone: string }
  /** After that the personal data of past events and old deliveries is erased. */
  abstract readonly retentionDays: number
  abstract readonly failSafe: { readonly afterMs: number; readonly recoveryMs: number }
  abstract readonly log: {
    readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'
    readonly format: 'pretty' | 'json'
  }
  abstract readonly metrics: { readonly token: string | null }
  /** OpenTelemetry. */
  abstract readonly tracing: { readonly on: boolean }
}
