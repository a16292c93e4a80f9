import type { AccessReport, CallContext, Failure, Outcome, WebhookSubscription } from '../../port.js'
import { listOrganizations, readAccount } from '../account/account.js'
import { decodeResponse, type EventbriteClient } from '../client/client.js'
import { EVENTBRITE_ACTIONS } from '../config.js'
import { requireId, requireObject } from '../../kit/response-shape.js'
import { isNotShown, ok } from '../../kit/outcomes.js'
import { optionalId, optionalText } from '../client/contract.js'
import { describeFailure } from '../../describe-failure.js'
import { readAll } from '../client/pages.js'

interface Webhook {
  id: string
  endpointUrl: string | null
  actions: string[]
  organizationId: string
  /** Null: all events of the organization. */
  eventId: string | null
}

/** The organizations of a token and their webhooks. */
interface Account {
  /** Those that could be read. */
  organizations: string[]
  webhooks: Webhook[]
  failures: Failure[]
}

/** For more events, one subscription for the whole organization is used. */
const MAX_SCOPED_EVENTS = 100
/** Maximum number of subscriptions that one check creates, and that it deletes. */
const MAX_CHANGES = 20

/**
 * Maintains one subscription for our URL per event, so that other events of the account cost nothing; or one per
 * organization, where no events are given or the platform does not accept them. The API has no update: a subscription
 * that differs is replaced. An organization or event that fails does not affect the others.
 */
export class Subscriptions {
  constructor(private readonly client: EventbriteClient) {}

  /** Returns the ids of all subscriptions, joined by commas. 1 call, 1 per organization and 1 or 2 per change. */
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

  /**
   * `subscribed`: whether all `eventIds` are (null if empty); where none are given, whether anything of the account is.
   */
  async check(
    endpointUrl: string | null,
    context: CallContext,
    eventIds?: readonly string[],
  ): Promise<Outcome<AccessReport>> {
    const owner = await readAccount(this.client, context)
    if (owner.kind !== 'OK' && !isNotShown(owner)) return owner
    const organizations = await listOrganizations(this.client, context)
    if (organizations.kind !== 'OK') return organizations
    const account = owner.kind === 'OK' ? owner.value : { id: organizations.value.join(','), name: null }
    if (endpointUrl === null || eventIds?.length === 0) return ok({ account, subscribed: null })
    const read = await this.webhooksOf(organizations.value, context)
    if (read.kind !== 'OK') return read
    const valid = read.value.webhooks.filter((webhook) => webhook.endpointUrl === endpointUrl && isUpToDate(webhook))
    const scopes = new Set(valid.map((webhook) => webhook.eventId))
    const covered = eventIds?.every((id) => scopes.has(id)) ?? valid.length > 0
    return ok({ account, subscribed: covered || scopes.has(null) })
  }

  /** Deletes what sends to our URL. */
  async end(endpointUrl: string, context: CallContext): Promise<Outcome<null>> {
    const account = await this.account(context)
    if (account.kind !== 'OK') return account
    const ours = account.value.webhooks.filter((webhook) => webhook.endpointUrl === endpointUrl)
    const isDone = await this.deleteAll(ours, context)
    return isDone ? ok(null) : { kind: 'UNKNOWN', reason: 'not all subscriptions were deleted' }
  }

  private async ensureScoped(
    endpointUrl: string,
    account: Account,
    ours: readonly Webhook[],
    eventIds: readonly string[],
    context: CallContext,
  ): Promise<Outcome<WebhookSubscription>> {
    const idByEvent = new Map<string, string>()
    for (const webhook of ours) {
      const { eventId } = webhook
      if (eventId !== null && eventIds.includes(eventId) && isUpToDate(webhook)) idByEvent.set(eventId, webhook.id)
    }
    const missing = eventIds.filter((eventId) => !idByEvent.has(eventId))
    const failures: Failure[] = []
    for (const eventId of missing.slice(0, MAX_CHANGES)) {
      const created = await this.createFor(eventId, endpointUrl, account, context)
      if (created.kind === 'OK') idByEvent.set(eventId, created.value)
      else failures.push(created)
      if (created.kind === 'THROTTLED') break
    }
    // If not a single event is accepted, the platform may not support subscriptions per event.
    if (idByEvent.size === 0 && failures.length > 0 && failures.every(({ kind }) => kind === 'REJECTED')) {
      return this.ensureWide(endpointUrl, account, ours, context)
    }
    const transient = failures.some(isTransient) || account.failures.some(isTransient)
    const all = missing.length <= MAX_CHANGES && !transient
    const stale = ours.filter(({ id, eventId }) => eventId === null || idByEvent.get(eventId) !== id)
    // Created before the old ones are deleted, so that no delivery is lost in between.
    const cleaned = all ? await this.deleteAll(stale, context) : true
    const [first] = [...failures, ...account.failures]
    if (idByEvent.size === 0 && eventIds.length > 0 && first !== undefined) return first
    return ok({
      id: [...idByEvent.values()].join(','),
      created: missing.some((eventId) => idByEvent.has(eventId)),
      secret: null,
      events: Object.fromEntries([...idByEvent].map(([eventId, id]) => [id, eventId])),
      complete: all && cleaned,
      problems: failures.filter((failure) => !isTransient(failure)).map(describeFailure),
    })
  }

  private async ensureWide(
    endpointUrl: string,
    account: Account,
    ours: readonly Webhook[],
    context: CallContext,
  ): Promise<Outcome<WebhookSubscription>> {
    const valid = ours.filter((webhook) => webhook.eventId === null && isUpToDate(webhook))
    const ids: string[] = []
    let created = false
    const failures: Failure[] = [...account.failures]
    for (const organizationId of account.organizations) {
      const known = valid.find((webhook) => webhook.organizationId === organizationId)
      const one = known === undefined ? await this.create(organizationId, endpointUrl, null, context) : ok(known.id)
      if (one.kind !== 'OK') {
        failures.push(one)
        continue
      }
      ids.push(one.value)
      created ||= known === undefined
    }
    const [first] = failures
    if (ids.length === 0 && first !== undefined) return first
    const cleaned = await this.deleteAll(
      ours.filter(({ id }) => !ids.includes(id)),
      context,
    )
    return ok({ id: ids.join(','), created, secret: null, complete: cleaned && !failures.some(isTransient) })
  }

  /** Subscribes to one event. Its organization has to be read first if the token has several. */
  private async createFor(
    eventId: string,
    endpointUrl: string,
    { organizations, failures }: Account,
    context: CallContext,
  ): Promise<Outcome<string>> {
    let [organizationId] = organizations
    if (organizations.length + failures.length > 1) {
      const response = await this.client.get({ path: ['events', eventId], operation: 'read_event' }, context)
      const owner = decodeResponse(response, (event) => requireId(event.organization_id, 'event.organization_id'))
      if (owner.kind !== 'OK') return owner
      organizationId = organizations.find((id) => id === owner.value.value)
    }
    // Its subscriptions are unknown, and a second one would duplicate every delivery.
    if (organizationId === undefined) {
      return { kind: 'UNAVAILABLE', reason: `the organization of event ${eventId} could not be read` }
    }
    return this.create(organizationId, endpointUrl, eventId, context)
  }

  /** False: some were not deleted. */
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
    const organizations = await listOrganizations(this.client, context)
    return organizations.kind === 'OK' ? this.webhooksOf(organizations.value, context) : organizations
  }

  /** Fails only if none of the organizations could be read. */
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

  private async create(
    organizationId: string,
    endpointUrl: string,
    eventId: string | null,
    context: CallContext,
  ): Promise<Outcome<string>> {
    const path = ['organizations', organizationId, 'webhooks']
    const scope = eventId === null ? {} : { event_id: eventId }
    const body = { endpoint_url: endpointUrl, actions: EVENTBRITE_ACTIONS.join(','), ...scope }
    const response = await this.client.post({ path, operation: 'create_webhook' }, body, context)
    const created = decodeResponse(response, (json) => requireId(json.id, 'webhook.id'))
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
    id: requireId(item.id, 'webhooks.id'),
    endpointUrl: optionalText(item, 'endpoint_url'),
    actions: list.map((action) => action.trim()),
    eventId: optionalId(item, 'event_id'),
  }
}

function isUpToDate(webhook: Webhook): boolean {
  const actions = new Set(webhook.actions)
  return actions.size === EVENTBRITE_ACTIONS.length && EVENTBRITE_ACTIONS.every((one) => actions.has(one))
}
