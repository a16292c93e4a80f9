import type { PlatformTraits } from '../traits.js'
import { MEETUP_WEIGHTS, RSVP_PAGE_SIZE } from './client/operations.js'
import { desiredPollMs, pollPoints } from './poll-schedule.js'

export const MEETUP_TRAITS: PlatformTraits = {
  platform: 'MEETUP',
  hasApi: true,
  // A cap of 0 is rejected, means unlimited, or is undocumented.
  minCap: 1,
  confirmMs: 30_000,
  promotesOnRaise: true,
  hidesMembers: true,
  countIncludesCancelled: false,
  countIsIndependent: true,
  // There is no query for a single RSVP: its absence among the newest ones proves nothing.
  canQueryOrder: false,
  versionsAreReadTimes: false,
  listsChanges: true,
  // A removed member is no change.
  changesIncludeCancellations: false,
  coalesceMs: 200,
  minReadIntervalMs: 1_000,
  checkoutMs: 0,
  sweepCost: (tickets) => (Math.ceil(tickets / RSVP_PAGE_SIZE) + 1) * MEETUP_WEIGHTS.rsvpPage,
  credentials: {
    configured: ({ meetup }) => Boolean(meetup.accessToken) || meetup.jwt !== null,
    without: ({ meetup }) => ({ meetup: { ...meetup, accessToken: null, jwt: null } }),
  },
  rateLimit: {
    configured: ({ meetup }) => meetup.rateLimit,
    minReserve: 0.2,
    closeCost: MEETUP_WEIGHTS.mutation,
    capWriteCost: MEETUP_WEIGHTS.mutation,
    // Points: one page of RSVPs costs many, so the burst is as large as the window allows.
    burst: (limit) => limit,
    largestCall: MEETUP_WEIGHTS.mutation,
  },
  polling: {
    baseMs: ({ intervals }) => intervals.meetupPollSeconds * 1_000,
    desiredMs: desiredPollMs,
    cost: pollPoints,
  },
  webhooks: null,
  contents: {
    writable: ['title'],
    maxTitleLength: 80,
    // The API has fields for both; in which form it takes them is not documented.
    instructions: 'Change start, end and place on meetup.com.',
    canCancel: true,
    cancelInstructions: 'Meetup shows the event as cancelled. Refund fees on meetup.com.',
  },
  oversoldInstructions: 'Remove the RSVP from the event on meetup.com.',
}
