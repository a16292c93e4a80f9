import { assertWithinCaps, hasRoom, holdsCapacity } from './capacity.js'
import type { SimulatorContext } from './context.js'
import { LumaError } from '../errors.js'
import type { Guest, GuestStatus, LumaEvent, TicketType, TicketRequest } from './model.js'

/** The requested type, or the first visible one. @throws LumaError 404, 400 */
export function pickType(event: LumaEvent, typeId: string | undefined): TicketType | null {
  if (typeId !== undefined) {
    const type = event.types.find(({ id }) => id === typeId)
    if (!type) throw new LumaError(404, `Ticket type not found: ${typeId}`)
    return type
  }
  const visible = event.types.find(({ isHidden }) => !isHidden)
  if (!visible && event.types.length > 0) throw new LumaError(400, 'No ticket type is on sale')
  return visible ?? null
}

export function ticketRequestFor(event: LumaEvent, type: TicketType | null, quantity: number): TicketRequest {
  if (quantity > 1 && (!event.multipleTickets || !type)) {
    throw new LumaError(400, 'This event allows one ticket per guest')
  }
  return { typeId: type?.id ?? null, quantity }
}

export function newGuest(context: SimulatorContext, email: string, name: string, requested: TicketRequest): Guest {
  return {
    id: context.ids.next('guest'),
    key: context.ids.next('guestKey'),
    userId: context.ids.next('user'),
    email: email.toLowerCase(),
    name,
    status: 'invited',
    createdAt: context.clock.now(),
    invitedAt: null,
    registeredAt: null,
    tickets: [],
    orders: [],
    requested,
    waitingSince: null,
    refundedCents: 0,
    vanished: false,
  }
}

/**
 * Admits a guest if there is room. All admissions go through here: it checks, allocates and asserts synchronously.
 * False: sold out, nothing changed.
 */
export function admit(context: SimulatorContext, event: LumaEvent, guest: Guest, status: GuestStatus): boolean {
  const rules = context.toggles.current
  const needsRoom = holdsCapacity(status, rules)
  if (needsRoom && !holdsCapacity(guest.status, rules)) {
    if (!hasRoom(event, guest.requested, rules)) return false
    issueTickets(context, event, guest, status === 'approved')
    guest.status = status
    event.guests.set(guest.id, guest)
    assertWithinCaps(event, rules)
  } else {
    issueTickets(context, event, guest, status === 'approved')
    guest.status = status
    event.guests.set(guest.id, guest)
  }
  guest.waitingSince = null
  guest.vanished = false
  return true
}

/** Removes all tickets. `refund`: the payment is refunded. */
export function release(
  context: SimulatorContext,
  guest: Guest,
  status: 'declined' | 'waitlist',
  refund: boolean,
): void {
  if (refund) guest.refundedCents += guest.orders.reduce((sum, { amount }) => sum + amount, 0)
  guest.tickets = []
  guest.orders = []
  guest.status = status
  guest.waitingSince = status === 'waitlist' ? context.clock.now() : null
}

function issueTickets(context: SimulatorContext, event: LumaEvent, guest: Guest, captured: boolean): void {
  const type = event.types.find(({ id }) => id === guest.requested.typeId)
  if (guest.tickets.length === 0 && type) {
    const amount = type.type === 'paid' ? (type.cents ?? 0) : 0
    const price = { amount, currency: type.currency, isCaptured: captured }
    guest.tickets = Array.from({ length: guest.requested.quantity }, () => ({
      ...price,
      id: context.ids.next('ticket'),
      typeId: type.id,
      name: type.name,
      checkedInAt: null,
    }))
    guest.orders = [{ ...price, id: context.ids.next('order'), amount: amount * guest.requested.quantity }]
  }
  for (const part of [...guest.tickets, ...guest.orders]) part.isCaptured ||= captured
}
