import { LumaError } from '../errors.js'
import type { SimulatorContext } from './context.js'
import type { LumaEvent, TicketType } from './model.js'

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

const DAY_MS = 86_400_000

/** Puts an event on sale. @throws LumaError 400 for an existing id */
export function createEvent(context: SimulatorContext, options: EventOptions): LumaEvent {
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
  return event
}

/** Free and unlimited by default. */
export function createTicketType(context: SimulatorContext, fields: Partial<TicketType> = {}): TicketType {
  const paid = fields.type === 'paid'
  return {
    id: context.ids.next('ticketType'),
    name: 'Standard',
    description: null,
    type: 'free',
    cents: paid ? 1_500 : null,
    currency: paid ? 'usd' : null,
    isFlexible: false,
    minCents: null,
    requireApproval: false,
    isHidden: false,
    validStartAt: null,
    validEndAt: null,
    maxCapacity: null,
    ...fields,
  }
}

function withoutUndefined<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>
}
