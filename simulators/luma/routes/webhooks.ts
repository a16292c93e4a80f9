import type { Api } from '../api.js'
import { decodeCursor, pageOf, stuckPage } from '../guest-listing.js'
import type { Input } from '../input.js'
import { WEBHOOK_TYPES, type Webhook } from '../model.js'
import { webhookJson } from '../present.js'
import { signedHeaders } from '../signing.js'
import type { Sim } from '../sim.js'
import { LumaError } from '../store.js'

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]'])
const PING_TIMEOUT_MS = 10_000

/** `nextSecret`: what a new webhook signs with. */
export function webhookRoutes(api: Api, sim: Sim, nextSecret: () => string): void {
  const { webhooks } = sim.store
  api.get('/v1/webhooks/list', 'webhooks/list', (query) => {
    const position = decodeCursor(query.optionalText('pagination_cursor') ?? null)
    const size = Math.max(1, Math.min(query.wholeText('pagination_limit') ?? 50, sim.toggles.current.maxPageSize))
    const page = pageOf([...webhooks.values()].map(webhookJson), position.offset, size)
    return stuckPage(page, position, sim.toggles.current.stuckList)
  })
  api.get('/v2/webhooks/get', 'webhooks/get', (query) => webhookJson(find(sim, query)))
  api.post('/v2/webhooks/create', 'webhooks/create', async (body) => {
    const webhook: Webhook = {
      id: sim.ids.next('webhook'),
      url: checkedUrl(body.only(['url', 'event_types']).text('url')),
      eventTypes: eventTypes(body) ?? missing('event_types'),
      status: 'active',
      secrets: [nextSecret()],
      createdAt: sim.clock.now(),
      failuresInARow: 0,
    }
    if (sim.toggles.current.pingOnCreate === 'yes') await ping(sim, webhook)
    webhooks.set(webhook.id, webhook)
    return webhookJson(webhook)
  })
  api.post('/v2/webhooks/update', 'webhooks/update', (body) => {
    const webhook = find(sim, body.only(['id', 'event_types', 'status']))
    webhook.eventTypes = eventTypes(body) ?? webhook.eventTypes
    webhook.status = body.optionalChoice('status', ['active', 'paused']) ?? webhook.status
    if (webhook.status === 'active') webhook.failuresInARow = 0
    return webhookJson(webhook)
  })
  api.post('/v1/webhooks/delete', 'webhooks/delete', (body) => {
    webhooks.delete(find(sim, body).id)
    return {}
  })
}

function find(sim: Sim, input: Input): Webhook {
  const id = input.text('id')
  const webhook = sim.store.webhooks.get(id)
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

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url?.protocol !== 'http:' || !LOOPBACK.has(url.hostname)) {
    throw new LumaError(400, 'url must be an http address on this machine: the simulator calls nobody else')
  }
  return text
}

/** One attempt; only a 2xx lets the webhook be made. */
async function ping(sim: Sim, webhook: Webhook): Promise<void> {
  const body = JSON.stringify({ type: 'webhook.ping', data: {} })
  const delivery = { id: sim.ids.next('delivery'), at: sim.clock.now(), body }
  const headers = signedHeaders(sim.toggles.current.signatureStyle, webhook.secrets, delivery)
  const signal = AbortSignal.timeout(PING_TIMEOUT_MS)
  const status = await fetch(webhook.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
    signal,
    redirect: 'manual',
  }).then(
    (response) => response.status,
    () => 0,
  )
  if (status < 200 || status > 299) throw new LumaError(400, `The webhook url answered ${status} to the ping`)
}

function missing(field: string): never {
  throw new LumaError(400, `${field} is required`)
}
