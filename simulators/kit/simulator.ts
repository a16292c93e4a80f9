import type { Deliveries } from './webhooks/deliveries.js'
import type { FaultScript } from './faults/fault-script.js'
import type { Knobs } from './faults/knobs.js'
import type { Handle } from './in-process.js'
import type { Trace } from './trace.js'

/** A listing: a whole event, or one of its ticket types. */
export interface ListingRef {
  eventId: string
  /** Null: the whole event. */
  ticketTypeId: string | null
}

export interface ListingOptions {
  /** Null: unlimited. */
  capacity: number | null
  /** The whole event, or its first ticket type. A platform without ticket types always lists the event. */
  part: 'event' | 'ticketType'
  /** How many ticket types the event has. */
  ticketTypes: number
  /** The organizer approves each buyer; only where the platform has `applications`. */
  requireApproval?: boolean
}

/** `LIVE`: buyers see it. `GONE`: the platform no longer knows it. */
export type ListingTruthState = 'LIVE' | 'CANCELLED' | 'GONE'

/** The true state of a listing, independent of what the API shows. */
export interface ListingTruth {
  /** The limit in force, also while nothing can be bought; null: none. */
  capacity: number | null
  /** The same as the platform states it, with what is reserved by holds and not for sale. */
  capacityWithHolds: number | null
  sold: number
  /** Tickets in open carts, or held by an unfinished payment. */
  carts: number
  /** Tickets of buyers who wait for the organizer's approval. */
  applicants: number
  /** Whether a buyer could get one ticket now. */
  onSale: boolean
  state: ListingTruthState
  /** Every completed order, cancelled ones included, with the number of its tickets that are valid now. */
  orders: { orderId: string; tickets: number }[]
}

/** Where the organizer approves each buyer. An applicant withdraws as an order is cancelled. */
export interface Applications {
  /** The id of the order that it may become; null if it was refused (sold out, closed). */
  apply(listing: ListingRef, tickets: number): string | null
  /** False: sold out in the meantime, and the applicant still waits. */
  approve(listing: ListingRef, orderId: string): boolean
  decline(listing: ListingRef, orderId: string): void
}

/** What buyers and organizers do on a platform, in its own terms. @throws Error for unknown ids */
export interface Listings {
  create(options: ListingOptions): ListingRef
  truth(listing: ListingRef): ListingTruth
  /** One order; its id, or null if it was refused (sold out, closed). The buyer does not join a waitlist. */
  sell(listing: ListingRef, tickets: number): string | null
  /** A checkout that holds its tickets; its id, or null if it was refused. */
  openCart(listing: ListingRef, tickets: number): string | null
  /** The payment of a cart; the order's id, or null if the tickets were gone. */
  completeCart(listing: ListingRef, cartId: string): string | null
  /** The buyer or the organizer cancels the whole order. */
  cancel(listing: ListingRef, orderId: string): void
  /** One ticket of the order; where orders change only as a whole, all of it. */
  cancelTicket(listing: ListingRef, orderId: string): void
  /** As `sell`, but a buyer who is refused joins the waitlist, where there is one. */
  sellOrWait(listing: ListingRef, tickets: number): string | null
  /** Changes an order but none of its tickets: it moves in lists sorted by change. */
  touch(listing: ListingRef, orderId: string): void
  /** The organizer checks in all attendees of an order. */
  checkIn(listing: ListingRef, orderId: string): void
  /** The organizer changes the capacity. */
  setCapacity(listing: ListingRef, capacity: number | null): void
  cancelEvent(listing: ListingRef): void
  /** Sends the webhooks of the listing to `url`, on loopback. The secret that signs them; null: they are not signed. */
  subscribe(listing: ListingRef, url: string): string | null
  /** Null: the platform has none. */
  readonly applications: Applications | null
}

/** Undocumented behaviours, with their values. */
export interface ToggleControl {
  readonly current: Readonly<object>
  /** The values of each toggle that has only a few, the default first. */
  options(): Record<string, readonly unknown[]>
  /** @throws InvalidSettingsError */
  patch(input: unknown): Readonly<object>
}

/** A simulated platform in this process. The control routes call the same functions over HTTP. */
export interface Simulator {
  /** Base URL of its API. */
  url: string
  /** Base URL of its control routes. */
  controlUrl: string
  /** Performs a request without a socket. */
  handle: Handle
  seed: number
  listings: Listings
  /** Faults of certain calls. */
  faults: FaultScript
  /** Faults at random. */
  knobs: Knobs
  toggles: ToggleControl
  deliveries: Deliveries
  trace: Trace
  /** Receives a call for each request that gets no response. */
  onSilence(listener: (() => void) | null): void
  /** Waits for deliveries and late writes; resolves with the number still pending after `timeoutMs`. */
  drain(timeoutMs: number): Promise<number>
  close(): Promise<void>
}
