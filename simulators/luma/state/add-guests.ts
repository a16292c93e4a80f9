import type { SimulatorContext } from './context.js'
import { LumaError } from '../api/errors.js'
import { admit, newGuest, pickType } from './guests.js'
import type { Guest, LumaEvent, TicketRequest } from './model.js'

export interface AddedGuests {
  eventId: string
  guests: { email: string; name: string | null }[]
  /** One ticket of each for every guest. Empty: one of the first visible type. */
  ticketTypeIds: string[]
  status: 'approved' | 'pending_approval' | 'waitlist'
  sendEmail: boolean
}

/** The host adds guests by email; guests who are registered already are unchanged. @throws LumaError 400 if there is no room */
export function addGuests(context: SimulatorContext, added: AddedGuests): void {
  const event = context.state.event(added.eventId)
  const [typeId] = added.ticketTypeIds
  if (added.ticketTypeIds.some((id) => id !== typeId)) {
    throw new LumaError(400, 'Tickets of several types in one call are not simulated')
  }
  const requested = { typeId: pickType(event, typeId)?.id ?? null, quantity: Math.max(1, added.ticketTypeIds.length) }
  for (const person of added.guests) addGuest(context, event, person, requested, added)
}

function addGuest(
  context: SimulatorContext,
  event: LumaEvent,
  { email, name }: AddedGuests['guests'][number],
  requested: TicketRequest,
  { status, sendEmail }: AddedGuests,
): void {
  const existing = [...event.guests.values()].findLast((guest) => guest.email === email.toLowerCase())
  if (existing && existing.status !== 'invited' && existing.status !== 'declined') return
  const guest: Guest = existing ?? newGuest(context, email, name ?? email, requested)
  guest.requested = requested
  if (status === 'waitlist') {
    guest.status = 'waitlist'
    guest.waitingSince = context.clock.now()
    event.guests.set(guest.id, guest)
  } else if (!admit(context, event, guest, status)) {
    throw new LumaError(400, 'This event is sold out')
  }
  guest.registeredAt = context.clock.now()
  context.state.recordChange(event, 'add guest', guest)
  if (sendEmail) context.state.recordMail(guest, status)
  context.webhooks.guestRegistered(event, guest)
}
