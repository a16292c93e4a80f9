import type { FastifyInstance } from 'fastify'
import type { Api, ApiCall } from '../api.js'
import { badArgument, notFound } from '../../errors.js'
import type { SimulatedEvent, Webhook } from '../../state/model.js'
import type { Pager, Query } from '../paging.js'
import type { Webhooks } from '../../webhooks.js'
import { expanded } from './events.js'
import type { EventbriteState } from '../../state/state.js'
import { webhookView } from '../views.js'

/** `status=live,started`, `time_filter=current_future`, `name_filter=` and `order_by=start_asc`; others are refused. */
function eventsMatching(events: SimulatedEvent[], query: Query, now: number): SimulatedEvent[] {
  const { status, time_filter: time, name_filter: name, order_by: order } = query
  if (time !== undefined && time !== 'all' && time !== 'current_future') throw badArgument('time_filter')
  if (order !== undefined && order !== 'start_asc') throw badArgument('order_by')
  const matching = events.filter(
    (event) =>
      (status === undefined || status.split(',').includes(event.status)) &&
      (time !== 'current_future' || event.end > now) &&
      event.name.toLowerCase().includes((name ?? '').toLowerCase()),
  )
  return order === undefined ? matching : matching.toSorted((a, b) => a.start - b.start)
}

/** The token's user, its only organization, and the organization's webhooks. */
export function registerAccountRoutes(
  app: FastifyInstance,
  api: Api,
  {
    state,
    webhooks,
    pager,
    organizationId,
  }: { state: EventbriteState; webhooks: Webhooks; pager: Pager; organizationId: string },
): void {
  const organization = '/v3/organizations/:organization'
  const checkedOrganization = ({ params }: ApiCall) => {
    if (params.organization !== organizationId) throw notFound('organization')
    return organizationId
  }
  const webhookOf = ({ params }: ApiCall): Webhook => {
    const webhook = webhooks.subscriptions.get(params.webhook ?? '')
    if (webhook === undefined) throw notFound('webhook')
    return webhook
  }

  api.get(app, '/v3/users/me/', 'read_user', () => ({ id: organizationId, name: 'Ana Example', emails: [] }))
  api.get(app, '/v3/users/me/organizations/', 'list_organizations', ({ query }) =>
    pager.page('organizations', [{ id: organizationId, name: 'Example organization', vertical: 'default' }], query),
  )
  api.get(app, `${organization}/events/`, 'list_events', (call) => {
    checkedOrganization(call)
    const { expand, ...query } = call.query
    const events = eventsMatching(state.eventsAt(call.at), query, state.platformNow())
    return pager.page('events', events, query, (event) => expanded(state, event, expand))
  })

  api.get(app, `${organization}/webhooks/`, 'list_webhooks', (call) => {
    checkedOrganization(call)
    return pager.page('webhooks', [...webhooks.subscriptions.values()].map(webhookView), call.query)
  })
  api.post(app, `${organization}/webhooks/`, 'create_webhook', (call) => {
    const { endpoint_url: url, actions, event_id: eventId } = (call.body ?? {}) as Record<string, unknown>
    if (typeof url !== 'string') throw badArgument('endpoint_url', 'MISSING')
    // The actions are one string in requests and a list in responses.
    if (typeof actions !== 'string') throw badArgument('actions', 'MISSING')
    const forEvent = typeof eventId === 'string' && eventId !== '' ? eventId : null
    if (forEvent !== null) {
      if (state.ports.toggles.current.webhookEventId === 'reject') throw badArgument('event_id')
      if (state.event(forEvent).organizationId !== organizationId) throw notFound('event')
    }
    const webhook = webhooks.add(checkedOrganization(call), url, actions.split(','), forEvent)
    if (state.ports.toggles.current.testPingOnCreate === 'yes') webhooks.test(webhook.id)
    return webhookView(webhook)
  })
  api.get(app, '/v3/webhooks/:webhook/', 'read_webhook', (call) => webhookView(webhookOf(call)))
  api.delete(app, '/v3/webhooks/:webhook/', 'delete_webhook', (call) => {
    const { id } = webhookOf(call)
    webhooks.remove(id)
    return { id, success: true }
  })
}
