import { choice, milliseconds, number, probability, Settings, type Rules } from '../kit/index.js'

/** Undocumented behaviour of Meetup, with the most likely choice first, and faults that only Meetup has. */
export interface MeetupToggles {
  /** A limit below the taken seats: accepted, with new members waitlisted, or rejected. */
  limitBelowYes: 'accept' | 'refuse'
  /** Closing RSVPs resets limit, guest limit and times. */
  closeWipesSettings: 'yes' | 'no'
  /** Opening RSVPs resets them too. */
  openWipesSettings: 'no' | 'yes'
  /** Whether an edit resets the rsvpSettings that it omits. */
  omittedSettings: 'kept' | 'reset'
  throttleStatus: 200 | 429
  /** Over the budget, queries return empty pages instead of an error. */
  throttleAsEmptyPage: 'no' | 'yes'
  windowKind: 'fixed' | 'sliding'
  budgetScope: 'client+member' | 'client'
  guestsCountAgainstLimit: 'yes' | 'no'
  hostsCountAgainstLimit: 'yes' | 'no'
  yesCountIsHeads: 'no' | 'yes'
  rotateRefreshToken: 'yes' | 'no'
  singleUseRefresh: 'yes' | 'no'
  /** The result for an event that the caller is not allowed to see. */
  forbiddenEvent: 'null' | 'error'
  unauthenticatedReads: 'refuse' | 'allow'
  emailVisible: 'no' | 'yes'
  /** The role of every member in the group. */
  memberRole: 'ORGANIZER' | 'COORGANIZER' | 'MEMBER'
  /** Not part of Meetup: a bridge that sends a signed hint for each change. */
  bridgeHints: 'off' | 'on'
  /** The bridge's hints contain the changed RSVP. */
  hintRsvp: 'no' | 'yes'
  /** What happens to a waitlisted party too large for the free seats. */
  largeParty: 'skip' | 'block'
  /** `resetAt` of rejections by the `throttleRate` knob. */
  forcedResetAt: 'future' | 'past' | 'absent'

  pointsLimit: number
  windowMs: number
  /** Largest effective `first`. */
  maxFirst: number
  /** Lifetime of a granted token, seconds. */
  tokenLifetime: number
  /** Probability that the token of a call has just expired. */
  tokenExpiry: number
  /** Probability that the list changes between two of its pages. */
  shiftWhilePaging: number
  /** An unpaid RSVP is cancelled after this, ms. 0: never. */
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
  memberRole: choice('ORGANIZER', 'COORGANIZER', 'MEMBER'),
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
