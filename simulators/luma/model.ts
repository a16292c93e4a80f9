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

/** What a guest asked for; kept while on the waitlist. `typeId` null: an event without ticket types. */
export interface Wish {
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
  wish: Wish
  /** The order in which guests joined the waitlist. */
  waitingSince: number | null
  refundedCents: number
  /** Cancelled in a way that leaves no row behind. */
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

export interface Webhook {
  id: string
  url: string
  eventTypes: string[]
  status: 'active' | 'paused'
  /** The newest first; more than one while rotating. */
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
