import { admit, newGuest, pickType } from './guests.js'
import type { Guest, LumaEvent, Wish } from './model.js'
import type { Sim } from './sim.js'
import { LumaError } from './store.js'

export interface AddedGuests {
  eventId: string
  guests: { email: string; name: string | null }[]
  /** One ticket of each for every guest. Empty: one of the first type on show. */
  ticketTypeIds: string[]
  status: 'approved' | 'pending_approval' | 'waitlist'
  sendEmail: boolean
}

/** The host adds guests by email; whoever is in already stays as they are. @throws LumaError 400 when there is no room */
export function addGuests(sim: Sim, added: AddedGuests): void {
  const event = sim.store.event(added.eventId)
  const [typeId] = added.ticketTypeIds
  if (added.ticketTypeIds.some((id) => id !== typeId)) {
    throw new LumaError(400, 'Tickets of several types in one call are not simulated')
  }
  const wish = { typeId: pickType(event, typeId)?.id ?? null, quantity: Math.max(1, added.ticketTypeIds.length) }
  for (const person of added.guests) addGuest(sim, event, person, wish, added)
}

function addGuest(
  sim: Sim,
  event: LumaEvent,
  { email, name }: AddedGuests['guests'][number],
  wish: Wish,
  { status, sendEmail }: AddedGuests,
): void {
  const known = [...event.guests.values()].findLast((guest) => guest.email === email.toLowerCase())
  if (known && known.status !== 'invited' && known.status !== 'declined') return
  const guest: Guest = known ?? newGuest(sim, email, name ?? email, wish)
  guest.wish = wish
  if (status === 'waitlist') {
    guest.status = 'waitlist'
    guest.waitingSince = sim.clock.now()
    event.guests.set(guest.id, guest)
  } else if (!admit(sim, event, guest, status)) {
    throw new LumaError(400, 'This event is sold out')
  }
  guest.registeredAt = sim.clock.now()
  sim.store.changed(event, 'add guest', guest)
  if (sendEmail) sim.store.mail(guest, status)
  sim.notices.guestRegistered(event, guest)
}
