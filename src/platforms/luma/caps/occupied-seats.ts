import type { CallContext, Failure, Listing, Outcome } from '../../port.js'
import { ok } from '../../kit/outcomes.js'
import { seatsIn } from './seat-counter.js'
import type { LumaPorts } from '../ports.js'

/**
 * Guests in checkout may still complete, regardless of the cap. Applicants are not carts: they wait for the host's
 * approval, perhaps for weeks, and approving them beyond the cap is the host's decision. Luma may hold seats for them.
 */
export const IN_CHECKOUT = 'session'
export const SOLD = 'approved'
const AWAITING_APPROVAL = 'pending_approval'

/** Seats by the status of their guests. */
export interface OccupiedSeats {
  sold: number
  inCheckout: number
  applicants: number
}

/** Counts the seats that can make Luma refuse a cap. Carts first, so that a guest who completes is not missed. */
export async function countOccupiedSeats(
  ports: LumaPorts,
  listing: Listing,
  context: CallContext,
): Promise<Outcome<OccupiedSeats>> {
  ports.seats.discard(listing.externalEventId)
  const counts = await ports.seats.count(listing.externalEventId, [IN_CHECKOUT, AWAITING_APPROVAL, SOLD], context)
  if (counts.kind !== 'OK') return counts
  const seats = (status: string) => seatsIn(counts.value.byStatus.get(status), listing.externalTicketClassId)
  return ok({ sold: seats(SOLD), inCheckout: seats(IN_CHECKOUT), applicants: seats(AWAITING_APPROVAL) })
}

/** `occupied` null: not counted. */
export function capBelowSold(occupied: OccupiedSeats | null, reason: string): Failure {
  return { kind: 'CAP_BELOW_SOLD', sold: occupied?.sold ?? null, pending: occupied?.inCheckout ?? 0, reason }
}
