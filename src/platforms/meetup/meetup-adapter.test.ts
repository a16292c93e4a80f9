import { createServer } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { EVENT, LISTING, startEvent, type Harness, type HarnessOptions } from './harness.test-support.js'

let harness: Harness

/** An event of this capacity with this number of RSVPs. */
async function start(capacity: number | null, rsvps = 0, options: HarnessOptions = {}): Promise<Harness> {
  harness = await startEvent(capacity, rsvps, options)
  return harness
}

afterEach(() => harness.close())

describe('MeetupAdapter', () => {
  it('returns UNSUPPORTED for voiding orders and for webhook subscriptions', async () => {
    const { adapter } = await start(10)
    expect(await adapter.voidOrder(LISTING, '1900000001')).toMatchObject({
      kind: 'UNSUPPORTED',
      reason: expect.stringContaining('1900000001') as unknown,
    })
    expect((await adapter.ensureWebhookSubscription()).kind).toBe('UNSUPPORTED')
    expect([adapter.hasWebhooks, adapter.canVoid, adapter.platform]).toEqual([false, false, 'MEETUP'])
  })

  it('reports the account of its credentials, or that they are refused', async () => {
    const { adapter, adapterWith } = await start(10)
    const report = await adapter.checkAccess(null, { lane: 'bulk' })
    expect(report).toEqual({
      kind: 'OK',
      value: { account: { id: '70000099', name: 'Olga Organizer' }, missing: null, subscribed: null },
    })
    const expired = adapterWith({ credentials: { accessToken: 'expired' } })
    expect((await expired.checkAccess(null, { lane: 'bulk' })).kind).toBe('AUTH_FAILED')
  })

  it('authenticates and parses the signed hints of a bridge', async () => {
    const secret = `whsec_${Buffer.from('an invented secret of 32 bytes..').toString('base64')}`
    const { adapterWith, control } = await start(10, 0, { toggles: { bridgeHints: 'on', hintRsvp: 'yes' } })
    const adapter = adapterWith({ webhookSecret: secret })
    const received: { headers: Record<string, string>; body: Buffer }[] = []

    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const headers = Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
        )
        received.push({ headers, body: Buffer.concat(chunks) })
        response.writeHead(202).end()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    control.setHintTarget({ url: `http://127.0.0.1:${port}/webhooks/meetup`, secrets: [secret] })
    const { rsvpId } = control.rsvp(EVENT, { guests: 1 })
    await expect.poll(() => received.length).toBe(1)
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    const [{ headers, body } = { headers: {}, body: Buffer.alloc(0) }] = received
    expect(adapter.authenticate({ headers, body, pathToken: null }, harness.now())).toBe('AUTHENTIC')
    expect(adapter.parseDelivery(body)).toMatchObject([
      {
        kind: 'ORDER',
        orderId: rsvpId,
        externalEventId: EVENT,
        snapshot: { tickets: [{ live: true }, { live: true }] },
      },
    ])
  })
})
