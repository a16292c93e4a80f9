import type { Platform } from '../domain/channel.js'
import type { Config } from '../infrastructure/config/config.js'
import type { RateLimit } from '../infrastructure/config/env-parsers.js'
import type { ContentsTraits } from './listing-contents.js'
import type { ChannelReading, Cursor } from './port.js'

/**
 * What distinguishes one platform from the others, as far as code outside its folder depends on it. No other code compares
 * platform names. Where a trait is a fact of the platform, its source is in PLATFORMS.md.
 */
export interface PlatformTraits {
  readonly platform: Platform

  /** False: a person keeps the listing, sets its caps and confirms them with a count (`channels/tasks/`). Nothing is called or read. */
  readonly hasApi: boolean
  /** The smallest cap that can be set there. */
  readonly minCap: number
  /** By this time after a cap or a closing was due, it is confirmed if nothing is wrong, ms: alerts wait for it. */
  readonly confirmMs: number
  /** A raised cap is sold to the platform's own waitlist at once. */
  readonly promotesOnRaise: boolean
  /** Members may hide: they are counted, but never listed. */
  readonly hidesMembers: boolean
  /** Its own count of tickets includes cancelled ones. */
  readonly countIncludesCancelled: boolean
  /** Its count is not derived from the list of orders, so that it can confirm the absence of an order. */
  readonly countIsIndependent: boolean
  /** One order can be read by its id. Otherwise the snapshot of a hint is applied, and a read of the changes follows. */
  readonly canQueryOrder: boolean
  /** Orders have no version of their own: the time of reading is used, and only a registration has a time. */
  readonly versionsAreReadTimes: boolean
  /** Orders can be listed by change. */
  readonly listsChanges: boolean
  /** A list of changes also includes every cancellation; otherwise only a full list reliably shows them. */
  readonly changesIncludeCancellations: boolean

  /** Deliveries for one order or listing within this time are coalesced into one read, ms. */
  readonly coalesceMs: number
  /** Minimum interval between two reads of one listing, ms. */
  readonly minReadIntervalMs: number
  /** How long a buyer typically holds a seat in a cart before the order is reported, ms; 0: seats are ordered at once. */
  readonly checkoutMs: number
  /** Cost of reading a listing with this number of tickets in full (or its changes), in units of the rate limit. */
  sweepCost(tickets: number): number
  readonly credentials: CredentialTraits
  /** Null: there are no calls. */
  readonly rateLimit: RateLimitTraits | null
  /** Null: changes are reported by webhooks, and sweeps are sufficient; or there is no API. */
  readonly polling: PollingTraits | null
  /** Null: the platform sends no webhooks. */
  readonly webhooks: WebhookTraits | null

  readonly contents: ContentsTraits

  /** For operators: how tickets sold beyond the capacity are reversed. */
  readonly oversoldInstructions: string
}

export interface CredentialTraits {
  /** Whether they are set. */
  configured(config: Config): boolean
  /** The part of the configuration without them, with which nothing is sent to the platform. */
  without(config: Config): Partial<Config>
}

export interface RateLimitTraits {
  /** The configured limit. */
  configured(config: Config): RateLimit
  /** Minimum share of the burst that only `protect` may use, 0 to 1. */
  readonly minReserve: number
  /** Units that closing one listing costs while it sells. */
  readonly closeCost: number
  /** Units of the call that raises a cap. */
  readonly capWriteCost: number
  /** Units that may be spent at once, given the limit; absent: the limiter's default. */
  burst?(limit: number): number
  /** Units of the most expensive single call; absent: 1. */
  readonly largestCall?: number
}

export interface PollingTraits {
  /** Base interval between two polls, ms. */
  baseMs(config: Config): number
  /** The interval for a listing's state, before the rate limit is considered, ms. */
  desiredMs(listing: Pick<ChannelReading, 'cap' | 'sold' | 'mode'>, baseMs: number): number
  /** Units of the next poll, given the cursor of the last one. */
  cost(cursor: Cursor | null): number
}

export interface WebhookTraits {
  /** Base URL of the API that sends the webhooks: an API on this machine can reach a local service. */
  apiUrl(config: Config): string
  /** Path of the service's webhook URL; null while `secretVariable` is not set. */
  path(config: Config): string | null
  /** The variable with the secret part of the path; null: the path has none. */
  readonly secretVariable: string | null
}
