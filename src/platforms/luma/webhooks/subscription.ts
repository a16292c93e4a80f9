import type { AccessReport, CallContext, Outcome, WebhookSubscription } from '../../port.js'
import { isObject, requireArray, requireObject } from '../../kit/response-shape.js'
import { isNotShown, ok } from '../../kit/outcomes.js'
import { requireText, optionalText } from '../client/contract.js'
import { readAccount } from '../account/account.js'
import { ignoreResponse, type LumaClient, type Query } from '../client/client.js'
import { WEBHOOK_EVENT_TYPES } from '../config.js'
import { readAllPages, parsePage, type Page } from '../client/pages.js'

interface Webhook {
  id: string
  url: string
  eventTypes: string[]
  active: boolean
  secret: string | null
}

function parseWebhook(value: unknown): Webhook {
  const body = requireObject(value, 'webhook')
  const json = isObject(body['webhook']) ? body['webhook'] : body
  return {
    id: requireText(json, 'webhook id', 'id', 'api_id'),
    url: requireText(json, 'webhook url', 'url'),
    eventTypes: requireArray(json['event_types'] ?? [], 'event_types').map(String),
    active: (optionalText(json, 'status') ?? 'active') === 'active',
    secret: optionalText(json, 'secret'),
  }
}

/** The format of the list is not documented: pages like those of guests, a single page, or a bare array. */
function parseWebhooks(json: unknown, readAt: Date): Page<Webhook> {
  if (Array.isArray(json)) return { entries: json.map(parseWebhook), nextCursor: null }
  const page = requireObject(json, 'page')
  const entries = page['entries'] ?? page['webhooks'] ?? page['data']
  return parsePage(parseWebhook)({ has_more: false, ...page, entries }, readAt)
}

/**
 * Ensures that exactly one active webhook with all our event types points at `url`. Idempotent; 1 call if nothing needs
 * to change. A webhook's url cannot be changed, so one of ours (by its secret) with another url is replaced. Webhooks of
 * others are not changed.
 */
export async function ensureSubscription(
  client: LumaClient,
  url: string,
  ownSecrets: readonly string[],
  context: CallContext,
): Promise<Outcome<WebhookSubscription>> {
  const webhooks = await listWebhooks(client, context)
  if (webhooks.kind !== 'OK') return webhooks
  const [existing, ...duplicates] = webhooks.value
    .filter((webhook) => webhook.url === url)
    .toSorted((a, b) => Number(b.active) - Number(a.active))
  const moved = webhooks.value.filter((webhook) => isMoved(webhook, url, ownSecrets))
  const result = existing ? await repair(client, existing, context) : await create(client, url, context)
  if (result.kind !== 'OK') return result
  for (const { id } of [...duplicates, ...moved]) {
    const deleted = await client.post('/v1/webhooks/delete', { id }, 'delete_webhook', context, ignoreResponse)
    if (deleted.kind !== 'OK' && deleted.kind !== 'GONE') return deleted
  }
  return result
}

/** Webhooks of others may share the secret: ours is recognized by its path as well. */
function isMoved(webhook: Webhook, url: string, ownSecrets: readonly string[]): boolean {
  const ours = webhook.secret !== null && ownSecrets.includes(webhook.secret)
  return (
    ours && webhook.url !== url && URL.canParse(webhook.url) && new URL(webhook.url).pathname === new URL(url).pathname
  )
}

/** Deletes the webhooks for our URL. */
export async function endSubscription(client: LumaClient, url: string, context: CallContext): Promise<Outcome<null>> {
  const webhooks = await listWebhooks(client, context)
  if (webhooks.kind !== 'OK') return webhooks
  for (const { id } of webhooks.value.filter((webhook) => webhook.url === url)) {
    const deleted = await client.post('/v1/webhooks/delete', { id }, 'delete_webhook', context, ignoreResponse)
    if (deleted.kind !== 'OK' && deleted.kind !== 'GONE') return deleted
  }
  return ok(null)
}

/** 2 calls. */
export async function checkAccess(
  client: LumaClient,
  url: string | null,
  context: CallContext,
): Promise<Outcome<AccessReport>> {
  const account = await readAccount(client, context)
  if (account.kind !== 'OK' && !isNotShown(account)) return account
  const webhooks = await listWebhooks(client, context)
  if (webhooks.kind !== 'OK') return webhooks
  const found = webhooks.value.some((webhook) => webhook.url === url && webhook.active && isComplete(webhook))
  return ok({ account: account.kind === 'OK' ? account.value : null, subscribed: url === null ? null : found })
}

function isComplete({ eventTypes }: Webhook): boolean {
  return eventTypes.includes('*') || WEBHOOK_EVENT_TYPES.every((type) => eventTypes.includes(type))
}

function listWebhooks(client: LumaClient, context: CallContext): Promise<Outcome<Webhook[]>> {
  return readAllPages((cursor) => {
    const query: Query = { pagination_cursor: cursor }
    return client.get('/v1/webhooks/list', query, 'list_webhooks', context, parseWebhooks)
  })
}

async function repair(
  client: LumaClient,
  webhook: Webhook,
  context: CallContext,
): Promise<Outcome<WebhookSubscription>> {
  const { id, secret, active } = webhook
  const complete = isComplete(webhook)
  if (active && complete) return ok({ id, created: false, secret })
  const body = { id, status: 'active', ...(complete ? {} : { event_types: WEBHOOK_EVENT_TYPES }) }
  const updated = await client.post('/v2/webhooks/update', body, 'update_webhook', context, ignoreResponse)
  return updated.kind === 'OK' ? ok({ id, created: false, secret }) : updated
}

async function create(client: LumaClient, url: string, context: CallContext): Promise<Outcome<WebhookSubscription>> {
  const body = { url, event_types: WEBHOOK_EVENT_TYPES }
  const created = await client.post('/v2/webhooks/create', body, 'create_webhook', context, parseWebhook)
  return created.kind === 'OK' ? ok({ id: created.value.id, created: true, secret: created.value.secret }) : created
}
