import type { FastifyInstance } from 'fastify'
import type { Api, ApiCall } from './api.js'
import { compareIds } from './ids.js'
import type { Attendee, Order } from './model.js'
import { sinceFilter, type Pager, type Query } from './paging.js'
import { badArgument, notFound } from './refusals.js'
import { expanded } from './routes-events.js'
import { attendeeView, orderView } from './views.js'
import type { World } from './world.js'

interface Parts {
  world: World
  pager: Pager
  organizationId: string
}

/** Orders and attendees: read-only, as on the real platform. */
export function registerOrderRoutes(app: FastifyInstance, api: Api, parts: Parts): void {
  const { world, pager } = parts

  api.get(app, '/v3/orders/:order/', 'read_order', ({ params, query, at }) =>
    expandedOrder(world, world.orderAt(params.order ?? '', at), query.expand, at),
  )
  api.get(app, '/v3/orders/:order/attendees/', 'list_order_attendees', ({ params, query, at }) => {
    const attendees = world.attendeesOfOrderAt(world.orderAt(params.order ?? '', at), at)
    return pager.page('attendees', attendees, query, (one) => attendeeView(one, 'orders'))
  })

  const ofEvent = ({ params, at }: ApiCall) => world.eventAt(params.event ?? '', at).id
  api.get(app, '/v3/events/:event/attendees/', 'list_attendees', (call) =>
    attendeePage(parts, world.attendeesAt(ofEvent(call), call.at), call.query),
  )
  api.get(app, '/v3/events/:event/attendees/:attendee/', 'read_attendee', (call) => {
    const found = world.attendeesAt(ofEvent(call), call.at).find((one) => one.id === call.params.attendee)
    if (found === undefined) throw notFound('attendee')
    return attendeeView(found)
  })
  api.get(app, '/v3/events/:event/orders/', 'list_orders', (call) =>
    orderPage(parts, world.ordersAt(ofEvent(call), call.at), call),
  )

  const eventsOf = ({ params, at }: ApiCall) => {
    if (params.organization !== parts.organizationId) throw notFound('organization')
    return world.eventsAt(at).map((event) => event.id)
  }
  const organization = '/v3/organizations/:organization'
  api.get(app, `${organization}/attendees/`, 'list_organization_attendees', (call) => {
    const all = eventsOf(call).flatMap((id) => world.attendeesAt(id, call.at))
    return attendeePage(parts, all, withoutLastSeen(call.query))
  })
  api.get(app, `${organization}/orders/`, 'list_organization_orders', (call) => {
    const all = eventsOf(call).flatMap((id) => world.ordersAt(id, call.at))
    return orderPage(parts, all, { ...call, query: withoutLastSeen(call.query) })
  })
}

/** Lists of an organization know no `last_item_seen`. */
function withoutLastSeen(query: Query): Query {
  if (query.last_item_seen !== undefined) throw badArgument('last_item_seen', 'UNKNOWN')
  return query
}

function attendeePage({ pager }: Parts, attendees: Attendee[], query: Query) {
  const { status } = query
  if (status !== undefined && !['attending', 'not_attending', 'unpaid'].includes(status)) throw badArgument('status')
  const chosen = attendees.filter((one) => status === undefined || statusOf(one) === status)
  return pager.page('attendees', sinceFilter(chosen, query, compareIds), query, (one) => attendeeView(one))
}

function statusOf(attendee: Attendee): string {
  return attendee.cancelled ? 'not_attending' : 'attending'
}

function orderPage({ world, pager }: Parts, orders: Order[], { query, at }: ApiCall) {
  const wanted = query.status ?? world.ports.toggles.current.defaultOrderStatus
  if (!['active', 'inactive', 'both', 'all_not_deleted'].includes(wanted)) throw badArgument('status')
  const kept = orders.filter(({ status }) => status !== 'started' && status !== 'abandoned')
  const isActive = (order: Order) => world.attendeesOfOrderAt(order, at).some((one) => !one.cancelled)
  const chosen = kept.filter((order) => {
    if (wanted === 'all_not_deleted') return order.status !== 'deleted'
    return wanted === 'both' || isActive(order) === (wanted === 'active')
  })
  const view = (order: Order) => expandedOrder(world, order, query.expand, at)
  return pager.page('orders', sinceFilter(chosen, query, compareIds), query, view)
}

function expandedOrder(world: World, order: Order, expand: string | undefined, at: number): Record<string, unknown> {
  const { toggles, random } = world.ports
  const view: Record<string, unknown> = orderView(order, world.now())
  const names = (expand ?? '').split(',')
  if (names.includes('attendees')) {
    const forgotten = random.chance(toggles.current.emptyExpansion)
    view.attendees = forgotten ? [] : world.attendeesOfOrderAt(order, at).map((one) => attendeeView(one))
  }
  if (names.includes('event')) view.event = expanded(world, world.eventAt(order.eventId, at))
  return view
}
