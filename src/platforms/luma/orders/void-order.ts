import type { CallContext, Listing, Outcome } from '../../port.js'
import { ok, rejected } from '../../kit/outcomes.js'
import { ignoreResponse } from '../client/client.js'
import type { LumaConfig } from '../config.js'
import { getGuest } from './orders.js'
import type { LumaPorts } from '../ports.js'

const MAX_MESSAGE_LENGTH = 200
const WITHOUT_SEATS = new Set(['waitlist', 'declined', 'invited'])

/**
 * Moves a guest, with all tickets, to the waitlist (or to declined) and refunds. Idempotent; 2 calls: the guest is read
 * first, so that a retry after a lost response does not send a second mail.
 */
export async function voidOrder(
  ports: Pick<LumaPorts, 'client'>,
  status: LumaConfig['voidStatus'],
  listing: Listing,
  guestId: string,
  reason: string,
  context: CallContext,
): Promise<Outcome<null>> {
  const guest = await getGuest(ports, listing, guestId, context)
  if (guest.kind === 'GONE') return rejected('ORDER_UNKNOWN', `Luma has no guest ${guestId} for this event`)
  if (guest.kind !== 'OK') return guest
  if (WITHOUT_SEATS.has(guest.value.guest.status)) return ok(null)
  if (guest.value.guest.checkedIn) return rejected('CHECKED_IN', `guest ${guestId} has already checked in`)
  const message = reason.trim().slice(0, MAX_MESSAGE_LENGTH)
  const body = {
    event_id: listing.externalEventId,
    guest_id: guest.value.guest.id,
    status,
    should_refund: true,
    send_email: true,
    ...(message === '' ? {} : { message }),
  }
  return ports.client.post('/v1/events/guests/update-status', body, 'void_order', context, ignoreResponse)
}
