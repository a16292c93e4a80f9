import { openCarts } from './carts.js'
import { admit, newGuest, pickType, wishFor } from './guests.js'
import type { Guest, LumaEvent, Wish } from './model.js'
import type { Sim } from './sim.js'
import { LumaError } from './store.js'

export interface Registration {
  eventId: string
  /** Left out: the first type on show. */
  ticketTypeId?: string
  quantity?: number
  email?: string
  name?: string
}

export interface RegistrationResult {
  status: 'approved' | 'pending_approval' | 'waitlist' | 'sold_out'
  guestId: string | null
  ticketIds: string[]
}

const MAX_INVITED = 5_000
const SOLD_OUT: RegistrationResult = { status: 'sold_out', guestId: null, ticketIds: [] }

/** Somebody registers on the event's page: gets in, joins the waitlist or finds it sold out. @throws LumaError */
export function register(sim: Sim, registration: Registration): RegistrationResult {
  const event = sim.store.event(registration.eventId)
  if (!event.registrationOpen) return SOLD_OUT
  const type = pickType(event, registration.ticketTypeId)
  const wish = wishFor(event, type, registration.quantity ?? 1)
  const guest = guestFor(sim, event, registration, wish)
  const wanted = type?.requireApproval ? 'pending_approval' : 'approved'
  const admitted = admit(sim, event, guest, wanted)
  if (!admitted && !takesWaiters(sim, event)) return SOLD_OUT
  if (!admitted) waitFor(sim, event, guest)
  guest.registeredAt = sim.clock.now()
  sim.store.changed(event, admitted ? 'register' : 'join waitlist', guest)
  inviteOthers(sim, event)
  openCarts(sim, event)
  sim.notices.guestRegistered(event, guest)
  return { status: admitted ? wanted : 'waitlist', guestId: guest.id, ticketIds: guest.tickets.map(({ id }) => id) }
}

/** Adds somebody to the waitlist, full or not. @throws LumaError */
export function joinWaitlist(sim: Sim, registration: Registration): RegistrationResult {
  const event = sim.store.event(registration.eventId)
  if (!takesWaiters(sim, event)) throw new LumaError(400, 'This event has no waitlist')
  const wish = wishFor(event, pickType(event, registration.ticketTypeId), registration.quantity ?? 1)
  const guest = guestFor(sim, event, registration, wish)
  waitFor(sim, event, guest)
  guest.registeredAt = sim.clock.now()
  sim.store.changed(event, 'join waitlist', guest)
  sim.notices.guestRegistered(event, guest)
  return { status: 'waitlist', guestId: guest.id, ticketIds: [] }
}

export function takesWaiters(sim: Sim, event: LumaEvent): boolean {
  const free = event.types.every(({ type }) => type === 'free')
  return event.waitlistStatus === 'enabled' && (free || sim.toggles.current.waitlistFreeOnly === 'no')
}

function waitFor(sim: Sim, event: LumaEvent, guest: Guest): void {
  guest.status = 'waitlist'
  guest.waitingSince ??= sim.clock.now()
  event.guests.set(guest.id, guest)
}

/** Whoever registers again is the same guest, as far as Luma's toggle says so. @throws LumaError 400 */
function guestFor(sim: Sim, event: LumaEvent, registration: Registration, wish: Wish): Guest {
  const email = (registration.email ?? `guest.${event.guests.size + 1}@example.com`).toLowerCase()
  const name = registration.name ?? 'Guest Example'
  const known = [...event.guests.values()].findLast((guest) => guest.email === email)
  if (!known) return newGuest(sim, email, name, wish)
  if (known.status === 'approved' || known.status === 'pending_approval' || known.status === 'session') {
    throw new LumaError(400, 'You are already registered for this event')
  }
  if (known.status === 'declined' && sim.toggles.current.reRegistration === 'newGuest') {
    return newGuest(sim, email, name, wish)
  }
  known.wish = wish
  return known
}

/** Hosts invite many more than come. */
function inviteOthers(sim: Sim, event: LumaEvent): void {
  const { invitedPerRegistration } = sim.toggles.current
  for (let count = 0; count < invitedPerRegistration && event.guests.size < MAX_INVITED; count++) {
    const number = event.guests.size + 1
    const guest = newGuest(sim, `invited.${number}@example.com`, `Invited ${number}`, { typeId: null, quantity: 1 })
    guest.invitedAt = sim.clock.now()
    event.guests.set(guest.id, guest)
    sim.store.recordGuest(event, guest)
  }
}
