import type { HoldOrigin, HoldSource, HoldState } from './hold.js'

/** Units reserved for a buyer for a limited time, as recorded. */
export interface Hold extends HoldOrigin {
  id: string
  eventId: string
  /** Null: an offer to a waitlist entry, which needs no user. */
  accountId: string | null
  state: HoldState
  source: HoldSource
  quantity: number
  /** Per ticket, as the event had it when the hold was made, in the smallest unit of its currency; 0: free. */
  priceCents: number
  /** One per unit, or none. */
  seats: string[]
  expiresAt: Date
  createdAt: Date
  /** When it became final; null while it is live. */
  settledAt: Date | null
  /** The order that it became. */
  orderId: string | null
  /** Null: none given, or expired after a day. */
  idempotencyKey: string | null
  requestHash: string | null
}
