import { choice, number, Settings, type Rules } from '../kit/index.js'

/** Undocumented behaviour of Luma. The defaults are more likely; a client must handle the other values as well. */
export interface LumaToggles {
  /** A cap below what is taken: accepted (the event is then sold out) or rejected with 400. */
  maxCapacityBelowCount: 'accept' | 'reject'
  /** A cap of 0 or less. */
  maxCapacityZero: 'reject' | 'soldOut' | 'unlimited'
  pendingHoldsCapacity: 'yes' | 'no'
  sessionHoldsCapacity: 'no' | 'yes'
  /** A freed or added place goes to the longest waiting guest automatically. */
  autoPromote: 'off' | 'on'
  waitlistFreeOnly: 'yes' | 'no'
  /** `waitlist_status` in an event update: 400 unknown field, accepted, or accepted without effect. */
  waitlistApi: 'absent' | 'accepted' | 'ignored'
  registrationOpenApi: 'absent' | 'accepted' | 'ignored'
  selfCancelShape: 'declined' | 'vanishes'
  signatureStyle: 'luma' | 'standard-webhooks' | 'none'
  resetHeader: 'unix' | 'iso'
  pingOnCreate: 'no' | 'yes'
  sameStatusMailsAgain: 'no' | 'yes'
  hideLastType: 'reject' | 'accept'
  idNames: 'id' | 'api_id'
  reRegistration: 'sameGuest' | 'newGuest'
  /** Lists that never end: the same cursor repeated, two alternating cursors, or endless empty pages. */
  stuckList: 'no' | 'repeat' | 'cycle' | 'empty'
  /** The guest list of a deleted event. */
  goneGuestList: 'notFound' | 'empty'
  /** The server's largest page. */
  maxPageSize: number
  /** The first N approved guests of a list have no `event_tickets`. */
  guestsWithoutTickets: number
  /** Rows of invited guests added with each registration. */
  invitedPerRegistration: number
  /** A webhook is paused after N failed deliveries in a row; 0: never. */
  autoPauseAfterFailures: number
}

const RULES: Rules<LumaToggles> = {
  maxCapacityBelowCount: choice('accept', 'reject'),
  maxCapacityZero: choice('reject', 'soldOut', 'unlimited'),
  pendingHoldsCapacity: choice('yes', 'no'),
  sessionHoldsCapacity: choice('no', 'yes'),
  autoPromote: choice('off', 'on'),
  waitlistFreeOnly: choice('yes', 'no'),
  waitlistApi: choice('absent', 'accepted', 'ignored'),
  registrationOpenApi: choice('absent', 'accepted', 'ignored'),
  selfCancelShape: choice('declined', 'vanishes'),
  signatureStyle: choice('luma', 'standard-webhooks', 'none'),
  resetHeader: choice('unix', 'iso'),
  pingOnCreate: choice('no', 'yes'),
  sameStatusMailsAgain: choice('no', 'yes'),
  hideLastType: choice('reject', 'accept'),
  idNames: choice('id', 'api_id'),
  reRegistration: choice('sameGuest', 'newGuest'),
  stuckList: choice('no', 'repeat', 'cycle', 'empty'),
  goneGuestList: choice('notFound', 'empty'),
  guestsWithoutTickets: number(0, { max: 1_000 }),
  maxPageSize: number(100, { min: 1, max: 1_000 }),
  invitedPerRegistration: number(10, { max: 100 }),
  autoPauseAfterFailures: number(0, { max: 1_000 }),
}

export type Toggles = Settings<LumaToggles>

export function createToggles(overrides: Partial<LumaToggles> = {}): Toggles {
  return new Settings(RULES, overrides)
}
