/** The RSVP states that hold a seat: they count towards the limit, and their tickets are live. */
export const LIVE_STATUSES = ['YES', 'YES_PENDING_PAYMENT', 'ATTENDED', 'NO_SHOW', 'EXCUSED_ABSENCE'] as const
/**
 * A query that names `HAVENT` returns only those, so it is never requested, and `MAYBE` is retired; both are listed so that
 * neither is a contract error.
 */
export const IDLE_STATUSES = ['NO', 'WAITLIST', 'HAVENT', 'MAYBE'] as const

/** How far behind the newest known change a poll reads, ms: pages may show changes late. A sweep finds later ones. */
export const OVERLAP_MS = 30_000

/** Rows requested per page. */
export const RSVP_PAGE_SIZE = 50
export const GUEST_PAGE_SIZE = 20

/** How long an edit of unknown outcome may still take effect, ms. */
export const MEETUP_SETTLE_MS = 5_000

/**
 * Assumed cost of each call in points of the platform's budget (500 in 60 s). Meetup publishes no costs: these are
 * conservative estimates, which the limiter corrects when Meetup reports the points consumed.
 */
export const MEETUP_WEIGHTS = {
  counts: 5,
  rsvpPage: weightOfPage(RSVP_PAGE_SIZE),
  guestPage: weightOfPage(GUEST_PAGE_SIZE),
  mutation: 10,
  token: 0,
} as const

/** One GraphQL operation; `field` is the root field whose value is returned. */
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

/** The largest page of at most `size` rows that costs no more than `points`. */
export function pageSizeFor(points: number, size: number): number {
  return Math.max(1, Math.min(size, Math.floor((points - 5) * 5)))
}

const MIN_POLL_ROWS = 10
const POLL_STEP = 5

/**
 * Rows of a poll: those changed shortly before the last one (`recent`, within `OVERLAP_MS`), which may be shown late; 1.5
 * times the rows expected at that rate in `ageMs`; those promoted by raises; and some reserve. A poll without changes
 * costs 7 points instead of 15; one that is too small costs an additional page.
 */
export function pollSize(recent: number, { ageMs = 0, promotions = 0 } = {}): number {
  const expected = (1.5 * recent * Math.max(0, ageMs)) / OVERLAP_MS + promotions
  const rows = Math.ceil((recent + expected + POLL_STEP) / POLL_STEP) * POLL_STEP
  return Math.min(RSVP_PAGE_SIZE, Math.max(MIN_POLL_ROWS, rows))
}

const LIVE = LIVE_STATUSES.join(', ')
/** Every state that a member can have; without a filter Meetup lists only YES and ATTENDED. */
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

/**
 * One page of RSVPs with the state of the event: a small listing takes one query. `withType`: requests the event's type
 * as well, which not every schema has.
 */
export function rsvpPage(first: number, withType: boolean): Operation & { first: number } {
  return {
    name: 'list_rsvps',
    kind: 'read',
    weight: weightOfPage(first),
    first,
    field: 'event',
    query: `query EventRsvps($id: ID!, $first: Int!, $after: String) {
  event(id: $id) {
    id status maxTickets guestLimit waitlistMode${withType ? ' eventType' : ''}
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

/** One page of the RSVPs with guests. */
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
