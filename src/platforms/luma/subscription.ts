import type { AccessReport, CallContext, Outcome, WebhookSubscription } from '../port.js'
import { isJson, list, object, ok, requiredText, textOf } from './answers.js'
import { ignoreAnswer, type LumaClient, type Query } from './client.js'
import { WEBHOOK_EVENT_TYPES } from './constants.js'
import { allPages, parsePage, type Page } from './pages.js'

interface Webhook {
  id: string
  url: string
  eventTypes: string[]
  active: boolean
  secret: string | null
}

function parseWebhook(value: unknown): Webhook {
  const answer = object(value, 'webhook')
  const json = isJson(answer['webhook']) ? answer['webhook'] : answer
  return {
    id: requiredText(json, 'webhook id', 'id', 'api_id'),
    url: requiredText(json, 'webhook url', 'url'),
    eventTypes: list(json['event_types'] ?? [], 'event_types').map(String),
    active: (textOf(json, 'status') ?? 'active') === 'active',
    secret: textOf(json, 'secret'),
  }
}

/** How the list of webhooks comes is not documented: in pages like guests, in one piece, or bare. */
function parseWebhooks(json: unknown, readAt: Date): Page<Webhook> {
  if (Array.isArray(json)) return { entries: json.map(parseWebhook), nextCursor: null }
  const page = object(json, 'page')
  const entries = page['entries'] ?? page['webhooks'] ?? page['data']
  return parsePage(parseWebhook)({ has_more: false, ...page, entries }, readAt)
}

/**
 * Makes sure that exactly one active webhook with all our types points at `url`. 1 call when all is well. A webhook's
 * url cannot be changed, so one that is ours by its secret but points elsewhere is replaced; others are left alone.
 */
export async function ensureSubscription(
  client: LumaClient,
  url: string,
  ownSecrets: readonly string[],
  context: CallContext,
): Promise<Outcome<WebhookSubscription>> {
  const webhooks = await listWebhooks(client, context)
  if (webhooks.kind !== 'OK') return webhooks
  const [kept, ...doubles] = webhooks.value
    .filter((webhook) => webhook.url === url)
    .toSorted((a, b) => Number(b.active) - Number(a.active))
  const moved = webhooks.value.filter((webhook) => isMoved(webhook, url, ownSecrets))
  const result = kept ? await repair(client, kept, context) : await create(client, url, context)
  if (result.kind !== 'OK') return result
  for (const { id } of [...doubles, ...moved]) {
    const gone = await client.post('/v1/webhooks/delete', { id }, 'delete_webhook', context, ignoreAnswer)
    if (gone.kind !== 'OK' && gone.kind !== 'GONE') return gone
  }
  return result
}

/** A secret may be shared by webhooks of others: ours goes by its path as well. */
function isMoved(webhook: Webhook, url: string, ownSecrets: readonly string[]): boolean {
  const ours = webhook.secret !== null && ownSecrets.includes(webhook.secret)
  return (
    ours && webhook.url !== url && URL.canParse(webhook.url) && new URL(webhook.url).pathname === new URL(url).pathname
  )
}

/** 1 call. Luma does not say whose key it is. */
export async function checkAccess(
  client: LumaClient,
  url: string | null,
  context: CallContext,
): Promise<Outcome<AccessReport>> {
  const webhooks = await listWebhooks(client, context)
  if (webhooks.kind !== 'OK') return webhooks
  const found = webhooks.value.some((webhook) => webhook.url === url && webhook.active && isComplete(webhook))
  return ok({ account: null, subscribed: url === null ? null : found })
}

function isComplete({ eventTypes }: Webhook): boolean {
  return eventTypes.includes('*') || WEBHOOK_EVENT_TYPES.every((type) => eventTypes.includes(type))
}

function listWebhooks(client: LumaClient, context: CallContext): Promise<Outcome<Webhook[]>> {
  return allPages((cursor) => {
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
  const updated = await client.post('/v2/webhooks/update', body, 'update_webhook', context, ignoreAnswer)
  return updated.kind === 'OK' ? ok({ id, created: false, secret }) : updated
}

async function create(client: LumaClient, url: string, context: CallContext): Promise<Outcome<WebhookSubscription>> {
  const body = { url, event_types: WEBHOOK_EVENT_TYPES }
  const created = await client.post('/v2/webhooks/create', body, 'create_webhook', context, parseWebhook)
  return created.kind === 'OK' ? ok({ id: created.value.id, created: true, secret: created.value.secret }) : created
}
