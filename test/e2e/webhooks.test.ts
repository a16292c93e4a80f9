import { createHmac, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/servers/database.js'
import { startRedis, type DedicatedRedis } from '../support/servers/redis.js'
import {
  MEETUP_SECRET,
  WEBHOOK_TOKEN,
  startTestSystem,
  until,
  type Listings,
  type TestSystem,
} from '../support/service/test-system.js'

const LUMA_SECRET = 'whsec_of_the_deliveries_test'
const MIB = 1024 * 1024

let database: TestDatabase
let redis: DedicatedRedis
let system: TestSystem
let listings: Listings
let eventId: string

beforeAll(async () => {
  database = await createTestDatabase()
  redis = await startRedis()
  // No sweeps or polls, so that sales are found only through deliveries.
  const env = {
    LUMA_WEBHOOK_SECRET: `whsec_of_last_year,${LUMA_SECRET}`,
    SWEEP_INTERVAL_SECONDS: '3600',
    MEETUP_POLL_SECONDS: '3600',
  }
  system = await startTestSystem({ databaseUrl: database.url, redisUrl: redis.url, env, knobs: { webhookLoss: 1 } })
  listings = system.list({ eventbrite: 50, luma: 50, meetup: 50 })
  eventId = await system.createEvent(300, listings)
  await until(async () => {
    for (const { desiredCap, confirmedCap } of (await system.stock(eventId)).channels.slice(0, 3)) {
      expect(confirmedCap).toBe(desiredCap)
      expect(confirmedCap).toBe(90)
    }
  })
})
afterAll(async () => {
  await system?.close()
  await redis?.stop()
  await database?.drop()
})

const post = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
  fetch(`${system.app.url}/webhooks/${path}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  })
const problem = async (response: Response) => ({
  status: response.status,
  code: ((await response.json()) as { code?: string }).code,
})
const sold = async (platform: string) =>
  (await system.stock(eventId)).channels.find((one) => one.platform === platform)?.sold

const eventbriteBody = (action: string, apiUrl: string) =>
  JSON.stringify({
    config: { action, user_id: '300000000001', endpoint_url: 'https://sync.example.com/x', webhook_id: '15900001' },
    api_url: apiUrl,
  })
const placed = (orderId: string) =>
  eventbriteBody('order.placed', `https://www.eventbriteapi.com/v3/orders/${orderId}/`)

function lumaHeaders(body: string, secret = LUMA_SECRET, at = Date.now()): Record<string, string> {
  const t = Math.floor(at / 1_000)
  const v1 = createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')
  return { 'webhook-signature': `t=${t},v1=${v1}`, 'webhook-id': `msg_${randomUUID()}`, 'webhook-timestamp': String(t) }
}

function meetupHeaders(body: string, at = new Date()): Record<string, string> {
  const id = `msg_${randomUUID()}`
  const signature = new Webhook(MEETUP_SECRET).sign(id, at, body)
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': signature,
  }
}

describe('Webhook ingress', () => {
  it('counts an Eventbrite order once although 500 deliveries of it arrive, 50 at a time', async () => {
    const sale = system.eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 2 })
    for (let round = 0; round < 10; round++) {
      const responses = await Promise.all(
        Array.from({ length: 50 }, () => post(`eventbrite/${WEBHOOK_TOKEN}`, placed(sale.orderId ?? ''))),
      )
      expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([202]))
      expect(await responses[0]?.json()).toEqual({ accepted: true })
    }
    await until(async () => expect(await sold('EVENTBRITE')).toBe(2))
  })

  it('accepts Luma deliveries signed with any configured secret and re-reads the guest', async () => {
    const guest = system.luma.control.register({
      eventId: listings.luma,
      name: 'Cy',
      email: 'cy@example.com',
      quantity: 3,
    })
    const body = JSON.stringify({ type: 'guest.registered', data: { id: guest.guestId, event: { id: listings.luma } } })
    expect((await post('luma', body, lumaHeaders(body))).status).toBe(202)
    await until(async () => expect(await sold('LUMA')).toBe(3))
    system.luma.control.cancel(listings.luma, guest.guestId ?? '')
    // The cancellation is delivered first, then the registration again.
    for (const type of ['guest.updated', 'guest.registered']) {
      const repeated = JSON.stringify({
        type,
        data: { id: guest.guestId, approval_status: 'approved', event: { id: listings.luma } },
      })
      expect((await post('luma', repeated, lumaHeaders(repeated))).status).toBe(202)
    }
    await until(async () => expect(await sold('LUMA')).toBe(0))
  })

  it('polls after a hint of a Meetup bridge and applies an RSVP that a delivery contains', async () => {
    system.meetup.control.rsvp(listings.meetup, { guests: 1 })
    const hint = JSON.stringify({ type: 'rsvp.changed', data: { eventId: listings.meetup } })
    expect((await post('meetup', hint, meetupHeaders(hint))).status).toBe(202)
    await until(async () => expect(await sold('MEETUP')).toBe(2))
    const rsvp = {
      id: '1900000099',
      status: 'YES',
      guestsCount: 2,
      updated: new Date().toISOString(),
      member: { id: '7', name: 'Ada' },
    }
    const withRsvp = JSON.stringify({ type: 'rsvp.changed', data: { eventId: listings.meetup, rsvp } })
    expect((await post('meetup', withRsvp, meetupHeaders(withRsvp))).status).toBe(202)
    await until(async () => expect(await sold('MEETUP')).toBe(5))
  })

  it('rejects forged, stale, unsigned, oversized and malformed deliveries', async () => {
    const body = JSON.stringify({ type: 'guest.registered', data: { id: 'gst-1', event: { id: listings.luma } } })
    const unauthorized = { status: 401, code: 'SIGNATURE_INVALID' }
    expect(await problem(await post('eventbrite/wrong', placed('1')))).toEqual(unauthorized)
    expect(await problem(await post('luma', body))).toEqual(unauthorized)
    expect(await problem(await post('luma', body, lumaHeaders(body, 'another secret')))).toEqual(unauthorized)
    expect(await problem(await post('luma', body, lumaHeaders(body, LUMA_SECRET, Date.now() - 301_000)))).toEqual(
      unauthorized,
    )
    expect(await problem(await post('luma', `${body} `, lumaHeaders(body)))).toEqual(unauthorized)
    expect(await problem(await post('luma', 'no json', {}))).toEqual(unauthorized)
    expect(await problem(await post('meetup', body, meetupHeaders(body, new Date(Date.now() - 301_000))))).toEqual(
      unauthorized,
    )
    const large = Buffer.alloc(MIB + 1, 0x20)
    expect(await problem(await post('luma', large))).toEqual({ status: 413, code: 'PAYLOAD_TOO_LARGE' })
    const malformed = { status: 400, code: 'VALIDATION_FAILED' }
    expect(await problem(await post(`eventbrite/${WEBHOOK_TOKEN}`, '{"a":1}'))).toEqual(malformed)
    for (const invalid of ['no json', '[]', '{"data":{}}']) {
      expect(await problem(await post('luma', invalid, lumaHeaders(invalid)))).toEqual(malformed)
      expect(await problem(await post('meetup', invalid, meetupHeaders(invalid)))).toEqual(malformed)
    }
    const test = eventbriteBody('test', 'https://www.eventbriteapi.com/v3/{api-endpoint-to-fetch-object-details}')
    expect((await post(`eventbrite/${WEBHOOK_TOKEN}`, test)).status).toBe(202)
  })

  it('never fetches a URL that a delivery contains', async () => {
    let requestCount = 0
    const trap = createServer((_request, response) => {
      requestCount += 1
      response.end('{}')
    })
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve))
    const address = `http://127.0.0.1:${(trap.address() as AddressInfo).port}`
    const responses = await Promise.all([
      post(`eventbrite/${WEBHOOK_TOKEN}`, eventbriteBody('order.placed', `${address}/v3/orders/1/`)),
      post(
        `eventbrite/${WEBHOOK_TOKEN}`,
        eventbriteBody('order.placed', `https://www.eventbriteapi.com.evil.example/v3/orders/2/`),
      ),
      post(
        `eventbrite/${WEBHOOK_TOKEN}`,
        eventbriteBody('order.placed', `https://www.eventbriteapi.com/v3/orders/..%2F..%2Fusers/`),
      ),
    ])
    for (const { status } of responses) expect([202, 400]).toContain(status)
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(requestCount).toBe(0)
    trap.close()
  })

  it('dead-letters deliveries of unknown events with a reason and masked personal data, and replays them', async () => {
    const body = JSON.stringify({
      type: 'guest.registered',
      data: { id: 'gst-9', user_email: 'someone@example.com', user_name: 'Some One', event: { id: 'evt-unknown' } },
    })
    expect((await post('luma', body, lumaHeaders(body))).status).toBe(202)
    const unknown = system.eventbrite.control.createEvent({ capacityTotal: 5 })
    const sale = system.eventbrite.control.buy({ eventId: unknown.id, quantity: 1 })
    expect((await post(`eventbrite/${WEBHOOK_TOKEN}`, placed(sale.orderId ?? ''))).status).toBe(202)
    const deadLetters = await until(async () => {
      const path = '/webhooks/deliveries?state=UNMATCHED'
      const list = await system.app.call<{ items: { id: string; platform: string; reason: string; body: string }[] }>(
        'GET',
        path,
        {
          token: system.token,
        },
      )
      expect(list.body.items.map(({ platform }) => platform).toSorted()).toEqual(['EVENTBRITE', 'LUMA'])
      return list.body.items
    })
    const luma = deadLetters.find(({ platform }) => platform === 'LUMA')
    expect(luma?.reason).toContain('evt-unknown')
    expect(luma?.body).not.toContain('someone@example.com')
    expect(luma?.body).not.toContain('Some One')
    expect(JSON.stringify(deadLetters)).not.toContain(WEBHOOK_TOKEN)
    const replayed = await system.app.call('POST', `/webhooks/deliveries/${luma?.id}/replay`, { token: system.token })
    expect(replayed.status).toBe(202)
  })

  it('accepts deliveries with 202 while Redis is unavailable and processes them from PostgreSQL afterwards', async () => {
    const sale = system.eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 3 })
    const before = await sold('EVENTBRITE')
    await redis.kill()
    const responses = await Promise.all(
      Array.from({ length: 5 }, () => post(`eventbrite/${WEBHOOK_TOKEN}`, placed(sale.orderId ?? ''))),
    )
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([202]))
    expect((await fetch(`${system.app.url}/health/ready`)).status).toBe(503)
    await redis.restart()
    await until(async () => expect(await sold('EVENTBRITE')).toBe((before ?? 0) + 3), 40_000)
  })
})
