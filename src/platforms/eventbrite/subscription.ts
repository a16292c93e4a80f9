import type { AccessReport, CallContext, Failure, Outcome, WebhookSubscription } from '../port.js'
import { decodeAnswer, type EventbriteClient } from './client.js'
import { EVENTBRITE_ACTIONS } from './config.js'
import { optionalId, optionalText, requireId, requireObject } from './fields.js'
import { describe, ok, rejected } from './outcomes.js'
import { readAll } from './pages.js'

interface Webhook {
  id: string
  endpointUrl: string | null
  actions: string[]
  organizationId: string
  /** Null: all events of the organization. */
  eventId: string | null
}

/** What the organizations of a token hold, as far as they answer. */
interface Account {
  organizations: string[]
  webhooks: Webhook[]
  failures: Failure[]
}

/** More events than this are one subscription for the whole organization. */
const MAX_SCOPED_EVENTS = 100
/** One check makes and removes so many at most. */
const MAX_CHANGES = 20

/**
 * Keeps one subscription for our address per event, so that other events of the account cost nothing, or, where no
 * events are named or the platform takes none, one per organization. There is no update: what differs is made anew. An
 * organization or an event that refuses stops none of the others.
 */
export class Subscriptions {
  constructor(private readonly client: EventbriteClient) {}

  /** The ids of all subscriptions, joined by a comma. 1 call, 1 per organization and 1 or 2 per change. */
  async ensure(
    endpointUrl: string,
    context: CallContext,
    eventIds?: readonly string[],
  ): Promise<Outcome<WebhookSubscription>> {
    const account = await this.account(context)
    if (account.kind !== 'OK') return account
    const ours = account.value.webhooks.filter((webhook) => webhook.endpointUrl === endpointUrl)
    if (eventIds === undefined || eventIds.length > MAX_SCOPED_EVENTS) {
      return this.ensureWide(endpointUrl, account.value, ours, context)
    }
    return this.ensureScoped(endpointUrl, account.value, ours, eventIds, context)
  }

  /** Subscribed: all `eventIds` are (null without any), or, where none are named, something of the account is. */
  async check(
    endpointUrl: string | null,
    context: CallContext,
    eventIds?: readonly string[],
  ): Promise<Outcome<AccessReport>> {
    const organizations = await this.organizations(context)
    if (organizations.kind !== 'OK') return organizations
    const account = organizations.value.join(',')
    if (endpointUrl === null || eventIds?.length === 0) return ok({ account, subscribed: null })
    const held = await this.webhooksOf(organizations.value, context)
    if (held.kind !== 'OK') return held
    const good = held.value.webhooks.filter((webhook) => webhook.endpointUrl === endpointUrl && isAsWanted(webhook))
    const scopes = new Set(good.map((webhook) => webhook.eventId))
    const told = eventIds?.every((id) => scopes.has(id)) ?? good.length > 0
    return ok({ account, subscribed: told || scopes.has(null) })
  }

  private async ensureScoped(
    endpointUrl: string,
    account: Account,
    ours: readonly Webhook[],
    eventIds: readonly string[],
    context: CallContext,
  ): Promise<Outcome<WebhookSubscription>> {
    const kept = new Map<string, string>()
    for (const webhook of ours) {
      const { eventId } = webhook
      if (eventId !== null && eventIds.includes(eventId) && isAsWanted(webhook)) kept.set(eventId, webhook.id)
    }
    const missing = eventIds.filter((eventId) => !kept.has(eventId))
    const refused: Failure[] = []
    for (const eventId of missing.slice(0, MAX_CHANGES)) {
      const made = await this.createFor(eventId, endpointUrl, account, context)
      if (made.kind === 'OK') kept.set(eventId, made.value)
      else refused.push(made)
      if (made.kind === 'THROTTLED') break
    }
    // Where not one event is taken, events may not be named at all.
    if (kept.size === 0 && refused.length > 0 && refused.every(({ kind }) => kind === 'REJECTED')) {
      return this.ensureWide(endpointUrl, account, ours, context)
    }
    const transient = refused.some(isTransient) || account.failures.some(isTransient)
    const all = missing.length <= MAX_CHANGES && !transient
    const stale = ours.filter(({ id, eventId }) => eventId === null || kept.get(eventId) !== id)
    // Created first, deleted after: no delivery falls between.
    const cleaned = all ? await this.deleteAll(stale, context) : true
    const [first] = [...refused, ...account.failures]
    if (kept.size === 0 && eventIds.length > 0 && first !== undefined) return first
    return ok({
      id: [...kept.values()].join(','),
      created: missing.some((eventId) => kept.has(eventId)),
      secret: null,
      events: Object.fromEntries([...kept].map(([eventId, id]) => [id, eventId])),
      complete: all && cleaned,
      problems: refused.filter((failure) => !isTransient(failure)).map(describe),
    })
  }

  private async ensureWide(
    endpointUrl: string,
    { organizations, failures }: Account,
    ours: readonly Webhook[],
    context: CallContext,
  ): Promise<Outcome<WebhookSubscription>> {
    const good = ours.filter((webhook) => webhook.eventId === null && isAsWanted(webhook))
    const kept: string[] = []
    let created = false
    const refused: Failure[] = [...failures]
    for (const organizationId of organizations) {
      const known = good.find((webhook) => webhook.organizationId === organizationId)
      const one = known === undefined ? await this.create(organizationId, endpointUrl, null, context) : ok(known.id)
      if (one.kind !== 'OK') {
        refused.push(one)
        continue
      }
      kept.push(one.value)
      created ||= known === undefined
    }
    const [first] = refused
    if (kept.length === 0 && first !== undefined) return first
    const cleaned = await this.deleteAll(
      ours.filter(({ id }) => !kept.includes(id)),
      context,
    )
    return ok({ id: kept.join(','), created, secret: null, complete: cleaned && !refused.some(isTransient) })
  }

  /** An event belongs to one organization, which has to be asked for where the token has several. */
  private async createFor(
    eventId: string,
    endpointUrl: string,
    { organizations, failures }: Account,
    context: CallContext,
  ): Promise<Outcome<string>> {
    let [organizationId] = organizations
    if (organizations.length + failures.length > 1) {
      const answer = await this.client.get({ path: ['events', eventId], operation: 'read_event' }, context)
      const owner = decodeAnswer(answer, (event) => requireId(event, 'organization_id', 'event'))
      if (owner.kind !== 'OK') return owner
      organizationId = organizations.find((id) => id === owner.value.value)
    }
    // What it holds is not known: a second subscription would double every delivery.
    if (organizationId === undefined) return { kind: 'UNAVAILABLE', reason: `the organization of event ${eventId}` }
    return this.create(organizationId, endpointUrl, eventId, context)
  }

  /** False: some are left. */
  private async deleteAll(webhooks: readonly Webhook[], context: CallContext): Promise<boolean> {
    let left = webhooks.length
    for (const { id } of webhooks.slice(0, MAX_CHANGES)) {
      const deleted = await this.client.delete({ path: ['webhooks', id], operation: 'delete_webhook' }, context)
      if (deleted.kind === 'OK' || deleted.kind === 'GONE') left -= 1
      if (deleted.kind === 'THROTTLED') break
    }
    return left === 0
  }

  private async account(context: CallContext): Promise<Outcome<Account>> {
    const organizations = await this.organizations(context)
    return organizations.kind === 'OK' ? this.webhooksOf(organizations.value, context) : organizations
  }

  /** A failure only where not one of them answers. */
  private async webhooksOf(organizations: readonly string[], context: CallContext): Promise<Outcome<Account>> {
    const account: Account = { organizations: [], webhooks: [], failures: [] }
    for (const organizationId of organizations) {
      const call = { path: ['organizations', organizationId, 'webhooks'], operation: 'list_webhooks' }
      const listed = await readAll(this.client, call, 'webhooks', readWebhook, context)
      if (listed.kind === 'OK') {
        account.organizations.push(organizationId)
        account.webhooks.push(...listed.value.map((webhook) => ({ ...webhook, organizationId })))
      } else account.failures.push(listed)
    }
    const [first] = account.failures
    return account.organizations.length === 0 && first !== undefined ? first : ok(account)
  }

  private async organizations(context: CallContext): Promise<Outcome<string[]>> {
    const call = { path: ['users', 'me', 'organizations'], operation: 'list_organizations' }
    const readId = (item: unknown) => requireId(requireObject(item, 'organizations'), 'id', 'organizations')
    const listed = await readAll(this.client, call, 'organizations', readId, context)
    if (listed.kind !== 'OK' || listed.value.length > 0) return listed
    return rejected('NO_ORGANIZATION', 'the token belongs to no organization')
  }

  private async create(
    organizationId: string,
    endpointUrl: string,
    eventId: string | null,
    context: CallContext,
  ): Promise<Outcome<string>> {
    const path = ['organizations', organizationId, 'webhooks']
    const scope = eventId === null ? {} : { event_id: eventId }
    const body = { endpoint_url: endpointUrl, actions: EVENTBRITE_ACTIONS.join(','), ...scope }
    const answer = await this.client.post({ path, operation: 'create_webhook' }, body, context)
    const created = decodeAnswer(answer, (json) => requireId(json, 'id', 'webhook'))
    return created.kind === 'OK' ? ok(created.value.value) : created
  }
}

function isTransient({ kind }: Failure): boolean {
  return kind === 'THROTTLED' || kind === 'NOT_SENT' || kind === 'UNAVAILABLE' || kind === 'UNKNOWN'
}

function readWebhook(value: unknown): Omit<Webhook, 'organizationId'> {
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
  return actions.size === EVENTBRITE_ACTIONS.length && EVENTBRITE_ACTIONS.every((one) => actions.has(one))
}
