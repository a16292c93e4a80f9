import type { CallContext, Failure, Listing, Outcome } from '../port.js'
import { ok } from './answers.js'
import { seatsIn } from './seat-counter.js'
import type { LumaPorts } from './ports.js'

/**
 * Guests in checkout may still complete whatever the cap says. Applicants are no carts: they wait for a person, perhaps
 * for weeks, and whom the host lets in beyond the cap is the host's doing. But Luma may hold places for them.
 */
export const IN_CHECKOUT = 'session'
export const SOLD = 'approved'
const APPLICANTS = 'pending_approval'

/** Seats by the status of their guests. */
export interface Held {
  sold: number
  inCheckout: number
  applicants: number
}

/** What may make Luma refuse a cap, as it stands now: carts first, so that nobody who moves on is missed. */
export async function countHeld(ports: LumaPorts, listing: Listing, context: CallContext): Promise<Outcome<Held>> {
  ports.seats.forget(listing.externalEventId)
  const counts = await ports.seats.count(listing.externalEventId, [IN_CHECKOUT, APPLICANTS, SOLD], context)
  if (counts.kind !== 'OK') return counts
  const seats = (status: string) => seatsIn(counts.value.byStatus.get(status), listing.externalTicketClassId)
  return ok({ sold: seats(SOLD), inCheckout: seats(IN_CHECKOUT), applicants: seats(APPLICANTS) })
}

export function soldMeanwhile(held: Held | null, reason: string): Failure {
  return { kind: 'CAP_BELOW_SOLD', sold: held?.sold ?? null, pending: held?.inCheckout ?? 0, reason }
}
