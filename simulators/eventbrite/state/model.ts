/** All instants are ms since the epoch. */
export interface TicketClass {
  id: string
  eventId: string
  name: string
  /** Null: limited by tier and event only; unlimited for a donation class. */
  capacity: number | null
  donation: boolean
  costCents: number
  hidden: boolean
  salesStart: number | null
  salesEnd: number | null
  salesChannels: string[]
  inventoryTierId: string | null
  minimumQuantity: number
  maximumQuantity: number
  sold: number
  /** In open carts. */
  pending: number
}

export interface InventoryTier {
  id: string
  name: string
  quantityTotal: number | null
}

/** A reserved quantity; nothing is sold from it in the simulator. */
export interface Hold {
  id: string
  name: string
  quantityTotal: number
}

export const EVENT_STATUSES = ['draft', 'live', 'started', 'ended', 'completed', 'canceled'] as const
export type EventStatus = (typeof EVENT_STATUSES)[number]

export interface SimulatedEvent {
  id: string
  organizationId: string
  name: string
  currency: string
  created: number
  changed: number
  start: number
  end: number
  venue: string
  /** The custom capacity of the whole event; null: the sum of its classes. */
  capacityTotal: number | null
  holds: Hold[]
  tiers: InventoryTier[]
  classes: TicketClass[]
  txTimeLimitMs: number
  waitlistEnabled: boolean
  /** Only live events sell. */
  status: EventStatus
  /** The parent of a series, which is not an event itself. */
  seriesParent: boolean
}

/** The true state of an event, independent of what the API shows. A limit of null is unlimited. */
export interface EventTruth {
  id: string
  capacity: number | null
  /** Reserved by holds: not for the public. */
  heldBack: number
  sold: number
  pending: number
  salesStatus: string
  classes: { id: string; capacity: number | null; sold: number; pending: number; status: string; hidden: boolean }[]
  tiers: { id: string; quantityTotal: number | null }[]
  /** Limits that this simulator exceeded: empty unless it has a bug. */
  violations: string[]
}

export interface Person {
  name: string
  email: string
}

export type OrderStatus = 'started' | 'placed' | 'abandoned' | 'refunded' | 'deleted'

export interface Order {
  id: string
  eventId: string
  status: OrderStatus
  created: number
  changed: number
  buyer: Person
  grossCents: number
  /** Set while it is a cart. */
  expires: number | null
}

export interface Attendee {
  id: string
  orderId: string
  eventId: string
  classId: string
  className: string
  created: number
  changed: number
  cancelled: boolean
  refunded: boolean
  checkedIn: boolean
  buyer: Person
  costCents: number
}

/** An order in checkout: its tickets are pending. */
export interface Cart {
  id: string
  eventId: string
  classId: string
  quantity: number
  expires: number
  /** Opened by the `cartHold` knob: completed or abandoned at random when it expires. */
  held: boolean
}

export interface WaitlistEntry extends Person {
  quantity: number
  state: 'WAITING' | 'OFFERED'
}

export interface Webhook {
  id: string
  organizationId: string
  eventId: string | null
  url: string
  actions: string[]
  created: number
  failures: number
}
