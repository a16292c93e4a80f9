import type { SimulatorContext } from './context.js'
import { LumaError } from '../errors.js'
import { admit, newGuest, pickType, ticketRequestFor } from './guests.js'
import type { Guest, LumaEvent, TicketRequest, TicketType } from './model.js'

export interface Registration {
  eventId: string
  /** Omitted: the first visible type. */
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

const MAX_CARTS = 500
const MAX_INVITED = 5_000
const SOLD_OUT: RegistrationResult = { status: 'sold_out', guestId: null, ticketIds: [] }

/** A buyer registers on the event's page: is admitted, joins the waitlist or finds it sold out. @throws LumaError */
export function register(context: SimulatorContext, registration: Registration): RegistrationResult {
  const event = context.state.event(registration.eventId)
  if (!event.registrationOpen) return SOLD_OUT
  const type = pickType(event, registration.ticketTypeId)
  const requested = ticketRequestFor(event, type, registration.quantity ?? 1)
  const guest = guestFor(context, event, registration, requested)
  const status = statusOfBuyers(type)
  const admitted = admit(context, event, guest, status)
  if (!admitted && !acceptsWaitlist(context, event)) return SOLD_OUT
  if (!admitted) addToWaitlist(context, event, guest)
  guest.registeredAt = context.clock.now()
  context.state.recordChange(event, admitted ? 'register' : 'join waitlist', guest)
  addInvitedGuests(context, event)
  topUpCarts(context, event)
  context.webhooks.guestRegistered(event, guest)
  return { status: admitted ? status : 'waitlist', guestId: guest.id, ticketIds: guest.tickets.map(({ id }) => id) }
}

/** Adds a buyer to the waitlist, even if there is room. @throws LumaError */
export function joinWaitlist(context: SimulatorContext, registration: Registration): RegistrationResult {
  const event = context.state.event(registration.eventId)
  if (!acceptsWaitlist(context, event)) throw new LumaError(400, 'This event has no waitlist')
  const requested = ticketRequestFor(event, pickType(event, registration.ticketTypeId), registration.quantity ?? 1)
  const guest = guestFor(context, event, registration, requested)
  addToWaitlist(context, event, guest)
  guest.registeredAt = context.clock.now()
  context.state.recordChange(event, 'join waitlist', guest)
  context.webhooks.guestRegistered(event, guest)
  return { status: 'waitlist', guestId: guest.id, ticketIds: [] }
}

/** A buyer starts a checkout. Null: there was no room (only if checkouts hold capacity). @throws LumaError */
export function openCart(
  context: SimulatorContext,
  input: { eventId: string; ticketTypeId?: string; quantity?: number; email?: string },
): string | null {
  const event = context.state.event(input.eventId)
  const requested = ticketRequestFor(event, pickType(event, input.ticketTypeId), input.quantity ?? 1)
  const email = input.email ?? `cart.${event.guests.size + 1}@example.com`
  const guest = newGuest(context, email, 'Buyer Example', requested)
  if (!admit(context, event, guest, 'session')) return null
  context.state.recordChange(event, 'open cart', guest)
  return guest.id
}

/** The payment succeeded, or is authorized until the host approves the guest. False: sold out in the meantime, the cart is removed. @throws LumaError */
export function completeCart(context: SimulatorContext, eventId: string, guestId: string): boolean {
  const event = context.state.event(eventId)
  const guest = inCheckout(context, event, guestId)
  const type = event.types.find(({ id }) => id === guest.requested.typeId)
  const admitted = admit(context, event, guest, statusOfBuyers(type))
  if (admitted) guest.registeredAt = context.clock.now()
  else event.guests.delete(guest.id)
  context.state.recordChange(event, admitted ? 'complete cart' : 'cart sold out', guest)
  if (admitted) context.webhooks.guestRegistered(event, guest)
  return admitted
}

/** @throws LumaError */
export function abandonCart(context: SimulatorContext, eventId: string, guestId: string): void {
  const event = context.state.event(eventId)
  const guest = inCheckout(context, event, guestId)
  event.guests.delete(guest.id)
  context.state.recordChange(event, 'abandon cart', guest)
}

const statusOfBuyers = (type: TicketType | null | undefined) =>
  type?.requireApproval ? 'pending_approval' : 'approved'

/** Opens checkouts up to the number of the `cartHold` knob, as far as there is room. */
export function topUpCarts(context: SimulatorContext, event: LumaEvent): void {
  const target = Math.min(MAX_CARTS, context.knobs.current.cartHold)
  if (target === 0) return
  const open = [...event.guests.values()].filter(({ status }) => status === 'session').length
  for (let count = open; count < target; count++) if (openCart(context, { eventId: event.id }) === null) return
}

function inCheckout(context: SimulatorContext, event: LumaEvent, guestId: string): Guest {
  const guest = context.state.guest(event, guestId)
  if (guest.status !== 'session') throw new LumaError(400, `Guest ${guestId} is not in checkout`)
  return guest
}

export function acceptsWaitlist(context: SimulatorContext, event: LumaEvent): boolean {
  const free = event.types.every(({ type }) => type === 'free')
  return event.waitlistStatus === 'enabled' && (free || context.toggles.current.waitlistFreeOnly === 'no')
}

function addToWaitlist(context: SimulatorContext, event: LumaEvent, guest: Guest): void {
  guest.status = 'waitlist'
  guest.waitingSince ??= context.clock.now()
  event.guests.set(guest.id, guest)
}

/** A repeated registration is the same guest or a new one, depending on the toggle. @throws LumaError 400 */
function guestFor(
  context: SimulatorContext,
  event: LumaEvent,
  registration: Registration,
  requested: TicketRequest,
): Guest {
  const email = (registration.email ?? `guest.${event.guests.size + 1}@example.com`).toLowerCase()
  const name = registration.name ?? 'Guest Example'
  const existing = [...event.guests.values()].findLast((guest) => guest.email === email)
  if (!existing) return newGuest(context, email, name, requested)
  if (existing.status === 'approved' || existing.status === 'pending_approval' || existing.status === 'session') {
    throw new LumaError(400, 'You are already registered for this event')
  }
  if (existing.status === 'declined' && context.toggles.current.reRegistration === 'newGuest') {
    return newGuest(context, email, name, requested)
  }
  existing.requested = requested
  return existing
}

/** Hosts invite many more guests than register. */
function addInvitedGuests(context: SimulatorContext, event: LumaEvent): void {
  const { invitedPerRegistration } = context.toggles.current
  for (let count = 0; count < invitedPerRegistration && event.guests.size < MAX_INVITED; count++) {
    const number = event.guests.size + 1
    const guest = newGuest(context, `invited.${number}@example.com`, `Invited ${number}`, { typeId: null, quantity: 1 })
    guest.invitedAt = context.clock.now()
    event.guests.set(guest.id, guest)
    context.state.recordGuest(event, guest)
  }
}
