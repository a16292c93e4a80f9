import type { FastifyInstance } from 'fastify'
import type { Api, ApiCall } from './api.js'
import type { Hooks } from './hooks.js'
import type { Webhook } from './model.js'
import type { Pager } from './paging.js'
import { badArgument, notFound } from './refusals.js'
import { expanded } from './routes-events.js'
import { webhookView } from './views.js'
import type { World } from './world.js'

/** The token's user, its one organization, and the organization's subscriptions. */
export function registerAccountRoutes(
  app: FastifyInstance,
  api: Api,
  { world, hooks, pager, organizationId }: { world: World; hooks: Hooks; pager: Pager; organizationId: string },
): void {
  const organization = '/v3/organizations/:organization'
  const checked = ({ params }: ApiCall) => {
    if (params.organization !== organizationId) throw notFound('organization')
    return organizationId
  }
  const found = ({ params }: ApiCall): Webhook => {
    const webhook = hooks.webhooks.get(params.webhook ?? '')
    if (webhook === undefined) throw notFound('webhook')
    return webhook
  }

  api.get(app, '/v3/users/me/', 'read_user', () => ({ id: organizationId, name: 'Ana Example', emails: [] }))
  api.get(app, '/v3/users/me/organizations/', 'list_organizations', ({ query }) =>
    pager.page('organizations', [{ id: organizationId, name: 'Example organization', vertical: 'default' }], query),
  )
  api.get(app, `${organization}/events/`, 'list_events', (call) => {
    checked(call)
    const events = world.eventsAt(call.at).map((event) => expanded(world, event, call.query.expand))
    return pager.page('events', events, call.query)
  })

  api.get(app, `${organization}/webhooks/`, 'list_webhooks', (call) => {
    checked(call)
    return pager.page('webhooks', [...hooks.webhooks.values()].map(webhookView), call.query)
  })
  api.post(app, `${organization}/webhooks/`, 'create_webhook', (call) => {
    const { endpoint_url: url, actions, event_id: eventId } = (call.body ?? {}) as Record<string, unknown>
    if (typeof url !== 'string') throw badArgument('endpoint_url', 'MISSING')
    // On the wire the actions are one string, in answers a list.
    if (typeof actions !== 'string') throw badArgument('actions', 'MISSING')
    const forEvent = typeof eventId === 'string' && eventId !== '' ? eventId : null
    if (forEvent !== null) {
      if (world.ports.toggles.current.webhookEventId === 'reject') throw badArgument('event_id')
      if (world.event(forEvent).organizationId !== organizationId) throw notFound('event')
    }
    const webhook = hooks.add(checked(call), url, actions.split(','), forEvent)
    if (world.ports.toggles.current.testPingOnCreate === 'yes') hooks.test(webhook.id)
    return webhookView(webhook)
  })
  api.get(app, '/v3/webhooks/:webhook/', 'read_webhook', (call) => webhookView(found(call)))
  api.delete(app, '/v3/webhooks/:webhook/', 'delete_webhook', (call) => {
    const { id } = found(call)
    hooks.remove(id)
    return { id, success: true }
  })
}
