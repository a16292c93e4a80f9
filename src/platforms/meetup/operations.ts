/** The RSVP states that sit in a seat: they hold a place under the limit, and their tickets are live. */
export const LIVE_STATUSES = ['YES', 'YES_PENDING_PAYMENT', 'ATTENDED', 'NO_SHOW', 'EXCUSED_ABSENCE'] as const
/** `HAVENT` only ever comes alone and `MAYBE` is retired; both are known so that neither looks like a broken answer. */
export const IDLE_STATUSES = ['NO', 'WAITLIST', 'HAVENT', 'MAYBE'] as const

/** Changes are looked for so far behind the newest one known, ms: pages may show them late. What comes later, a sweep finds. */
export const OVERLAP_MS = 30_000

/** Rows asked for at once. */
export const RSVP_PAGE_SIZE = 50
export const GUEST_PAGE_SIZE = 20

/** For how long an edit of unknown outcome may still land, ms. */
export const MEETUP_SETTLE_MS = 5_000

/**
 * Points of the platform's budget (500 in 60 s) that each call is taken to cost. Meetup publishes no price list, so
 * these are our own guesses, on the high side; the limiter corrects them when Meetup tells what was consumed.
 */
export const MEETUP_WEIGHTS = {
  counts: 5,
  self: 5,
  rsvpPage: weightOfPage(RSVP_PAGE_SIZE),
  guestPage: weightOfPage(GUEST_PAGE_SIZE),
  mutation: 10,
  token: 0,
} as const

/** One GraphQL operation: `field` is the root field whose value is the answer. */
export interface Operation {
  /** For metrics and logs. */
  name: string
  kind: 'read' | 'write'
  weight: number
  field: string
  query: string
}

/** Points of one page of `first` rows. */
export function weightOfPage(first: number): number {
  return 5 + Math.ceil(first / 5)
}

/** The largest page that costs no more than `points`, of `size` rows at most. */
export function pageSizeFor(points: number, size: number): number {
  return Math.max(1, Math.min(size, Math.floor((points - 5) * 5)))
}

const MIN_POLL = 10
const POLL_STEP = 5

/**
 * Rows of a poll: those that had changed shortly before the last one (`recent`, within `OVERLAP_MS`), which may be shown
 * late; half as many again as come at that pace in the `ageMs` since; those that raises let in; and room for some more.
 * Where nothing happens it costs 7 points, not 15; one that is too small costs itself and a page more.
 */
export function pollSize(recent: number, { ageMs = 0, promotions = 0 } = {}): number {
  const more = (1.5 * recent * Math.max(0, ageMs)) / OVERLAP_MS + promotions
  const wanted = Math.ceil((recent + more + POLL_STEP) / POLL_STEP) * POLL_STEP
  return Math.min(RSVP_PAGE_SIZE, Math.max(MIN_POLL, wanted))
}

const LIVE = LIVE_STATUSES.join(', ')
/** Every state that a member can choose or be put in; left to itself Meetup names only YES and ATTENDED. */
const LISTED = ['YES', 'NO', 'WAITLIST', ...LIVE_STATUSES.slice(1)].join(', ')
const LISTED_NEWEST_FIRST = `filter: { rsvpStatus: [${LISTED}] }, sort: { sortField: DATETIME, sortOrder: DESC }`

export const EVENT_COUNTS: Operation = {
  name: 'read_counts',
  kind: 'read',
  weight: MEETUP_WEIGHTS.counts,
  field: 'event',
  query: `query EventCounts($id: ID!) {
  event(id: $id) {
    id token title status dateTime maxTickets guestLimit waitlistMode
    rsvpSettings { rsvpsClosed rsvpOpenTime rsvpCloseTime }
    rsvps(first: 1, filter: { rsvpStatus: [${LIVE}] }) { totalCount yesCount noCount waitlistCount }
  }
}`,
}

export const SELF: Operation = {
  name: 'read_self',
  kind: 'read',
  weight: MEETUP_WEIGHTS.self,
  field: 'self',
  query: 'query Self { self { id name } }',
}

/**
 * One page of RSVPs with what the event itself shows: a small listing takes one query. `typed`: asks for the event's
 * type too, which not every schema has.
 */
export function rsvpPage(first: number, typed: boolean): Operation & { first: number } {
  return {
    name: 'list_rsvps',
    kind: 'read',
    weight: weightOfPage(first),
    first,
    field: 'event',
    query: `query EventRsvps($id: ID!, $first: Int!, $after: String) {
  event(id: $id) {
    id status maxTickets guestLimit waitlistMode${typed ? ' eventType' : ''}
    rsvpSettings { rsvpsClosed }
    rsvps(first: $first, after: $after, ${LISTED_NEWEST_FIRST}) {
      totalCount yesCount waitlistCount
      pageInfo { hasNextPage endCursor }
      edges { cursor node { id status guestsCount updated isHost member { id name } } }
    }
  }
}`,
  }
}

export const RSVP_PAGE = rsvpPage(RSVP_PAGE_SIZE, true)

export const GUEST_LIST = 'list_guests'

/** One page of the RSVPs that bring guests. */
export function guestPage(first: number): Operation & { first: number } {
  return {
    name: GUEST_LIST,
    kind: 'read',
    weight: weightOfPage(first),
    first,
    field: 'event',
    query: `query EventGuests($id: ID!, $first: Int!, $after: String) {
  event(id: $id) {
    id
    rsvps(first: $first, after: $after, filter: { rsvpStatus: [${LIVE}], onlyWithGuests: true }) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges { node { id status guestsCount } }
    }
  }
}`,
  }
}

export const SET_LIMIT: Operation = {
  name: 'write_cap',
  kind: 'write',
  weight: MEETUP_WEIGHTS.mutation,
  field: 'editEvent',
  query: `mutation SetLimit($input: EditEventInput!) {
  editEvent(input: $input) {
    event { id maxTickets guestLimit waitlistMode rsvpSettings { rsvpsClosed } }
    errors { code field message }
  }
}`,
}

export const CLOSE_RSVPS: Operation = {
  name: 'close_rsvps',
  kind: 'write',
  weight: MEETUP_WEIGHTS.mutation,
  field: 'closeEventRsvps',
  query: `mutation Close($input: CloseEventRsvpsInput!) {
  closeEventRsvps(input: $input) {
    event { id maxTickets rsvpSettings { rsvpsClosed } }
    errors { code field message }
  }
}`,
}

export const OPEN_RSVPS: Operation = {
  name: 'open_rsvps',
  kind: 'write',
  weight: MEETUP_WEIGHTS.mutation,
  field: 'openEventRsvps',
  query: `mutation Open($input: OpenEventRsvpsInput!) {
  openEventRsvps(input: $input) {
    event { id maxTickets rsvpSettings { rsvpsClosed } }
    errors { code field message }
  }
}`,
}
