/** The states in which an RSVP takes a seat. */
export const SEATED = ['YES', 'YES_PENDING_PAYMENT', 'ATTENDED', 'NO_SHOW', 'EXCUSED_ABSENCE'] as const
export const RSVP_STATUSES = [...SEATED, 'NO', 'WAITLIST', 'HAVENT', 'MAYBE'] as const
export type RsvpStatus = (typeof RSVP_STATUSES)[number]

export interface RsvpRecord {
  id: string
  memberId: string
  memberName: string
  email: string
  status: RsvpStatus
  guestsCount: number
  /** ms since the epoch, by the platform's own clock. */
  updated: number
  /** Sequence number of joining, for the order of the waitlist. */
  joined: number
  isHost: boolean
  /** A subscriber, who leaves the waitlist first. */
  priority: boolean
  /** Counted, but not listed. */
  hidden: boolean
}

export interface EventRecord {
  id: string
  /** Never changes, unlike the id. */
  token: string
  title: string
  venue: string
  status: 'ACTIVE' | 'CANCELLED' | 'DRAFT' | 'PAST'
  eventType: 'PHYSICAL' | 'ONLINE' | 'HYBRID'
  /** ms since the epoch. */
  dateTime: number
  /** Null: no limit. */
  maxTickets: number | null
  guestLimit: number
  /** A fee must be paid online; the event has no waitlist then. */
  feeRequired: boolean
  rsvpsClosed: boolean
  /** ms since the epoch. */
  rsvpOpenTime: number | null
  rsvpCloseTime: number | null
  /** Members who may see and edit it; null: everyone with a token. */
  organizers: string[] | null
}

/** The true state of an event, independent of what reads show. Counts are members and their guests. */
export interface EventTruth {
  eventId: string
  token: string
  /** Null: no limit. */
  maxTickets: number | null
  /** The largest number that can be sold: the limit, or what is sold while RSVPs are closed. */
  cap: number | null
  sold: number
  pending: number
  /** Taken seats as the limit counts them. */
  seats: number
  waiting: number
  closed: boolean
  mode: 'OPEN' | 'WAITLIST_ONLY'
}

export type RsvpResult =
  | { rsvpId: string; status: RsvpStatus }
  | { rsvpId: null; status: 'REFUSED'; reason: 'CLOSED' | 'FULL' | 'TOO_MANY_GUESTS' | 'NOT_ON_SALE' }

export function isSeated({ status }: Pick<RsvpRecord, 'status'>): boolean {
  return (SEATED as readonly string[]).includes(status)
}
