import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ALL, EVENT, RSVPS, startTestHarness } from '../harness.test-support.js'

const SECRET = `whsec_${Buffer.from('an invented secret of 32 bytes..').toString('base64')}`
const OLDER = `whsec_${Buffer.from('the older secret, also 32 bytes.').toString('base64')}`

let harness: Awaited<ReturnType<typeof startTestHarness>>
beforeEach(async () => {
  harness = await startTestHarness()
})
afterEach(() => harness.simulator.close())

async function send(method: string, path: string, body?: object) {
  const response = await fetch(`${harness.simulator.controlUrl}${path}`, {
    method,
    ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

describe('the control routes', () => {
  it('offer the control methods over HTTP', async () => {
    const { control } = harness
    expect(await send('POST', '/events', { id: EVENT, capacity: 3 })).toMatchObject({
      status: 201,
      body: { eventId: EVENT, cap: 3, sold: 0, mode: 'OPEN' },
    })
    const { rsvpId } = (await send('POST', `/events/${EVENT}/rsvps`, { guests: 1 })).body
    expect((await send('GET', `/events/${EVENT}/truth`)).body).toEqual(control.truth(EVENT))
    await send('PUT', `/rsvps/${String(rsvpId)}/guests`, { guests: 2 })
    await send('PUT', `/rsvps/${String(rsvpId)}/status`, { status: 'ATTENDED' })
    expect(control.truth(EVENT)).toMatchObject({ sold: 3, mode: 'WAITLIST_ONLY' })
    await send('POST', `/rsvps/${String(rsvpId)}/cancel`)
    await send('PATCH', `/events/${EVENT}`, { capacity: 9, rsvpsClosed: true })
    expect(control.truth(EVENT)).toMatchObject({ sold: 0, maxTickets: 9, closed: true })
    const rolled = (await send('POST', `/events/${EVENT}/roll-id`)).body['eventId']
    expect(control.events().map(({ eventId }) => eventId)).toEqual([rolled])
    expect((await send('PATCH', '/toggles', { limitBelowYes: 'refuse' })).body).toMatchObject({
      limitBelowYes: 'refuse',
    })
    expect((await send('GET', '/knobs')).body).toHaveProperty('readLagMs', 0)
    expect((await send('POST', '/drain')).body).toEqual({ drained: true, pending: 0, failures: [] })
  })

  it('reject invalid input and name its fields', async () => {
    const { control } = harness
    control.createEvent({ id: EVENT })
    const invalid = await send('POST', '/events', { id: '', capacity: 0, colour: 'red' })
    expect(invalid.status).toBe(400)
    const fields = (invalid.body['errors'] as { field: string }[]).map(({ field }) => field)
    expect(fields).toEqual(['id', 'capacity', 'colour'])
    expect((await send('POST', '/events', { id: EVENT })).status).toBe(409)
    expect((await send('PATCH', `/events/${EVENT}`, { id: '2' })).status).toBe(400)
    expect((await send('GET', '/events/1/truth')).status).toBe(404)
    expect((await send('POST', '/rsvps/1/cancel')).status).toBe(404)
    expect((await send('PATCH', '/toggles', { windowKind: 'round' })).status).toBe(400)
    expect((await send('PUT', '/pro', {})).status).toBe(400)
  })

  it('generate the same ids from the same seed', async () => {
    const other = await startTestHarness()
    const idsOf = ({ control }: typeof harness) => {
      const { eventId } = control.createEvent({ capacity: 3 })
      control.rsvp(eventId)
      return [eventId, ...control.rsvps(eventId).map(({ id, memberId, memberName }) => [id, memberId, memberName])]
    }
    expect(idsOf(other)).toEqual(idsOf(harness))
    await other.simulator.close()
  })
})

describe('page faults', () => {
  it('truncate a page, fail the next one once, and then continue', async () => {
    const { control, graphql } = harness
    control.createEvent({ id: EVENT, capacity: 50 })
    for (let i = 0; i < 6; i++) control.rsvp(EVENT)
    control.knobs.patch({ truncatedPage: 1 })
    const variables = { id: EVENT, first: 50, filter: { rsvpStatus: ALL } }
    const first = (await graphql(RSVPS, variables)).body.data?.event?.rsvps
    expect(first).toMatchObject({ totalCount: 6, pageInfo: { hasNextPage: true } })
    expect(first?.edges).toHaveLength(3)
    control.knobs.patch({ truncatedPage: 0 })
    const next = { ...variables, after: first?.pageInfo.endCursor }
    expect(await graphql(RSVPS, next)).toMatchObject({ status: 502, body: {} })
    expect((await graphql(RSVPS, next)).body.data?.event?.rsvps?.edges).toHaveLength(3)
  })

  it('change the list between two pages', async () => {
    const { control, graphql, clock } = harness
    control.createEvent({ id: EVENT, capacity: 50 })
    for (let i = 0; i < 6; i++) control.rsvp(EVENT)
    clock.advance(5_000)
    const before = control.rsvps(EVENT).map(({ updated }) => updated)
    control.toggles.patch({ shiftWhilePaging: 1 })
    await graphql(RSVPS, { id: EVENT, first: 2, after: 'MQ==' })
    const moved = control.rsvps(EVENT).filter(({ updated }, index) => updated !== before[index])
    expect(moved).toHaveLength(1)
    expect(control.truth(EVENT).sold).toBe(6)
  })
})

describe('the bridge', () => {
  let server: Server
  let received: { headers: IncomingHttpHeaders; body: string }[]
  let url: string

  beforeEach(async () => {
    received = []
    server = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        received.push({ headers: request.headers, body })
        response.writeHead(202).end()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/meetup`
  })
  afterEach(() => new Promise((resolve) => server.close(resolve)))

  const verify = (secret: string, at = 0) => {
    const { headers, body } = received[at] ?? { headers: {}, body: '' }
    const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
    return new Webhook(secret).verify(body, named)
  }

  it('sends nothing while bridgeHints is off', async () => {
    const { control } = harness
    await send('PUT', '/hint-target', { url, secrets: [SECRET] })
    control.createEvent({ id: EVENT, capacity: 5 })
    control.rsvp(EVENT)
    expect((await send('POST', '/drain')).body).toMatchObject({ drained: true })
    expect(received).toHaveLength(0)
  })

  it('sends a hint for each change, signed with every secret', async () => {
    const { control } = harness
    control.toggles.patch({ bridgeHints: 'on' })
    await send('PUT', '/hint-target', { url, secrets: [SECRET, OLDER] })
    control.createEvent({ id: EVENT, capacity: 5 })
    const { rsvpId } = control.rsvp(EVENT)
    await expect.poll(() => received.length).toBe(1)
    expect(verify(SECRET)).toEqual({ type: 'rsvp.changed', data: { eventId: EVENT } })
    expect(verify(OLDER)).toEqual({ type: 'rsvp.changed', data: { eventId: EVENT } })
    expect(() => verify(`whsec_${Buffer.alloc(32).toString('base64')}`)).toThrow('No matching signature')
    control.toggles.patch({ hintRsvp: 'yes' })
    control.cancel(rsvpId ?? '')
    await expect.poll(() => received.length).toBe(2)
    expect(verify(SECRET, 1)).toMatchObject({ data: { eventId: EVENT, rsvp: { id: rsvpId, status: 'NO' } } })
  })

  it('loses and duplicates hints as configured by the knobs, and sends none without a target', async () => {
    const { control } = harness
    control.toggles.patch({ bridgeHints: 'on' })
    control.setHintTarget({ url, secrets: [SECRET] })
    control.createEvent({ id: EVENT, capacity: 5 })
    control.knobs.patch({ webhookLoss: 1 })
    control.rsvp(EVENT)
    control.knobs.patch({ webhookLoss: 0, webhookDuplicate: 1 })
    control.rsvp(EVENT)
    await expect.poll(() => received.length, { timeout: 3_000 }).toBe(2)
    expect(received[0]?.headers['webhook-id']).toBe(received[1]?.headers['webhook-id'])
    control.setHintTarget(null)
    await send('POST', `/events/${EVENT}/hints`)
    expect(received).toHaveLength(2)
  })
})
