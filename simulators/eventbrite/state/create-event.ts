import { badArgument } from '../errors.js'
import type { SimulatedEvent, TicketClass } from './model.js'
import type { EventbriteState } from './state.js'

export interface TicketClassOptions {
  id?: string
  name?: string
  /** Null: no limit of its own. */
  capacity: number | null
  donation?: boolean
  costCents?: number
  hidden?: boolean
  /** RFC 3339. */
  salesEnd?: string
  /** Position in `tiers`. */
  tier?: number
  minimumQuantity?: number
  maximumQuantity?: number
}

/**
 * Options of a new event. Without classes: one of `capacity` tickets (100), or with a custom total one so large that
 * only the total counts.
 */
export interface EventOptions {
  id?: string
  name?: string
  capacity?: number
  /** A custom capacity of the whole event. */
  capacityTotal?: number
  classes?: TicketClassOptions[]
  tiers?: { id?: string; name?: string; quantityTotal: number }[]
  /** RFC 3339; default: 30 days from now, for 3 hours. */
  start?: string
  end?: string
  venue?: string
  txTimeLimitSeconds?: number
  waitlistEnabled?: boolean
  seriesParent?: boolean
}

const DAY_MS = 86_400_000

/** Puts an event on sale. @throws Rejection for an existing id or an invalid number */
export function createEvent(state: EventbriteState, organizationId: string, options: EventOptions): SimulatedEvent {
  const id = options.id ?? state.ids.next('event')
  if (state.events.has(id)) throw badArgument('id')
  const now = state.platformNow()
  const start = instantOf('start', options.start) ?? now + 30 * DAY_MS
  const tiers = (options.tiers ?? []).map(({ id: tierId, name, quantityTotal }) => ({
    id: tierId ?? state.ids.next('tier'),
    name: name ?? 'Tier',
    quantityTotal: countOf('tiers.quantityTotal', quantityTotal),
  }))
  const event: SimulatedEvent = {
    id,
    organizationId,
    name: options.name ?? 'Example event',
    currency: 'USD',
    created: now,
    changed: now,
    start,
    end: instantOf('end', options.end) ?? start + DAY_MS / 8,
    venue: options.venue ?? 'Example hall',
    capacityTotal: options.capacityTotal === undefined ? null : countOf('capacityTotal', options.capacityTotal),
    holds: [],
    tiers,
    classes: [],
    txTimeLimitMs: (options.txTimeLimitSeconds ?? 480) * 1_000,
    waitlistEnabled: options.waitlistEnabled ?? true,
    status: 'live',
    seriesParent: options.seriesParent ?? false,
  }
  const classes = options.classes ?? [
    { capacity: options.capacity ?? (event.capacityTotal === null ? 100 : 1_000_000) },
  ]
  event.classes = classes.map((ticketClass) => createClass(state, event, ticketClass))
  state.events.set(id, event)
  state.commit(event, 'event created', true)
  return event
}

function createClass(state: EventbriteState, event: SimulatedEvent, options: TicketClassOptions): TicketClass {
  return {
    id: options.id ?? state.ids.next('class'),
    eventId: event.id,
    name: options.name ?? 'General Admission',
    capacity: options.capacity === null ? null : countOf('classes.capacity', options.capacity),
    donation: options.donation ?? false,
    costCents: options.costCents ?? 1_500,
    hidden: options.hidden ?? false,
    salesStart: event.created,
    salesEnd: instantOf('classes.salesEnd', options.salesEnd) ?? event.start,
    salesChannels: ['online', 'atd'],
    inventoryTierId: options.tier === undefined ? null : (event.tiers[options.tier]?.id ?? null),
    minimumQuantity: options.minimumQuantity ?? 1,
    maximumQuantity: options.maximumQuantity ?? 10,
    sold: 0,
    pending: 0,
  }
}

function countOf(field: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) throw badArgument(field)
  return value
}

function instantOf(field: string, value: string | undefined): number | null {
  if (value === undefined) return null
  const instant = Date.parse(value)
  if (Number.isNaN(instant)) throw badArgument(field)
  return instant
}
