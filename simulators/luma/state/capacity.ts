import type { Guest, GuestStatus, LumaEvent, TicketRequest } from './model.js'
import type { LumaToggles } from '../toggles.js'

type CapacityRules = Pick<LumaToggles, 'pendingHoldsCapacity' | 'sessionHoldsCapacity'>

export function holdsCapacity(status: GuestStatus, rules: CapacityRules): boolean {
  if (status === 'approved') return true
  if (status === 'pending_approval') return rules.pendingHoldsCapacity === 'yes'
  return status === 'session' && rules.sessionHoldsCapacity === 'yes'
}

/** A guest without tickets counts as one seat. */
export const seatsOf = (guest: Guest): number => Math.max(1, guest.tickets.length)

export function seatsWith(event: LumaEvent, ...statuses: GuestStatus[]): number {
  let seats = 0
  for (const guest of event.guests.values()) if (statuses.includes(guest.status)) seats += seatsOf(guest)
  return seats
}

/** What counts towards the event's cap: each ticket if guests may take several, else each guest. */
export function takenOfEvent(event: LumaEvent, rules: CapacityRules): number {
  let taken = 0
  for (const guest of event.guests.values()) {
    if (holdsCapacity(guest.status, rules)) taken += event.multipleTickets ? seatsOf(guest) : 1
  }
  return taken
}

/** What counts towards a ticket type's cap: each of its tickets. */
export function takenOfType(event: LumaEvent, typeId: string, rules: CapacityRules): number {
  let taken = 0
  for (const guest of event.guests.values()) {
    if (!holdsCapacity(guest.status, rules)) continue
    for (const ticket of guest.tickets) if (ticket.typeId === typeId) taken += 1
  }
  return taken
}

/** Whether there is room for the tickets that a guest without seats requests. */
export function hasRoom(event: LumaEvent, requested: TicketRequest, rules: CapacityRules): boolean {
  const units = event.multipleTickets ? requested.quantity : 1
  if (takenOfEvent(event, rules) + units > (event.maxCapacity ?? Infinity)) return false
  const type = event.types.find(({ id }) => id === requested.typeId)
  if (!type) return true
  return takenOfType(event, type.id, rules) + requested.quantity <= (type.maxCapacity ?? Infinity)
}

/** The largest number of tickets that all caps together allow; null: unlimited. */
export function effectiveCap(event: LumaEvent): number | null {
  const types = event.types.reduce((sum, { maxCapacity }) => sum + (maxCapacity ?? Infinity), 0)
  const cap = Math.min(event.maxCapacity ?? Infinity, event.types.length > 0 ? types : Infinity)
  return Number.isFinite(cap) ? cap : null
}

/**
 * Called after each admission: a simulator that oversells has a bug. Counts independently of the code that admitted the
 * guest. A cap lowered below what was taken is not an oversale, but no guest may be admitted then.
 */
export function assertWithinCaps(event: LumaEvent, rules: CapacityRules): void {
  const holders = [...event.guests.values()].filter(({ status }) => holdsCapacity(status, rules))
  const tickets = holders.flatMap((guest) => guest.tickets)
  const units = event.multipleTickets
    ? tickets.length + holders.filter((guest) => guest.tickets.length === 0).length
    : holders.length
  if (event.maxCapacity !== null && units > event.maxCapacity) {
    throw new Error(`oversold: event ${event.id} has ${units} taken of ${event.maxCapacity}`)
  }
  for (const { id, maxCapacity } of event.types) {
    const taken = tickets.filter(({ typeId }) => typeId === id).length
    if (maxCapacity !== null && taken > maxCapacity) {
      throw new Error(`oversold: ticket type ${id} has ${taken} taken of ${maxCapacity}`)
    }
  }
}
