import type { FastifyInstance } from 'fastify'
import type { Api, ApiCall } from '../api.js'
import { badArgument, notFound } from '../../errors.js'
import { compareIds } from '../../state/ids.js'
import type { Attendee, Order } from '../../state/model.js'
import { sinceFilter, type Pager, type Query } from '../paging.js'
import { expanded } from './events.js'
import type { EventbriteState } from '../../state/state.js'
import { attendeeView, orderView } from '../views.js'

interface OrderPorts {
  state: EventbriteState
  pager: Pager
  organizationId: string
}

/** Orders and attendees: read-only, as on the real platform. */
export function registerOrderRoutes(app: FastifyInstance, api: Api, ports: OrderPorts): void {
  const { state, pager } = ports

  api.get(app, '/v3/orders/:order/', 'read_order', ({ params, query, at }) =>
    expandedOrder(state, state.orderAt(params.order ?? '', at), query.expand, at),
  )
  api.get(app, '/v3/orders/:order/attendees/', 'list_order_attendees', ({ params, query, at }) => {
    const attendees = state.attendeesOfOrderAt(state.orderAt(params.order ?? '', at), at)
    return pager.page('attendees', attendees, query, (attendee) => attendeeView(attendee, 'orders'))
  })

  const ofEvent = ({ params, at }: ApiCall) => state.eventAt(params.event ?? '', at).id
  api.get(app, '/v3/events/:event/attendees/', 'list_attendees', (call) =>
    attendeePage(ports, state.attendeesAt(ofEvent(call), call.at), call.query),
  )
  api.get(app, '/v3/events/:event/attendees/:attendee/', 'read_attendee', (call) => {
    const attendee = state.attendeesAt(ofEvent(call), call.at).find(({ id }) => id === call.params.attendee)
    if (attendee === undefined) throw notFound('attendee')
    return attendeeView(attendee)
  })
  api.get(app, '/v3/events/:event/orders/', 'list_orders', (call) =>
    orderPage(ports, state.ordersAt(ofEvent(call), call.at), call),
  )

  const eventsOf = ({ params, at }: ApiCall) => {
    if (params.organization !== ports.organizationId) throw notFound('organization')
    return state.eventsAt(at).map((event) => event.id)
  }
  const organization = '/v3/organizations/:organization'
  api.get(app, `${organization}/attendees/`, 'list_organization_attendees', (call) => {
    const all = eventsOf(call).flatMap((id) => state.attendeesAt(id, call.at))
    return attendeePage(ports, all, withoutLastSeen(call.query))
  })
  api.get(app, `${organization}/orders/`, 'list_organization_orders', (call) => {
    const all = eventsOf(call).flatMap((id) => state.ordersAt(id, call.at))
    return orderPage(ports, all, { ...call, query: withoutLastSeen(call.query) })
  })
}

/** Lists of an organization do not support `last_item_seen`. */
function withoutLastSeen(query: Query): Query {
  if (query.last_item_seen !== undefined) throw badArgument('last_item_seen', 'UNKNOWN')
  return query
}

function attendeePage({ pager }: OrderPorts, attendees: Attendee[], query: Query) {
  const { status } = query
  if (status !== undefined && !['attending', 'not_attending', 'unpaid'].includes(status)) throw badArgument('status')
  const chosen = attendees.filter((attendee) => status === undefined || statusOf(attendee) === status)
  return pager.page('attendees', sinceFilter(chosen, query, compareIds), query, (attendee) => attendeeView(attendee))
}

function statusOf(attendee: Attendee): string {
  return attendee.cancelled ? 'not_attending' : 'attending'
}

function orderPage({ state, pager }: OrderPorts, orders: Order[], { query, at }: ApiCall) {
  const status = query.status ?? state.ports.toggles.current.defaultOrderStatus
  if (!['active', 'inactive', 'both', 'all_not_deleted'].includes(status)) throw badArgument('status')
  const placed = orders.filter((order) => order.status !== 'started' && order.status !== 'abandoned')
  const isActive = (order: Order) => state.attendeesOfOrderAt(order, at).some(({ cancelled }) => !cancelled)
  const chosen = placed.filter((order) => {
    if (status === 'all_not_deleted') return order.status !== 'deleted'
    return status === 'both' || isActive(order) === (status === 'active')
  })
  const view = (order: Order) => expandedOrder(state, order, query.expand, at)
  return pager.page('orders', sinceFilter(chosen, query, compareIds), query, view)
}

function expandedOrder(
  state: EventbriteState,
  order: Order,
  expand: string | undefined,
  at: number,
): Record<string, unknown> {
  const { toggles, random } = state.ports
  const view: Record<string, unknown> = orderView(order, state.now())
  const names = (expand ?? '').split(',')
  if (names.includes('attendees')) {
    const omitted = random.chance(toggles.current.emptyExpansion)
    view.attendees = omitted ? [] : state.attendeesOfOrderAt(order, at).map((attendee) => attendeeView(attendee))
  }
  if (names.includes('event')) view.event = expanded(state, state.eventAt(order.eventId, at))
  return view
}
