import { admit, newGuest, pickType, wishFor } from './guests.js'
import type { Guest, LumaEvent } from './model.js'
import type { Sim } from './sim.js'
import { LumaError } from './store.js'

const MAX_CARTS = 500

/** Somebody starts a checkout. Null: there was no room (where checkouts hold any). @throws LumaError */
export function openCart(
  sim: Sim,
  input: { eventId: string; ticketTypeId?: string; quantity?: number; email?: string },
): string | null {
  const event = sim.store.event(input.eventId)
  const wish = wishFor(event, pickType(event, input.ticketTypeId), input.quantity ?? 1)
  const email = input.email ?? `cart.${event.guests.size + 1}@example.com`
  const guest = newGuest(sim, email, 'Buyer Example', wish)
  if (!admit(sim, event, guest, 'session')) return null
  sim.store.changed(event, 'open cart', guest)
  return guest.id
}

/** The payment came. False: sold out meanwhile, the cart is gone. @throws LumaError */
export function completeCart(sim: Sim, eventId: string, guestId: string): boolean {
  const event = sim.store.event(eventId)
  const guest = inCheckout(sim, event, guestId)
  const admitted = admit(sim, event, guest, 'approved')
  if (admitted) guest.registeredAt = sim.clock.now()
  else event.guests.delete(guest.id)
  sim.store.changed(event, admitted ? 'complete cart' : 'cart sold out', guest)
  if (admitted) sim.notices.guestRegistered(event, guest)
  return admitted
}

/** @throws LumaError */
export function abandonCart(sim: Sim, eventId: string, guestId: string): void {
  const event = sim.store.event(eventId)
  const guest = inCheckout(sim, event, guestId)
  event.guests.delete(guest.id)
  sim.store.changed(event, 'abandon cart', guest)
}

/** Keeps as many checkouts open as the knob `cartHold` says, as far as there is room for them. */
export function openCarts(sim: Sim, event: LumaEvent): void {
  const wanted = Math.min(MAX_CARTS, sim.knobs.current.cartHold)
  if (wanted === 0) return
  const open = [...event.guests.values()].filter(({ status }) => status === 'session').length
  for (let count = open; count < wanted; count++) if (openCart(sim, { eventId: event.id }) === null) return
}

function inCheckout(sim: Sim, event: LumaEvent, guestId: string): Guest {
  const guest = sim.store.guest(event, guestId)
  if (guest.status !== 'session') throw new LumaError(400, `Guest ${guestId} is not in checkout`)
  return guest
}
