import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { LumaAdapter } from '../luma-adapter.js'
import { lumaConfig } from '../config.js'
import { verifySignature } from './webhook-auth.js'

const SECRET = 'whsec_example_0123456789'
const BODY = Buffer.from('{"type":"guest.registered","data":{"id":"gst-EXAMPLE1"}}')
const STAMP = 1_767_225_600
const V1 = 'bd3be93b7f6bf8b8c2ddca492783e7a2dc8de4b1302330cb94fd84633abbb41b'
const at = (offsetS: number) => new Date((STAMP + offsetS) * 1_000)

const delivery = (signature: string, body: Buffer = BODY) => ({
  headers: { 'Webhook-Signature': signature, 'Webhook-Id': 'msg_1', 'Webhook-Timestamp': String(STAMP) },
  body,
  pathToken: null,
})
const standard = (key: Buffer | string) =>
  `v1,${createHmac('sha256', key).update(`msg_1.${STAMP}.`).update(BODY).digest('base64')}`

describe('verifySignature in Luma’s own style', () => {
  it('accepts the published test vector, keyed with the text of the secret', () => {
    expect(verifySignature(delivery(`t=${STAMP},v1=${V1}`), [SECRET], at(0))).toBe('luma')
  })

  it('accepts one of several signatures and several secrets during a rotation', () => {
    const signature = `t=${STAMP}, v1=${'0'.repeat(64)}, v1=${V1}`
    expect(verifySignature(delivery(signature), ['whsec_new', SECRET], at(0))).toBe('luma')
  })

  it('accepts a clock difference of up to 300 s', () => {
    for (const [offset, expected] of [
      [300, 'luma'],
      [-300, 'luma'],
      [301, null],
      [-301, null],
    ] as const) {
      expect(verifySignature(delivery(`t=${STAMP},v1=${V1}`), [SECRET], at(offset))).toBe(expected)
    }
  })

  it.each([
    ['another body', delivery(`t=${STAMP},v1=${V1}`, Buffer.from('{}'))],
    ['a changed signature', delivery(`t=${STAMP},v1=${V1.replace('b', 'c')}`)],
    ['a changed timestamp', delivery(`t=${STAMP + 1},v1=${V1}`)],
    ['no timestamp', delivery(`v1=${V1}`)],
    ['an empty header', delivery('')],
    ['an empty signature', delivery(`t=${STAMP},v1=`)],
    ['another version', delivery(`t=${STAMP},v0=${V1}`)],
    ['no headers', { headers: {}, body: BODY, pathToken: null }],
  ])('rejects a delivery with %s', (_name, forged) => {
    expect(verifySignature(forged, [SECRET], at(0))).toBeNull()
  })

  it('verifies bytes, not text', () => {
    const body = Buffer.from([0x7b, 0xff, 0x7d])
    const v1 = createHmac('sha256', SECRET).update(`${STAMP}.`).update(body).digest('hex')
    expect(verifySignature(delivery(`t=${STAMP},v1=${v1}`, body), [SECRET], at(0))).toBe('luma')
  })
})

describe('verifySignature in the Standard Webhooks style', () => {
  const key = Buffer.alloc(32, 7)
  const secret = `whsec_${key.toString('base64')}`

  it('accepts the decoded secret or its text as the key', () => {
    expect(verifySignature(delivery(standard(key)), [secret], at(0))).toBe('standard-webhooks')
    expect(verifySignature(delivery(standard(secret)), [secret], at(0))).toBe('standard-webhooks')
    expect(verifySignature(delivery(`v1,AAAA ${standard(SECRET)}`), [SECRET], at(0))).toBe('standard-webhooks')
  })

  it('uses the given time, not the system clock', () => {
    expect(verifySignature(delivery(standard(key)), [secret], at(301))).toBeNull()
  })

  it('does not derive a short key from a secret that is not base64', () => {
    expect(verifySignature(delivery(standard(Buffer.from('example_0123456789', 'base64'))), [SECRET], at(0))).toBeNull()
    expect(verifySignature(delivery(standard(Buffer.alloc(32, 8))), [secret], at(0))).toBeNull()
  })
})

describe('LumaAdapter.authenticate', () => {
  const parts = {
    now: () => at(0),
    sleep: () => Promise.reject(new Error('no wait expected')),
    http: {
      call: () => Promise.reject(new Error('no call expected')),
      throttled: () => Promise.reject(new Error('no call expected')),
      observe: () => Promise.reject(new Error('no call expected')),
    },
  }

  it('rejects every delivery while no secret is configured, and accepts a secret added later', () => {
    const adapter = new LumaAdapter({ config: {}, ...parts })
    expect(adapter.authenticate(delivery(`t=${STAMP},v1=${V1}`), at(0))).toBe('FORGED')
    adapter.acceptSecret(SECRET)
    expect(adapter.authenticate(delivery(`t=${STAMP},v1=${V1}`), at(0))).toBe('AUTHENTIC')
  })

  it('takes no large body for a ping, which anyone can send', () => {
    const adapter = new LumaAdapter({ config: { webhookSecrets: [SECRET] }, ...parts })
    const ping = (text: string) => Buffer.from(JSON.stringify({ type: 'ping', text }))
    expect(adapter.authenticate(delivery('', ping('x'.repeat(3_000))), at(0))).toBe('PING')
    expect(adapter.authenticate(delivery('', ping('x'.repeat(4_096))), at(0))).toBe('FORGED')
  })

  it('refuses a blank secret, which anyone could sign with', () => {
    expect(() => lumaConfig({ webhookSecrets: [SECRET, ' '] })).toThrow('blank')
    expect(() => new LumaAdapter({ config: {}, ...parts }).acceptSecret('')).toThrow('blank')
  })
})
