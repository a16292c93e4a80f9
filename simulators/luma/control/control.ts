import type { Shop } from '../../kit/index.js'
import { requestCancellation, cancelEvent } from '../state/cancellation.js'
import { hasRoom, effectiveCap, seatsWith, takenOfType } from '../state/capacity.js'
import { setEventCap, setTypeCap } from '../state/caps.js'
import { abandonCart, completeCart, openCart } from '../state/carts.js'
import type { SimulatorContext } from '../state/context.js'
import { LumaError } from '../api/errors.js'
import { cancelGuest, checkIn, promote, updateStatus, type StatusChange } from '../state/guest-status.js'
import type { Guest, LumaEvent, TicketType, Webhook } from '../state/model.js'
import { joinWaitlist, register, type Registration, type RegistrationResult } from '../state/sales.js'
import { createTicketType } from '../state/ticket-types.js'

export interface TicketTypeOptions extends Partial<Pick<TicketType, 'id' | 'name' | 'type' | 'cents' | 'maxCapacity'>> {
  requireApproval?: boolean
  isHidden?: boolean
}

export interface EventOptions {
  id?: string
  name?: string
  /** Of the whole event; null: unlimited. */
  maxCapacity?: number | null
  waitlist?: 'enabled' | 'disabled'
  multipleTickets?: boolean
  /** Omitted: one free, unlimited type. Empty: guests without tickets. */
  ticketTypes?: TicketTypeOptions[]
}

/** The true state of an event, independent of what the API shows. */
export interface EventTruth {
  eventId: string
  /** The largest number of tickets that all caps together allow; null: unlimited. */
  cap: number | null
  eventCap: number | null
  ticketTypes: { id: string; cap: number | null; taken: number; isHidden: boolean }[]
  /** Tickets of approved guests. */
  sold: number
  /** Tickets of guests in checkout or waiting for approval. */
  pending: number
  waitlisted: number
  mode: 'OPEN' | 'WAITLIST_ONLY'
  waitlistStatus: 'enabled' | 'disabled'
  /** Ids of all tickets of approved guests; `<guestId>#0` for a guest without. */
  ticketIds: string[]
}

const DAY_MS = 86_400_000

/** Actions outside the API: of guests and hosts on Luma's pages and in its app. */
export class LumaControl {
  constructor(readonly context: SimulatorContext) {}

  /** @throws LumaError 400 for an existing id */
  createEvent(options: EventOptions = {}): EventTruth {
    const { context } = this
    const id = options.id ?? context.ids.next('event')
    if (context.state.events.has(id)) throw new LumaError(400, `Event ${id} exists already`)
    const now = context.clock.now()
    const event: LumaEvent = {
      id,
      name: options.name ?? 'Winter Meetup',
      description: 'Talks and tea',
      startAt: now + 30 * DAY_MS,
      endAt: now + 30 * DAY_MS + 10_800_000,
      createdAt: now,
      timezone: 'Europe/Berlin',
      visibility: 'public',
      waitlistStatus: options.waitlist ?? 'enabled',
      registrationOpen: true,
      maxCapacity: options.maxCapacity ?? null,
      multipleTickets: options.multipleTickets ?? true,
      types: (options.ticketTypes ?? [{}]).map((type) => createTicketType(context, withoutUndefined(type))),
      guests: new Map(),
    }
    context.state.events.set(id, event)
    context.state.recordChange(event, 'create')
    return this.truth(id)
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

function withoutUndefined<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>
}
