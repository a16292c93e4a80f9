import type { FastifyInstance } from 'fastify'
import type { Api, ApiCall } from '../api.js'
import { saleStatus } from '../../state/capacity.js'
import { badArgument, notFound } from '../../errors.js'
import type { SimulatedEvent } from '../../state/model.js'
import type { Organizer } from '../../state/organizer.js'
import type { Pager } from '../paging.js'
import type { EventbriteState } from '../../state/state.js'
import { capacityTierView, classView, eventExpansion, eventView, inventoryTierView } from '../views.js'

type Fields = Record<string, unknown>

/** Reads events, classes and tiers, and lets the organizer change them. */
export function registerEventRoutes(
  app: FastifyInstance,
  api: Api,
  { state, organizer, pager }: { state: EventbriteState; organizer: Organizer; pager: Pager },
): void {
  const eventOf = ({ params, at }: ApiCall) => state.eventAt(params.event ?? '', at)
  const now = () => state.platformNow()
  const path = '/v3/events/:event/'

  api.get(app, path, 'read_event', (call) => expanded(state, eventOf(call), call.query.expand))
  api.post(app, path, 'write_event', ({ params, body }) =>
    eventView(organizer.updateEvent(params.event ?? '', wrapped(body, 'event'))),
  )

  api.post(app, `${path}cancel/`, 'cancel_event', ({ params }) => {
    organizer.cancelEvent(params.event ?? '')
    return { canceled: true }
  })

  api.get(app, `${path}ticket_classes/`, 'list_ticket_classes', (call) => {
    const event = eventOf(call)
    return pager.page('ticket_classes', classViews(event, now()), call.query)
  })
  api.get(app, `${path}ticket_classes/for_sale/`, 'list_for_sale', (call) => {
    const event = eventOf(call)
    const visible = event.classes.filter((ticketClass) => saleStatus(event, ticketClass, now()) !== 'HIDDEN')
    return pager.page('ticket_classes', classViews({ ...event, classes: visible }, now()), call.query)
  })
  api.get(app, `${path}ticket_classes/:class/`, 'read_ticket_class', (call) => {
    const event = eventOf(call)
    return classView(event, state.ticketClass(event, call.params.class), now())
  })
  api.post(app, `${path}ticket_classes/:class/`, 'write_ticket_class', ({ params, body }) => {
    const fields = wrapped(body, 'ticket_class')
    const changed = organizer.updateClass(params.event ?? '', params.class ?? '', fields)
    return classView(state.event(changed.eventId), changed, now())
  })

  api.get(app, `${path}capacity_tier/`, 'read_capacity_tier', (call) => capacityTierView(eventOf(call)))
  api.post(app, `${path}capacity_tier/`, 'write_capacity_tier', ({ params, body }) => {
    const bareAllowed = state.ports.toggles.current.tierWrapper === 'both'
    const fields = wrapped(body, 'capacity_tier', bareAllowed)
    return capacityTierView(organizer.updateCapacityTier(params.event ?? '', fields))
  })

  api.get(app, `${path}inventory_tiers/`, 'list_inventory_tiers', (call) => {
    const event = eventOf(call)
    const tiers = event.tiers.map((tier) => inventoryTierView(event, tier))
    return pager.page('inventory_tiers', tiers, call.query)
  })
  api.post(app, `${path}inventory_tiers/:tier/`, 'write_inventory_tier', ({ params, body }) => {
    const fields = wrapped(body, 'inventory_tier')
    const changed = organizer.updateInventoryTier(params.event ?? '', params.tier ?? '', fields)
    const tier = changed.tiers.find(({ id }) => id === params.tier)
    if (tier === undefined) throw notFound('inventory tier')
    return inventoryTierView(changed, tier)
  })
}

/** An event with the expansions named in `expand`. */
export function expanded(state: EventbriteState, event: SimulatedEvent, expand = ''): Record<string, unknown> {
  const waitlistOpens = state.ports.toggles.current.waitlistOpensOn === 'soldOut'
  const extra = expand
    .split(',')
    .map((name) => [name, eventExpansion(name, event, state.platformNow(), waitlistOpens)] as const)
  return { ...eventView(event), ...Object.fromEntries(extra.filter(([, value]) => value !== undefined)) }
}

function classViews(event: SimulatedEvent, now: number) {
  return event.classes.map((ticketClass) => classView(event, ticketClass, now))
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
