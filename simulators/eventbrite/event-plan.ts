import { badArgument } from './refusals.js'
import type { SimulatedEvent, TicketClass } from './model.js'
import type { World } from './world.js'

export interface ClassPlan {
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
 * What a new event looks like. Without classes: one of `capacity` tickets (100), or with a custom total one so large
 * that only the total counts.
 */
export interface EventPlan {
  id?: string
  name?: string
  capacity?: number
  /** A custom capacity of the whole event. */
  capacityTotal?: number
  classes?: ClassPlan[]
  tiers?: { id?: string; name?: string; quantityTotal: number }[]
  /** RFC 3339; default: 30 days from now, for 3 hours. */
  start?: string
  end?: string
  txTimeLimitSeconds?: number
  waitlistEnabled?: boolean
  seriesParent?: boolean
}

const DAY_MS = 86_400_000

/** Puts an event on sale. @throws Refusal for an id already taken or a wrong figure. */
export function createEvent(world: World, organizationId: string, plan: EventPlan): SimulatedEvent {
  const id = plan.id ?? world.ids.next('event')
  if (world.events.has(id)) throw badArgument('id')
  const now = world.platformNow()
  const start = instantOf('start', plan.start) ?? now + 30 * DAY_MS
  const tiers = (plan.tiers ?? []).map(({ id: tierId, name, quantityTotal }) => ({
    id: tierId ?? world.ids.next('tier'),
    name: name ?? 'Tier',
    quantityTotal: countOf('tiers.quantityTotal', quantityTotal),
  }))
  const event: SimulatedEvent = {
    id,
    organizationId,
    name: plan.name ?? 'Example event',
    currency: 'USD',
    created: now,
    changed: now,
    start,
    end: instantOf('end', plan.end) ?? start + DAY_MS / 8,
    capacityTotal: plan.capacityTotal === undefined ? null : countOf('capacityTotal', plan.capacityTotal),
    holds: [],
    tiers,
    classes: [],
    txTimeLimitMs: (plan.txTimeLimitSeconds ?? 480) * 1_000,
    waitlistEnabled: plan.waitlistEnabled ?? true,
    status: 'live',
    seriesParent: plan.seriesParent ?? false,
  }
  const classes = plan.classes ?? [{ capacity: plan.capacity ?? (event.capacityTotal === null ? 100 : 1_000_000) }]
  event.classes = classes.map((one) => createClass(world, event, one))
  world.events.set(id, event)
  world.commit(event, 'event created', true)
  return event
}

function createClass(world: World, event: SimulatedEvent, plan: ClassPlan): TicketClass {
  return {
    id: plan.id ?? world.ids.next('class'),
    eventId: event.id,
    name: plan.name ?? 'General Admission',
    capacity: plan.capacity === null ? null : countOf('classes.capacity', plan.capacity),
    donation: plan.donation ?? false,
    costCents: plan.costCents ?? 1_500,
    hidden: plan.hidden ?? false,
    salesStart: event.created,
    salesEnd: instantOf('classes.salesEnd', plan.salesEnd) ?? event.start,
    salesChannels: ['online', 'atd'],
    inventoryTierId: plan.tier === undefined ? null : (event.tiers[plan.tier]?.id ?? null),
    minimumQuantity: plan.minimumQuantity ?? 1,
    maximumQuantity: plan.maximumQuantity ?? 10,
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
