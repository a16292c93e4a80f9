import { choice, milliseconds, number, probability, Settings, type Rules } from '../kit/index.js'

/** Undocumented behaviour of Eventbrite, and settings without a knob. The first choice is the default. */
export interface EventbriteToggles {
  capacityBelowSold: 'reject' | 'accept'
  evictCartsOnShrink: 'no' | 'yes'
  capacityTotalZero: 'reject' | 'sold-out' | 'unlimited'
  /** Whether a refund that leaves the seat valid sets the attendee's `refunded`. */
  partialRefundSetsRefunded: 'yes' | 'no'
  waitlistOpensOn: 'soldOut' | 'never'
  /** `offer`: a freed ticket is reserved as pending for the first person on the waitlist. */
  waitlistPromotion: 'off' | 'offer'
  waitlistOfferSeconds: number
  testPingOnCreate: 'yes' | 'no'
  echoOwnWrites: 'yes' | 'no'
  retryAfterHeader: 'no' | 'yes'
  defaultOrderStatus: 'active' | 'both'
  invalidAuthStatus: 401 | 400
  tierWrapper: 'both' | 'wrapped'
  lateOrderStatuses: 'no' | 'yes'
  /** Whether setting `hidden` is rejected. */
  hidingRefused: 'no' | 'yes'
  /** Whether writing holds of a capacity tier is rejected. */
  holdsRefused: 'no' | 'yes'
  /** Which ends of sale are accepted: any, none before the start of sales, none before the event's creation, none in the past. */
  earlySalesEnd: 'any' | 'afterStart' | 'afterCreation' | 'never'
  /** Whether open carts count when a class's capacity is lowered below what is taken. */
  classCountsCarts: 'no' | 'yes'
  /** Whether subscriptions may be limited to one event. */
  webhookEventId: 'accept' | 'reject'
  webhookTimeoutMs: number
  webhookRetries: number
  /** The first retry delay; each further one is twice as long. */
  webhookRetryBaseMs: number
  /** A subscription is removed after this number of failed deliveries; 0: never. */
  disableAfterFailures: number
  /** Calls per window of the token and of the app key. */
  rateLimit: number
  rateWindowMs: number
  /** `reset=` in responses that the `throttleRate` knob rejects, seconds. */
  throttleSeconds: number
  /** Probability that an order's expansion omits its attendees. */
  emptyExpansion: number
  /** Probability that a page repeats the last item of the previous one. */
  duplicateAcrossPages: number
}

const RULES: Rules<EventbriteToggles> = {
  capacityBelowSold: choice('reject', 'accept'),
  evictCartsOnShrink: choice('no', 'yes'),
  capacityTotalZero: choice('reject', 'sold-out', 'unlimited'),
  partialRefundSetsRefunded: choice('yes', 'no'),
  waitlistOpensOn: choice('soldOut', 'never'),
  waitlistPromotion: choice('off', 'offer'),
  waitlistOfferSeconds: number(3_600),
  testPingOnCreate: choice('yes', 'no'),
  echoOwnWrites: choice('yes', 'no'),
  retryAfterHeader: choice('no', 'yes'),
  defaultOrderStatus: choice('active', 'both'),
  invalidAuthStatus: choice(401, 400),
  tierWrapper: choice('both', 'wrapped'),
  lateOrderStatuses: choice('no', 'yes'),
  hidingRefused: choice('no', 'yes'),
  holdsRefused: choice('no', 'yes'),
  earlySalesEnd: choice('any', 'afterStart', 'afterCreation', 'never'),
  classCountsCarts: choice('no', 'yes'),
  webhookEventId: choice('accept', 'reject'),
  webhookTimeoutMs: milliseconds(5_000),
  webhookRetries: number(5, { max: 20 }),
  webhookRetryBaseMs: milliseconds(2_000),
  disableAfterFailures: number(0),
  rateLimit: number(2_000, { min: 1 }),
  rateWindowMs: milliseconds(3_600_000),
  throttleSeconds: number(2, { max: 3_600 }),
  emptyExpansion: probability(),
  duplicateAcrossPages: probability(),
}

export type Toggles = Settings<EventbriteToggles>

export function createToggles(overrides: Partial<EventbriteToggles> = {}): Toggles {
  return new Settings(RULES, overrides)
}
