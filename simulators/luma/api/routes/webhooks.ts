import type { Api } from '../api.js'
import type { SimulatorContext } from '../../state/context.js'
import { LumaError } from '../../errors.js'
import type { Input } from '../input.js'
import { WEBHOOK_TYPES, type Webhook } from '../../state/model.js'
import { decodeCursor, pageOf, stuckPage } from '../paging.js'
import { signedHeaders } from '../../webhooks.js'
import { webhookView } from '../views.js'

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]'])
const PING_TIMEOUT_MS = 10_000

/** `nextSecret` returns the secret of a new webhook. */
export function registerWebhookRoutes(api: Api, context: SimulatorContext, nextSecret: () => string): void {
  const { webhooks } = context.state
  api.get('/v1/webhooks/list', 'webhooks/list', (query) => {
    const position = decodeCursor(query.optionalText('pagination_cursor') ?? null)
    const size = Math.max(1, Math.min(query.integerText('pagination_limit') ?? 50, context.toggles.current.maxPageSize))
    const page = pageOf([...webhooks.values()].map(webhookView), position.offset, size)
    return stuckPage(page, position, context.toggles.current.stuckList)
  })
  api.get('/v2/webhooks/get', 'webhooks/get', (query) => webhookView(find(context, query)))
  api.post('/v2/webhooks/create', 'webhooks/create', async (body) => {
    const webhook: Webhook = {
      id: context.ids.next('webhook'),
      url: validateUrl(body.only(['url', 'event_types']).text('url')),
      eventTypes: eventTypes(body) ?? missing('event_types'),
      status: 'active',
      secrets: [nextSecret()],
      createdAt: context.clock.now(),
      failuresInARow: 0,
    }
    if (context.toggles.current.pingOnCreate === 'yes') await ping(context, webhook)
    webhooks.set(webhook.id, webhook)
    return webhookView(webhook)
  })
  api.post('/v2/webhooks/update', 'webhooks/update', (body) => {
    const webhook = find(context, body.only(['id', 'event_types', 'status']))
    webhook.eventTypes = eventTypes(body) ?? webhook.eventTypes
    webhook.status = body.optionalChoice('status', ['active', 'paused']) ?? webhook.status
    if (webhook.status === 'active') webhook.failuresInARow = 0
    return webhookView(webhook)
  })
  api.post('/v1/webhooks/delete', 'webhooks/delete', (body) => {
    webhooks.delete(find(context, body).id)
    return {}
  })
}

function find(context: SimulatorContext, input: Input): Webhook {
  const id = input.text('id')
  const webhook = context.state.webhooks.get(id)
  if (!webhook) throw new LumaError(404, `Webhook not found: ${id}`)
  return webhook
}

function eventTypes(body: Input): string[] | undefined {
  const types = body.list('event_types')
  if (!types) return undefined
  const known: readonly unknown[] = WEBHOOK_TYPES
  if (types.length === 0 || types.some((type) => !known.includes(type))) {
    throw new LumaError(400, `event_types must name some of ${WEBHOOK_TYPES.join(', ')}`)
  }
  return types.map(String)
}

function validateUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url?.protocol !== 'http:' || !LOOPBACK.has(url.hostname)) {
    throw new LumaError(400, 'url must be an http address on this machine: the simulator sends nothing to other hosts')
  }
  return text
}

/** One attempt. @throws LumaError 400 unless the response is a 2xx */
async function ping(context: SimulatorContext, webhook: Webhook): Promise<void> {
  const body = JSON.stringify({ type: 'webhook.ping', data: {} })
  const delivery = { id: context.ids.next('delivery'), at: context.clock.now(), body }
  const headers = signedHeaders(context.toggles.current.signatureStyle, webhook.secrets, delivery)
  const status = await context.webhooks.sender.post(webhook.url, { headers, body }, PING_TIMEOUT_MS)
  if (status < 200 || status > 299) throw new LumaError(400, `The webhook url returned ${status} for the ping`)
}

function missing(field: string): never {
  throw new LumaError(400, `${field} is required`)
}
