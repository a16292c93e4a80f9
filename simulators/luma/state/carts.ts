import type { SimulatorContext } from './context.js'
import { LumaError } from '../api/errors.js'
import { admit, newGuest, pickType, ticketRequestFor } from './guests.js'
import type { Guest, LumaEvent } from './model.js'

const MAX_CARTS = 500

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

/** The payment succeeded. False: sold out in the meantime, the cart is removed. @throws LumaError */
export function completeCart(context: SimulatorContext, eventId: string, guestId: string): boolean {
  const event = context.state.event(eventId)
  const guest = inCheckout(context, event, guestId)
  const admitted = admit(context, event, guest, 'approved')
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
