import type { SimulatorContext } from './context.js'
import { LumaError } from '../errors.js'
import { admit, newGuest, pickType, release } from './guests.js'
import type { Guest, LumaEvent, TicketRequest } from './model.js'

export interface StatusChange {
  eventId: string
  /** Guest id, guest key, ticket id or email. */
  guestId: string
  status: 'approved' | 'declined' | 'pending_approval' | 'waitlist'
  shouldRefund?: boolean
  sendEmail?: boolean
  message?: string | null
}

export interface AddedGuests {
  eventId: string
  guests: { email: string; name: string | null }[]
  /** One ticket of each for every guest. Empty: one of the first visible type. */
  ticketTypeIds: string[]
  status: 'approved' | 'pending_approval' | 'waitlist'
  sendEmail: boolean
}

/** The host changes a guest's status, and with it all of the guest's tickets. @throws LumaError */
export function updateStatus(context: SimulatorContext, change: StatusChange): Guest {
  const { status, shouldRefund = false, sendEmail = true, message = null } = change
  if (message !== null && !sendEmail) throw new LumaError(400, 'message cannot be used with send_email: false')
  const event = context.state.event(change.eventId)
  const guest = context.state.guest(event, change.guestId)
  if (guest.status === status) {
    if (sendEmail && context.toggles.current.sameStatusMailsAgain === 'yes')
      context.state.recordMail(guest, status, message)
    return guest
  }
  if (status === 'approved' || status === 'pending_approval') {
    if (!admit(context, event, guest, status)) throw new LumaError(400, 'This event is sold out')
    guest.registeredAt ??= context.clock.now()
  } else {
    release(context, guest, status, shouldRefund)
  }
  context.state.recordChange(event, `status ${status}`, guest)
  if (sendEmail) context.state.recordMail(guest, status, message)
  context.webhooks.guestUpdated(event, guest)
  if (status === 'declined' || status === 'waitlist') autoPromote(context, event)
  return guest
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

/** The guest cancels. @throws LumaError */
export function cancelGuest(context: SimulatorContext, eventId: string, guestId: string): void {
  const event = context.state.event(eventId)
  const guest = context.state.guest(event, guestId)
  if (guest.status === 'declined' || guest.status === 'invited') throw new LumaError(400, 'There is nothing to cancel')
  release(context, guest, 'declined', true)
  guest.vanished = context.toggles.current.selfCancelShape === 'vanishes'
  context.state.recordChange(event, 'cancel', guest)
  context.webhooks.guestUpdated(event, guest)
  autoPromote(context, event)
}

/** @throws LumaError */
export function checkIn(context: SimulatorContext, eventId: string, guestId: string): void {
  const event = context.state.event(eventId)
  const guest = context.state.guest(event, guestId)
  if (guest.status !== 'approved') throw new LumaError(400, 'Only approved guests can check in')
  for (const ticket of guest.tickets) ticket.checkedInAt ??= context.clock.now()
  context.state.recordChange(event, 'check in', guest)
  context.webhooks.guestUpdated(event, guest)
}

/** After places were freed or added: promotes waitlisted guests if the toggle or the knob is on. */
export function autoPromote(context: SimulatorContext, event: LumaEvent): void {
  const { toggles, knobs, random } = context
  if (toggles.current.autoPromote === 'on' || random.chance(knobs.current.waitlistPromotion)) promote(context, event)
}

/** Promotes up to `max` waitlisted guests as far as there is room, longest waiting first. Returns how many. */
export function promote(context: SimulatorContext, event: LumaEvent, max = Infinity): number {
  const waiting = [...event.guests.values()]
    .filter(({ status, vanished }) => status === 'waitlist' && !vanished)
    .toSorted((a, b) => (a.waitingSince ?? 0) - (b.waitingSince ?? 0))
  let promoted = 0
  for (const guest of waiting) {
    if (promoted >= max) break
    if (!admit(context, event, guest, 'approved')) continue
    promoted += 1
    context.state.recordChange(event, 'promote', guest)
    context.state.recordMail(guest, 'approved')
    context.webhooks.guestUpdated(event, guest)
  }
  return promoted
}
