export const GUEST_STATUSES = ['approved', 'session', 'pending_approval', 'invited', 'declined', 'waitlist'] as const
export type GuestStatus = (typeof GUEST_STATUSES)[number]

/** Times are ms since the epoch, by Luma's clock; amounts are cents. A cap of null is unlimited. */
export interface TicketType {
  id: string
  name: string
  description: string | null
  type: 'free' | 'paid'
  cents: number | null
  currency: string | null
  isFlexible: boolean
  minCents: number | null
  requireApproval: boolean
  isHidden: boolean
  validStartAt: string | null
  validEndAt: string | null
  maxCapacity: number | null
}

export interface Ticket {
  id: string
  typeId: string
  name: string
  amount: number
  currency: string | null
  checkedInAt: number | null
  isCaptured: boolean
}

export interface TicketOrder {
  id: string
  amount: number
  currency: string | null
  isCaptured: boolean
}

/** The tickets that a guest requested, also while on the waitlist. `typeId` null: an event without ticket types. */
export interface TicketRequest {
  typeId: string | null
  quantity: number
}

export interface Guest {
  id: string
  /** The `g-` key of check-in codes. */
  key: string
  userId: string
  email: string
  name: string
  status: GuestStatus
  createdAt: number
  invitedAt: number | null
  registeredAt: number | null
  tickets: Ticket[]
  orders: TicketOrder[]
  requested: TicketRequest
  /** When the guest joined the waitlist. */
  waitingSince: number | null
  refundedCents: number
  /** Cancelled, and no longer listed. */
  vanished: boolean
}

export interface LumaEvent {
  id: string
  name: string
  description: string
  startAt: number
  endAt: number
  createdAt: number
  timezone: string
  visibility: string
  waitlistStatus: 'enabled' | 'disabled'
  registrationOpen: boolean
  maxCapacity: number | null
  multipleTickets: boolean
  types: TicketType[]
  /** By guest id. */
  guests: Map<string, Guest>
}

/** The true state of an event, independent of what the API shows. */
export interface EventTruth {
  eventId: string
  /** The largest number of tickets that all caps together allow; null: unlimited. */
  cap: number | null
  eventCap: number | null
  ticketTypes: { id: string; cap: number | null; taken: number; isHidden: boolean }[]
  /** Tickets of approved guests. */
  sold: number
  /** Tickets of guests in checkout or waiting for approval. */
  pending: number
  waitlisted: number
  mode: 'OPEN' | 'WAITLIST_ONLY'
  waitlistStatus: 'enabled' | 'disabled'
  /** Ids of all tickets of approved guests; `<guestId>#0` for a guest without. */
  ticketIds: string[]
}

export interface Webhook {
  id: string
  url: string
  eventTypes: string[]
  status: 'active' | 'paused'
  /** Newest first; more than one during a rotation. */
  secrets: string[]
  createdAt: number
  failuresInARow: number
}

export const WEBHOOK_TYPES = [
  '*',
  'calendar.event.added',
  'calendar.person.subscribed',
  'event.canceled',
  'event.created',
  'event.updated',
  'guest.registered',
  'guest.updated',
  'ticket.registered',
] as const
