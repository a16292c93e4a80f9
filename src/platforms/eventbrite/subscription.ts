import type { AccessReport, CallContext, Outcome, WebhookSubscription } from '../port.js'
import { decodeAnswer, type EventbriteClient } from './client.js'
import { EVENTBRITE_ACTIONS } from './config.js'
import { optionalId, optionalText, requireId, requireObject } from './fields.js'
import { ok, rejected } from './outcomes.js'
import { readAll } from './pages.js'

interface Webhook {
  id: string
  endpointUrl: string | null
  actions: string[]
  eventId: string | null
}

/** Keeps exactly one subscription for our address in each organization of the token. There is no update: what differs is made anew. */
export class Subscriptions {
  constructor(private readonly client: EventbriteClient) {}

  /** Several organizations: their subscription ids joined by a comma. */
  async ensure(endpointUrl: string, context: CallContext): Promise<Outcome<WebhookSubscription>> {
    const organizations = await this.organizations(context)
    if (organizations.kind !== 'OK') return organizations
    const ensured: WebhookSubscription[] = []
    for (const organizationId of organizations.value) {
      const one = await this.ensureIn(organizationId, endpointUrl, context)
      if (one.kind !== 'OK') return one
      ensured.push(one.value)
    }
    const id = ensured.map((one) => one.id).join(',')
    return ok({ id, created: ensured.some((one) => one.created), secret: null })
  }

  /** Subscribed: every organization of the token has one for our address. */
  async check(endpointUrl: string | null, context: CallContext): Promise<Outcome<AccessReport>> {
    const organizations = await this.organizations(context)
    if (organizations.kind !== 'OK') return organizations
    const account = organizations.value.join(',')
    if (endpointUrl === null) return ok({ account, subscribed: null })
    for (const organizationId of organizations.value) {
      const listed = await this.listIn(organizationId, context)
      if (listed.kind !== 'OK') return listed
      const found = listed.value.some((webhook) => webhook.endpointUrl === endpointUrl && isAsWanted(webhook))
      if (!found) return ok({ account, subscribed: false })
    }
    return ok({ account, subscribed: true })
  }

  private async organizations(context: CallContext): Promise<Outcome<string[]>> {
    const call = { path: ['users', 'me', 'organizations'], operation: 'list_organizations' }
    const readId = (item: unknown) => requireId(requireObject(item, 'organizations'), 'id', 'organizations')
    const listed = await readAll(this.client, call, 'organizations', readId, context)
    if (listed.kind !== 'OK' || listed.value.length > 0) return listed
    return rejected('NO_ORGANIZATION', 'the token belongs to no organization')
  }

  private listIn(organizationId: string, context: CallContext): Promise<Outcome<Webhook[]>> {
    const call = { path: ['organizations', organizationId, 'webhooks'], operation: 'list_webhooks' }
    return readAll(this.client, call, 'webhooks', readWebhook, context)
  }

  private async ensureIn(
    organizationId: string,
    endpointUrl: string,
    context: CallContext,
  ): Promise<Outcome<WebhookSubscription>> {
    const path = ['organizations', organizationId, 'webhooks']
    const listed = await this.listIn(organizationId, context)
    if (listed.kind !== 'OK') return listed
    const ours = listed.value.filter((webhook) => webhook.endpointUrl === endpointUrl)
    const good = ours.find(isAsWanted)
    const kept = good === undefined ? await this.create(path, endpointUrl, context) : ok(good.id)
    if (kept.kind !== 'OK') return kept
    // Created first, deleted after: no delivery falls between.
    for (const { id } of ours.filter((webhook) => webhook.id !== kept.value)) {
      const deleted = await this.client.delete({ path: ['webhooks', id], operation: 'delete_webhook' }, context)
      if (deleted.kind !== 'OK' && deleted.kind !== 'GONE') return deleted
    }
    return ok({ id: kept.value, created: good === undefined, secret: null })
  }

  private async create(path: string[], endpointUrl: string, context: CallContext): Promise<Outcome<string>> {
    const body = { endpoint_url: endpointUrl, actions: EVENTBRITE_ACTIONS.join(',') }
    const answer = await this.client.post({ path, operation: 'create_webhook' }, body, context)
    const created = decodeAnswer(answer, (json) => requireId(json, 'id', 'webhook'))
    return created.kind === 'OK' ? ok(created.value.value) : created
  }
}

function readWebhook(value: unknown): Webhook {
  const item = requireObject(value, 'webhooks')
  const { actions } = item
  const list = typeof actions === 'string' ? actions.split(',') : Array.isArray(actions) ? actions.map(String) : []
  return {
    id: requireId(item, 'id', 'webhooks'),
    endpointUrl: optionalText(item, 'endpoint_url'),
    actions: list.map((action) => action.trim()),
    eventId: optionalId(item, 'event_id'),
  }
}

function isAsWanted(webhook: Webhook): boolean {
  const actions = new Set(webhook.actions)
  const sameActions = actions.size === EVENTBRITE_ACTIONS.length && EVENTBRITE_ACTIONS.every((one) => actions.has(one))
  return webhook.eventId === null && sameActions
}
