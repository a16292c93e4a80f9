import { assertWithinCaps, hasRoom, holdsCapacity } from './capacity.js'
import type { Guest, GuestStatus, LumaEvent, TicketType, Wish } from './model.js'
import type { Sim } from './sim.js'
import { LumaError } from './store.js'

/** The type asked for, or the first that is on show. @throws LumaError 404, 400 */
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

export function wishFor(event: LumaEvent, type: TicketType | null, quantity: number): Wish {
  if (quantity > 1 && (!event.multipleTickets || !type)) {
    throw new LumaError(400, 'This event allows one ticket per guest')
  }
  return { typeId: type?.id ?? null, quantity }
}

export function newGuest(sim: Sim, email: string, name: string, wish: Wish): Guest {
  return {
    id: sim.ids.next('guest'),
    key: sim.ids.next('guestKey'),
    userId: sim.ids.next('user'),
    email: email.toLowerCase(),
    name,
    status: 'invited',
    createdAt: sim.clock.now(),
    invitedAt: null,
    registeredAt: null,
    tickets: [],
    orders: [],
    wish,
    waitingSince: null,
    refundedCents: 0,
    vanished: false,
  }
}

/**
 * Lets a guest take seats, if there is room. This is the one door to the caps: it checks, takes and asserts without
 * anything in between. False: sold out, nothing changed.
 */
export function admit(sim: Sim, event: LumaEvent, guest: Guest, status: GuestStatus): boolean {
  const rules = sim.toggles.current
  const takes = holdsCapacity(status, rules)
  if (takes && !holdsCapacity(guest.status, rules)) {
    if (!hasRoom(event, guest.wish, rules)) return false
    giveTickets(sim, event, guest, status === 'approved')
    guest.status = status
    event.guests.set(guest.id, guest)
    assertWithinCaps(event, rules)
  } else {
    giveTickets(sim, event, guest, status === 'approved')
    guest.status = status
    event.guests.set(guest.id, guest)
  }
  guest.waitingSince = null
  guest.vanished = false
  return true
}

/** Takes all tickets away. `refund`: what was paid goes back. */
export function release(sim: Sim, guest: Guest, status: 'declined' | 'waitlist', refund: boolean): void {
  if (refund) guest.refundedCents += guest.orders.reduce((sum, { amount }) => sum + amount, 0)
  guest.tickets = []
  guest.orders = []
  guest.status = status
  guest.waitingSince = status === 'waitlist' ? sim.clock.now() : null
}

function giveTickets(sim: Sim, event: LumaEvent, guest: Guest, captured: boolean): void {
  const type = event.types.find(({ id }) => id === guest.wish.typeId)
  if (guest.tickets.length === 0 && type) {
    const amount = type.type === 'paid' ? (type.cents ?? 0) : 0
    const price = { amount, currency: type.currency, isCaptured: captured }
    guest.tickets = Array.from({ length: guest.wish.quantity }, () => ({
      ...price,
      id: sim.ids.next('ticket'),
      typeId: type.id,
      name: type.name,
      checkedInAt: null,
    }))
    guest.orders = [{ ...price, id: sim.ids.next('order'), amount: amount * guest.wish.quantity }]
  }
  for (const part of [...guest.tickets, ...guest.orders]) part.isCaptured ||= captured
}
