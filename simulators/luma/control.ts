import type { Shop } from '../kit/index.js'
import { requestCancellation, cancelEvent } from './cancellation.js'
import { hasRoom, effectiveCap, seatsWith, takenOfType } from './capacity.js'
import { setEventCap, setTypeCap } from './caps.js'
import { abandonCart, completeCart, openCart } from './carts.js'
import { cancelGuest, checkIn, promote, updateStatus, type StatusChange } from './guest-status.js'
import type { Guest, LumaEvent, TicketType, Webhook } from './model.js'
import { joinWaitlist, register, type Registration, type RegistrationResult } from './registration.js'
import type { Sim } from './sim.js'
import { LumaError } from './store.js'
import { createTicketType } from './ticket-types.js'

export interface NewTicketType extends Partial<Pick<TicketType, 'id' | 'name' | 'type' | 'cents' | 'maxCapacity'>> {
  requireApproval?: boolean
  isHidden?: boolean
}

export interface NewEvent {
  id?: string
  name?: string
  /** Of the whole event; null: unlimited. */
  maxCapacity?: number | null
  waitlist?: 'enabled' | 'disabled'
  multipleTickets?: boolean
  /** Left out: one free, unlimited type. Empty: guests without tickets. */
  ticketTypes?: NewTicketType[]
}

/** How things really stand, whatever the API shows. */
export interface Truth {
  eventId: string
  /** The most tickets that all caps together allow; null: unlimited. */
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

/** What people do on Luma's pages and in its app: everything that is not its API. */
export class LumaControl {
  constructor(readonly sim: Sim) {}

  /** @throws LumaError 400 for an id that is taken */
  createEvent(input: NewEvent = {}): Truth {
    const { sim } = this
    const id = input.id ?? sim.ids.next('event')
    if (sim.store.events.has(id)) throw new LumaError(400, `Event ${id} exists already`)
    const now = sim.clock.now()
    const event: LumaEvent = {
      id,
      name: input.name ?? 'Winter Meetup',
      description: 'Talks and tea',
      startAt: now + 30 * DAY_MS,
      endAt: now + 30 * DAY_MS + 10_800_000,
      createdAt: now,
      timezone: 'Europe/Berlin',
      visibility: 'public',
      waitlistStatus: input.waitlist ?? 'enabled',
      registrationOpen: true,
      maxCapacity: input.maxCapacity ?? null,
      multipleTickets: input.multipleTickets ?? true,
      types: (input.ticketTypes ?? [{}]).map((type) => createTicketType(sim, withoutUndefined(type))),
      guests: new Map(),
    }
    sim.store.events.set(id, event)
    sim.store.changed(event, 'create')
    return this.truth(id)
  }

  register(registration: Registration): RegistrationResult {
    return register(this.sim, registration)
  }

  joinWaitlist(registration: Registration): RegistrationResult {
    return joinWaitlist(this.sim, registration)
  }

  /** The guest cancels. */
  cancel(eventId: string, guestId: string): void {
    cancelGuest(this.sim, eventId, guestId)
  }

  /** The host declines the guest and gives the money back. */
  refund(eventId: string, guestId: string): void {
    updateStatus(this.sim, { eventId, guestId, status: 'declined', shouldRefund: true })
  }

  approve(eventId: string, guestId: string): void {
    updateStatus(this.sim, { eventId, guestId, status: 'approved' })
  }

  changeStatus(change: StatusChange): Guest {
    return updateStatus(this.sim, change)
  }

  checkIn(eventId: string, guestId: string): void {
    checkIn(this.sim, eventId, guestId)
  }

  openCart(input: { eventId: string; ticketTypeId?: string; quantity?: number; email?: string }): string | null {
    return openCart(this.sim, input)
  }

  completeCart(eventId: string, guestId: string): boolean {
    return completeCart(this.sim, eventId, guestId)
  }

  abandonCart(eventId: string, guestId: string): void {
    abandonCart(this.sim, eventId, guestId)
  }

  /** The host lets waiters in, as far as there is room. Returns how many. */
  promote(eventId: string, most?: number): number {
    return promote(this.sim, this.sim.store.event(eventId), most)
  }

  /** The host changes a cap by hand: of a ticket type, or of the event. */
  setCap(eventId: string, cap: number | null, ticketTypeId?: string): Truth {
    const event = this.sim.store.event(eventId)
    const type = event.types.find(({ id }) => id === ticketTypeId)
    if (ticketTypeId !== undefined && !type) throw new LumaError(404, `Ticket type not found: ${ticketTypeId}`)
    if (type) setTypeCap(this.sim, event, type, cap)
    else setEventCap(this.sim, event, cap)
    return this.truth(eventId)
  }

  setWaitlist(eventId: string, status: 'enabled' | 'disabled'): void {
    const event = this.sim.store.event(eventId)
    event.waitlistStatus = status
    this.sim.notices.eventUpdated(event)
  }

  cancelEvent(eventId: string): void {
    const { cancellation_token: token } = requestCancellation(this.sim, eventId)
    cancelEvent(this.sim, eventId, token, true)
  }

  /** A new secret for a webhook. `overlap`: deliveries are signed with both until the next change. */
  changeSecret(webhookId: string, overlap = true, secret = this.sim.ids.secret()): Webhook {
    const webhook = this.sim.store.webhooks.get(webhookId)
    if (!webhook) throw new LumaError(404, `Webhook not found: ${webhookId}`)
    webhook.secrets = overlap ? [secret, ...webhook.secrets.slice(0, 1)] : [secret]
    return webhook
  }

  truth(eventId: string): Truth {
    const { store, toggles } = this.sim
    const event = store.event(eventId)
    const rules = toggles.current
    const approved = [...event.guests.values()].filter(({ status }) => status === 'approved')
    const doors = event.types.length === 0 ? [null] : event.types.filter(({ isHidden }) => !isHidden)
    const open = doors.some((door) => hasRoom(event, { typeId: door?.id ?? null, quantity: 1 }, rules))
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

  truths(): Truth[] {
    return [...this.sim.store.events.keys()].map((id) => this.truth(id))
  }

  guests(eventId: string): Guest[] {
    return [...this.sim.store.event(eventId).guests.values()]
  }

  /** For simulated demand: buyers who register and cancel here. */
  shop(eventId: string, ticketTypeId?: string): Shop {
    const type = ticketTypeId === undefined ? {} : { ticketTypeId }
    return {
      buy: ({ name, email }, quantity) => {
        const { status, guestId } = this.register({ eventId, ...type, name, email, quantity })
        return status === 'approved' || status === 'pending_approval' ? guestId : null
      },
      cancel: (guestId) => {
        const guest = this.sim.store.event(eventId).guests.get(guestId)
        if (guest && (guest.status === 'approved' || guest.status === 'pending_approval')) this.cancel(eventId, guestId)
      },
    }
  }
}

function withoutUndefined<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>
}
