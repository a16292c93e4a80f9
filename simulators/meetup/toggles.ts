import { choice, milliseconds, number, probability, Settings, type Rules } from '../kit/index.js'

/** What is not known of the real Meetup, first what is taken to be likeliest; and knobs that only Meetup has. */
export interface MeetupToggles {
  /** A limit below the seats taken: those stay and new ones wait, or it is refused. */
  limitBelowYes: 'accept' | 'refuse'
  /** Closing RSVPs throws away limit, guest limit and times. */
  closeWipesSettings: 'yes' | 'no'
  /** Opening them again does so too. */
  openWipesSettings: 'no' | 'yes'
  /** What becomes of rsvpSettings left out of an edit. */
  omittedSettings: 'kept' | 'reset'
  throttleStatus: 200 | 429
  /** Over the budget, queries show empty pages and no error. */
  throttleAsEmptyPage: 'no' | 'yes'
  windowKind: 'fixed' | 'sliding'
  budgetScope: 'client+member' | 'client'
  guestsCountAgainstLimit: 'yes' | 'no'
  hostsCountAgainstLimit: 'yes' | 'no'
  yesCountIsHeads: 'no' | 'yes'
  rotateRefreshToken: 'yes' | 'no'
  singleUseRefresh: 'yes' | 'no'
  /** What someone who may not see an event is shown of it. */
  forbiddenEvent: 'null' | 'error'
  unauthenticatedReads: 'refuse' | 'allow'
  emailVisible: 'no' | 'yes'
  /** Not Meetup's: a bridge that sends a signed hint for each change. */
  bridgeHints: 'off' | 'on'
  /** The bridge's hints say which RSVP it was and how it is now. */
  hintRsvp: 'no' | 'yes'
  /** A waiting party too large for the free seats. */
  largeParty: 'skip' | 'block'
  /** `resetAt` of refusals that the `throttleRate` knob makes. */
  forcedResetAt: 'future' | 'past' | 'absent'

  pointsLimit: number
  windowMs: number
  /** Largest `first` that is obeyed. */
  maxFirst: number
  /** Seconds that a granted token works. */
  tokenLifetime: number
  /** Chance that the token of a call has just expired. */
  tokenExpiry: number
  /** Chance that the list changes between two of its pages. */
  shiftWhilePaging: number
  /** An unpaid RSVP gives its seat back after this, ms. 0: never. */
  paymentLapse: number
}

export const TOGGLE_RULES: Rules<MeetupToggles> = {
  limitBelowYes: choice('accept', 'refuse'),
  closeWipesSettings: choice('yes', 'no'),
  openWipesSettings: choice('no', 'yes'),
  omittedSettings: choice('kept', 'reset'),
  throttleStatus: choice(200, 429),
  throttleAsEmptyPage: choice('no', 'yes'),
  windowKind: choice('fixed', 'sliding'),
  budgetScope: choice('client+member', 'client'),
  guestsCountAgainstLimit: choice('yes', 'no'),
  hostsCountAgainstLimit: choice('yes', 'no'),
  yesCountIsHeads: choice('no', 'yes'),
  rotateRefreshToken: choice('yes', 'no'),
  singleUseRefresh: choice('yes', 'no'),
  forbiddenEvent: choice('null', 'error'),
  unauthenticatedReads: choice('refuse', 'allow'),
  emailVisible: choice('no', 'yes'),
  bridgeHints: choice('off', 'on'),
  hintRsvp: choice('no', 'yes'),
  largeParty: choice('skip', 'block'),
  forcedResetAt: choice('future', 'past', 'absent'),
  pointsLimit: number(500, { min: 1 }),
  windowMs: milliseconds(60_000),
  maxFirst: number(1_000, { min: 1 }),
  tokenLifetime: number(3_600, { min: 1 }),
  tokenExpiry: probability(),
  shiftWhilePaging: probability(),
  paymentLapse: milliseconds(),
}

export type Toggles = Settings<MeetupToggles>

export function createToggles(overrides: Partial<MeetupToggles> = {}): Toggles {
  return new Settings(TOGGLE_RULES, overrides)
}
