import type { Shop } from '../../kit/index.js'
import { hasRoom, effectiveCap, seatsWith, takenOfType } from '../state/capacity.js'
import { cancelEvent, requestCancellation, setEventCap, setTypeCap } from '../state/organizer.js'
import type { SimulatorContext } from '../state/context.js'
import { LumaError } from '../errors.js'
import { cancelGuest, checkIn, promote, updateStatus, type StatusChange } from '../state/guest-changes.js'
import type { EventTruth, Guest, Webhook } from '../state/model.js'
import {
  abandonCart,
  completeCart,
  joinWaitlist,
  openCart,
  register,
  type Registration,
  type RegistrationResult,
} from '../state/sales.js'
import { createEvent, type EventOptions } from '../state/create-event.js'

/** Actions outside the API: of guests and hosts on Luma's pages and in its app. */
export class LumaControl {
  constructor(readonly context: SimulatorContext) {}

  /** @throws LumaError 400 for an existing id */
  createEvent(options: EventOptions = {}): EventTruth {
    return this.truth(createEvent(this.context, options).id)
  }

  /** The event gets another id, as when Luma moves it; guests and tickets keep theirs. Returns the new id. */
  changeId(eventId: string): string {
    return this.context.state.changeId(eventId, this.context.ids.next('event'))
  }

  register(registration: Registration): RegistrationResult {
    return register(this.context, registration)
  }

  joinWaitlist(registration: Registration): RegistrationResult {
    return joinWaitlist(this.context, registration)
  }

  /** The guest cancels. */
  cancel(eventId: string, guestId: string): void {
    cancelGuest(this.context, eventId, guestId)
  }

  /** The host declines the guest with a refund. */
  refund(eventId: string, guestId: string): void {
    updateStatus(this.context, { eventId, guestId, status: 'declined', shouldRefund: true })
  }

  approve(eventId: string, guestId: string): void {
    updateStatus(this.context, { eventId, guestId, status: 'approved' })
  }

  changeStatus(change: StatusChange): Guest {
    return updateStatus(this.context, change)
  }

  checkIn(eventId: string, guestId: string): void {
    checkIn(this.context, eventId, guestId)
  }

  openCart(input: { eventId: string; ticketTypeId?: string; quantity?: number; email?: string }): string | null {
    return openCart(this.context, input)
  }

  completeCart(eventId: string, guestId: string): boolean {
    return completeCart(this.context, eventId, guestId)
  }

  abandonCart(eventId: string, guestId: string): void {
    abandonCart(this.context, eventId, guestId)
  }

  /** The host promotes waitlisted guests, as far as there is room. Returns how many. */
  promote(eventId: string, max?: number): number {
    return promote(this.context, this.context.state.event(eventId), max)
  }

  /** The host changes the cap of a ticket type or of the event. */
  setCap(eventId: string, cap: number | null, ticketTypeId?: string): EventTruth {
    const event = this.context.state.event(eventId)
    const type = event.types.find(({ id }) => id === ticketTypeId)
    if (ticketTypeId !== undefined && !type) throw new LumaError(404, `Ticket type not found: ${ticketTypeId}`)
    if (type) setTypeCap(this.context, event, type, cap)
    else setEventCap(this.context, event, cap)
    return this.truth(eventId)
  }

  setWaitlist(eventId: string, status: 'enabled' | 'disabled'): void {
    const event = this.context.state.event(eventId)
    event.waitlistStatus = status
    this.context.webhooks.eventUpdated(event)
  }

  cancelEvent(eventId: string): void {
    const { cancellation_token: token } = requestCancellation(this.context, eventId)
    cancelEvent(this.context, eventId, token, true)
  }

  /** Subscribes an address on this machine to everything. */
  addWebhook(url: string, secret = this.context.ids.secret()): Webhook {
    const { ids, clock, state } = this.context
    const created = { status: 'active' as const, createdAt: clock.now(), failuresInARow: 0 }
    const webhook: Webhook = { id: ids.next('webhook'), url, eventTypes: ['*'], secrets: [secret], ...created }
    state.webhooks.set(webhook.id, webhook)
    return webhook
  }

  /** A new secret for a webhook. `overlap`: deliveries are signed with both until the next change. */
  changeSecret(webhookId: string, overlap = true, secret = this.context.ids.secret()): Webhook {
    const webhook = this.context.state.webhooks.get(webhookId)
    if (!webhook) throw new LumaError(404, `Webhook not found: ${webhookId}`)
    webhook.secrets = overlap ? [secret, ...webhook.secrets.slice(0, 1)] : [secret]
    return webhook
  }

  truth(eventId: string): EventTruth {
    const { state, toggles } = this.context
    const event = state.event(eventId)
    const rules = toggles.current
    const approved = [...event.guests.values()].filter(({ status }) => status === 'approved')
    const visibleTypes = event.types.length === 0 ? [null] : event.types.filter(({ isHidden }) => !isHidden)
    const open = visibleTypes.some((type) => hasRoom(event, { typeId: type?.id ?? null, quantity: 1 }, rules))
    return {
      eventId,
      cap: effectiveCap(event),
      eventCap: event.maxCapacity,
      ticketTypes: event.types.map(({ id, maxCapacity, isHidden }) => ({
        id,
        cap: maxCapacity,
        taken: takenOfType(event, id, rules),
        isHidden,
      })),
      sold: seatsWith(event, 'approved'),
      pending: seatsWith(event, 'pending_approval', 'session'),
      waitlisted: [...event.guests.values()].filter(({ status }) => status === 'waitlist').length,
      mode: open && event.registrationOpen ? 'OPEN' : 'WAITLIST_ONLY',
      waitlistStatus: event.waitlistStatus,
      ticketIds: approved.flatMap(({ id, tickets }) =>
        tickets.length === 0 ? [`${id}#0`] : tickets.map((ticket) => ticket.id),
      ),
    }
  }

  events(): EventTruth[] {
    return [...this.context.state.events.keys()].map((id) => this.truth(id))
  }

  guests(eventId: string): Guest[] {
    return [...this.context.state.event(eventId).guests.values()]
  }

  /** The event for simulated demand. */
  shop(eventId: string, ticketTypeId?: string): Shop {
    const type = ticketTypeId === undefined ? {} : { ticketTypeId }
    return {
      buy: ({ name, email }, quantity) => {
        const { status, guestId } = this.register({ eventId, ...type, name, email, quantity })
        return status === 'approved' || status === 'pending_approval' ? guestId : null
      },
      cancel: (guestId) => {
        const guest = this.context.state.event(eventId).guests.get(guestId)
        if (guest && (guest.status === 'approved' || guest.status === 'pending_approval')) this.cancel(eventId, guestId)
      },
    }
  }
}
