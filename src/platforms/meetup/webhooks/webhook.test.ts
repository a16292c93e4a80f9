import { describe, expect, it } from 'vitest'
import { Webhook } from 'standardwebhooks'
import type { Delivery } from '../../port.js'
import { parseDelivery } from './webhook-delivery.js'
import { GOING, HINT } from '../fixtures.test-support.js'
import { authenticate, parseWebhookSecrets } from './webhook-auth.js'

const SECRET = `whsec_${Buffer.from('an invented secret of 32 bytes..').toString('base64')}`
const OLDER = `whsec_${Buffer.from('the older secret, also 32 bytes.').toString('base64')}`
const NOW = new Date('2026-11-18T13:00:00Z')
const BODY = JSON.stringify(HINT)

function signed(secret: string, at = NOW, body: string | Buffer = BODY): Delivery {
  const headers = {
    'webhook-id': 'msg_example1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(secret).sign('msg_example1', at, body),
  }
  return { headers, body: Buffer.from(body), pathToken: null }
}

const check = (delivery: Delivery, configured: string | null = SECRET) =>
  authenticate(parseWebhookSecrets(configured), delivery, NOW)
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000)

describe('deliveries from bridges', () => {
  it('are authentic if signed with any configured secret', () => {
    expect(check(signed(SECRET))).toBe('AUTHENTIC')
    expect(check(signed(OLDER), `${SECRET}, ${OLDER}`)).toBe('AUTHENTIC')
    const both = signed(SECRET)
    both.headers['webhook-signature'] += ` ${signed(OLDER).headers['webhook-signature']}`
    expect(check(both, OLDER)).toBe('AUTHENTIC')
    const { headers, ...rest } = signed(SECRET)
    const upperCased = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]))
    expect(check({ ...rest, headers: upperCased })).toBe('AUTHENTIC')
  })

  it('are forged with a wrong secret, a changed body, or missing or changed headers', () => {
    expect(check(signed(OLDER))).toBe('FORGED')
    expect(check(signed(SECRET), null)).toBe('FORGED')
    expect(check({ ...signed(SECRET), body: Buffer.from(`${BODY} `) })).toBe('FORGED')
    for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) {
      const delivery = signed(SECRET)
      delete delivery.headers[name]
      expect(check(delivery), name).toBe('FORGED')
    }
    const otherId = signed(SECRET)
    otherId.headers['webhook-id'] = 'msg_example2'
    expect(check(otherId)).toBe('FORGED')
    const notNumeric = signed(SECRET)
    notNumeric.headers['webhook-timestamp'] += 'x'
    expect(check(notNumeric)).toBe('FORGED')
    const asymmetric = signed(SECRET)
    asymmetric.headers['webhook-signature'] = asymmetric.headers['webhook-signature']?.replace('v1,', 'v1a,') ?? ''
    expect(check(asymmetric)).toBe('FORGED')
  })

  it('are forged if stale or from the future', () => {
    expect(check(signed(SECRET, later(-299)))).toBe('AUTHENTIC')
    expect(check(signed(SECRET, later(-301)))).toBe('FORGED')
    expect(check(signed(SECRET, later(301)))).toBe('FORGED')
  })

  it('are forged if the body only decodes to the signed text', () => {
    const text = JSON.stringify({ type: 'rsvp.changed', data: { eventId: '\ufffd' } })
    const bytes = Buffer.from(text.replace('\ufffd', '\xff'), 'latin1')
    expect(check(signed(SECRET, NOW, text))).toBe('AUTHENTIC')
    expect(check({ ...signed(SECRET, NOW, text), body: bytes })).toBe('FORGED')
  })

  it.each(['whsec_c2hvcnQ=', 'whsec_not!base64!at!all!but!long!enough!!', `v1,${SECRET}`])(
    'parseWebhookSecrets rejects the secret %s without including it in the error',
    (secret) => {
      const parse = () => parseWebhookSecrets(secret)
      expect(parse).toThrow(/secret 1 must be whsec_/)
      expect(parse).not.toThrow(secret)
    },
  )

  it('are parsed as an event hint or an order hint; other types as NONE, invalid bodies as null', () => {
    const read = (body: unknown) => parseDelivery(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)))
    const withRsvp = (rsvp: unknown) => ({ type: 'rsvp.changed', data: { eventId: '309000111', rsvp } })
    expect(read(HINT)).toEqual([{ kind: 'EVENT', externalEventId: '309000111' }])
    expect(read(withRsvp(GOING))).toMatchObject([
      {
        kind: 'ORDER',
        orderId: '1900000001',
        externalEventId: '309000111',
        snapshot: { version: '2026-11-18T12:58:40.000Z', complete: true, tickets: [{ live: true }, { live: true }] },
      },
    ])
    expect(read({ type: 'member.joined', data: {} })).toMatchObject([{ kind: 'NONE' }])
    for (const body of ['', '{', 'null', '[]', {}, { type: 'rsvp.changed' }, { type: 'rsvp.changed', data: {} }]) {
      expect(read(body), JSON.stringify(body)).toBeNull()
    }
    expect(read(withRsvp({ ...GOING, guestsCount: 'two' }))).toBeNull()
    expect(read(withRsvp('1900000001'))).toBeNull()
  })
})
