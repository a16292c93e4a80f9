import { choice, milliseconds, number, probability, Settings, type Rules } from '../kit/index.js'

/** What is not certain about Eventbrite, or has no knob of its own. The first choice is the default. */
export interface EventbriteToggles {
  capacityBelowSold: 'reject' | 'accept'
  evictCartsOnShrink: 'no' | 'yes'
  capacityTotalZero: 'reject' | 'sold-out' | 'unlimited'
  /** Whether a refund of money that leaves the seat valid sets the attendee's `refunded`. */
  partialRefundSetsRefunded: 'yes' | 'no'
  waitlistOpensOn: 'soldOut' | 'never'
  /** `offer`: a freed ticket waits as pending for the first in the waitlist. */
  waitlistPromotion: 'off' | 'offer'
  waitlistOfferSeconds: number
  testPingOnCreate: 'yes' | 'no'
  echoOwnWrites: 'yes' | 'no'
  retryAfterHeader: 'no' | 'yes'
  defaultOrderStatus: 'active' | 'both'
  invalidAuthStatus: 401 | 400
  tierWrapper: 'both' | 'wrapped'
  lateOrderStatuses: 'no' | 'yes'
  /** Whether `hidden` may be set. */
  hidingRefused: 'no' | 'yes'
  /** Whether capacity tiers take holds. */
  holdsRefused: 'no' | 'yes'
  /** Which ends of sales are taken: any, none before the start of sales, or none before the event was made. */
  earlySalesEnd: 'any' | 'afterStart' | 'afterCreation' | 'never'
  /** Whether a class may be given a capacity that its open carts exceed. */
  classCountsCarts: 'no' | 'yes'
  /** Whether subscriptions may be limited to one event. */
  webhookEventId: 'accept' | 'reject'
  webhookTimeoutMs: number
  webhookRetries: number
  /** The first wait; each further one is twice as long. */
  webhookRetryBaseMs: number
  /** So many deliveries that failed for good end a subscription; 0: none does. */
  disableAfterFailures: number
  /** Calls per window of the token and of the app key. */
  rateLimit: number
  rateWindowMs: number
  /** What a forced refusal (`throttleRate`) says in `reset=`, seconds. */
  throttleSeconds: number
  /** An order's attendees are left out of its expansion. */
  emptyExpansion: number
  /** A page repeats the last item of the one before. */
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
