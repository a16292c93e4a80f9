import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { startStubPlatform, type StubRequest } from '../../test/support/platforms/stub-platform.js'
import { EventbriteAdapter } from './eventbrite/eventbrite-adapter.js'
import { LumaAdapter } from './luma/luma-adapter.js'
import type { RateLimiter } from './throttle/limiter.js'

const URL = 'https://tickets.example.com/webhooks/x'
const REFILL_MS = 50

/** Pays for one call, and for another one `REFILL_MS` later. */
function smallBudget(): RateLimiter {
  let paidAt = Number.NEGATIVE_INFINITY
  return {
    acquire: () => {
      const waitMs = paidAt + REFILL_MS - performance.now()
      if (waitMs > 0) return Promise.resolve({ granted: false, waitMs: Math.ceil(waitMs) })
      paidAt = performance.now()
      return Promise.resolve({ granted: true, reservation: '1' })
    },
    refund: () => Promise.resolve(),
    block: () => Promise.resolve(),
    observe: () => Promise.resolve(),
  }
}

function respond({ method, path }: StubRequest) {
  if (path.includes('/users/')) return { json: { organizations: [{ id: 'A' }] } }
  if (path.includes('/create')) return { json: { id: 'wh-1', url: URL, status: 'active', secret: 'whsec_x' } }
  if (path.includes('/v1/webhooks')) return { json: { entries: [], has_more: false } }
  return method === 'GET' ? { json: { webhooks: [] } } : { json: { id: '17' } }
}

const parts = { now: () => new Date(), sleep: (ms: number) => sleep(ms) }

it.each([
  ['EVENTBRITE', { created: true, id: '17' }],
  ['LUMA', { created: true, id: 'wh-1' }],
] as const)('A subscription on %s ends although the budget pays for one call at a time', async (platform, expected) => {
  const { http, requests, url } = await startStubPlatform(platform, respond, smallBudget())
  const adapter =
    platform === 'LUMA'
      ? new LumaAdapter({ config: { apiUrl: url, apiKey: 'k' }, http, ...parts })
      : new EventbriteAdapter({ config: { apiUrl: `${url}/v3`, token: 't', webhookToken: null }, http, ...parts })
  const outcome = await adapter.ensureWebhookSubscription(URL, { lane: 'protect' })
  expect(outcome).toMatchObject({ kind: 'OK', value: expected })
  const made = requests.map(({ method, path }) => `${method} ${path}`)
  expect(made).toEqual([...new Set(made)])
})
