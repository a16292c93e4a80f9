/** The states in which an RSVP sits in a seat. */
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
  /** ms since the epoch, as the platform's own clock has it. */
  updated: number
  /** Place in the queue of those who joined the waitlist. */
  joined: number
  isHost: boolean
  /** Subscribers, who leave the waitlist first. */
  priority: boolean
  /** Counted, but shown in no list. */
  hidden: boolean
}

export interface EventRecord {
  id: string
  /** Never changes, unlike the id. */
  token: string
  title: string
  status: 'ACTIVE' | 'CANCELLED' | 'DRAFT' | 'PAST'
  eventType: 'PHYSICAL' | 'ONLINE' | 'HYBRID'
  /** ms since the epoch. */
  dateTime: number
  /** Null: no limit. */
  maxTickets: number | null
  guestLimit: number
  /** A fee that must be paid online: no waitlist then. */
  feeRequired: boolean
  rsvpsClosed: boolean
  /** ms since the epoch. */
  rsvpOpenTime: number | null
  rsvpCloseTime: number | null
  /** Members who may see and edit it; null: everyone with a token. */
  organizers: string[] | null
}

/** What is really so, whatever reads show. Heads are members and their guests. */
export interface Truth {
  eventId: string
  token: string
  /** Null: no limit. */
  maxTickets: number | null
  /** What can be sold at most as things stand: the limit, or what is sold when RSVPs are closed. */
  cap: number | null
  sold: number
  pending: number
  /** Seats taken as the limit counts them. */
  seats: number
  waiting: number
  closed: boolean
  mode: 'OPEN' | 'WAITLIST_ONLY'
}

export type RsvpAnswer =
  | { rsvpId: string; status: RsvpStatus }
  | { rsvpId: null; status: 'REFUSED'; reason: 'CLOSED' | 'FULL' | 'TOO_MANY_GUESTS' | 'NOT_ON_SALE' }

/** Asked for something that does not exist. */
export class NotFound extends Error {}

export function isSeated({ status }: Pick<RsvpRecord, 'status'>): boolean {
  return (SEATED as readonly string[]).includes(status)
}
