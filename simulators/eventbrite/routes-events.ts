import type { FastifyInstance } from 'fastify'
import type { Api, ApiCall } from './api.js'
import { capacityTierView, classView, eventExpansion, eventView, inventoryTierView } from './views.js'
import { saleStatus } from './capacity.js'
import type { SimulatedEvent } from './model.js'
import type { Organiser } from './organiser.js'
import type { Pager } from './paging.js'
import { badArgument, notFound } from './refusals.js'
import type { World } from './world.js'

type Fields = Record<string, unknown>

/** Events and what is on sale: read, and changed as an organiser may. */
export function registerEventRoutes(
  app: FastifyInstance,
  api: Api,
  { world, organiser, pager }: { world: World; organiser: Organiser; pager: Pager },
): void {
  const eventOf = ({ params, at }: ApiCall) => world.eventAt(params.event ?? '', at)
  const now = () => world.platformNow()
  const event = '/v3/events/:event/'

  api.get(app, event, 'read_event', (call) => expanded(world, eventOf(call), call.query.expand))
  api.post(app, event, 'write_event', ({ params, body }) =>
    eventView(organiser.updateEvent(params.event ?? '', wrapped(body, 'event'))),
  )

  api.get(app, `${event}ticket_classes/`, 'list_ticket_classes', (call) => {
    const found = eventOf(call)
    return pager.page('ticket_classes', classViews(found, now()), call.query)
  })
  api.get(app, `${event}ticket_classes/for_sale/`, 'list_for_sale', (call) => {
    const found = eventOf(call)
    const visible = found.classes.filter((one) => saleStatus(found, one, now()) !== 'HIDDEN')
    return pager.page('ticket_classes', classViews({ ...found, classes: visible }, now()), call.query)
  })
  api.get(app, `${event}ticket_classes/:class/`, 'read_ticket_class', (call) => {
    const found = eventOf(call)
    return classView(found, world.ticketClass(found, call.params.class), now())
  })
  api.post(app, `${event}ticket_classes/:class/`, 'write_ticket_class', ({ params, body }) => {
    const fields = wrapped(body, 'ticket_class')
    const changed = organiser.updateClass(params.event ?? '', params.class ?? '', fields)
    return classView(world.event(changed.eventId), changed, now())
  })

  api.get(app, `${event}capacity_tier/`, 'read_capacity_tier', (call) => capacityTierView(eventOf(call)))
  api.post(app, `${event}capacity_tier/`, 'write_capacity_tier', ({ params, body }) => {
    const bareAllowed = world.ports.toggles.current.tierWrapper === 'both'
    const fields = wrapped(body, 'capacity_tier', bareAllowed)
    return capacityTierView(organiser.updateCapacityTier(params.event ?? '', fields))
  })

  api.get(app, `${event}inventory_tiers/`, 'list_inventory_tiers', (call) => {
    const found = eventOf(call)
    const tiers = found.tiers.map((tier) => inventoryTierView(found, tier))
    return pager.page('inventory_tiers', tiers, call.query)
  })
  api.post(app, `${event}inventory_tiers/:tier/`, 'write_inventory_tier', ({ params, body }) => {
    const fields = wrapped(body, 'inventory_tier')
    const changed = organiser.updateInventoryTier(params.event ?? '', params.tier ?? '', fields)
    const tier = changed.tiers.find((one) => one.id === params.tier)
    if (tier === undefined) throw notFound('inventory tier')
    return inventoryTierView(changed, tier)
  })
}

/** An event with what `expand` asks for. */
export function expanded(world: World, event: SimulatedEvent, expand = ''): Record<string, unknown> {
  const opens = world.ports.toggles.current.waitlistOpensOn === 'soldOut'
  const extra = expand
    .split(',')
    .map((name) => [name, eventExpansion(name, event, world.platformNow(), opens)] as const)
  return { ...eventView(event), ...Object.fromEntries(extra.filter(([, value]) => value !== undefined)) }
}

function classViews(event: SimulatedEvent, now: number) {
  return event.classes.map((one) => classView(event, one, now))
}

function wrapped(body: unknown, name: string, bareAllowed = false): Fields {
  const fields = isFields(body) ? body[name] : undefined
  if (isFields(fields)) return fields
  if (bareAllowed && isFields(body)) return body
  throw badArgument(name, 'MISSING')
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
