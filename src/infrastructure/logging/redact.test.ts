import { describe, expect, it } from 'vitest'
import { redact } from './redact.js'

describe('redact', () => {
  it('redacts secrets at any depth and in any spelling of their field', () => {
    const hidden = redact({
      password: 'p',
      headers: { Authorization: 'Bearer x', 'set-cookie': ['a'], 'webhook-signature': 'v1,x', 'x-luma-api-key': 'k' },
      deep: { list: [{ access_token: 't', client_secret: 's', privateKey: 'k', webhookToken: 'w' }] },
    })
    expect(JSON.stringify(hidden)).not.toMatch(/Bearer|"[apktsw]"|v1,x/)
    expect(hidden['deep']).toEqual({
      list: [
        {
          access_token: '[redacted]',
          client_secret: '[redacted]',
          privateKey: '[redacted]',
          webhookToken: '[redacted]',
        },
      ],
    })
  })

  it('redacts names and e-mail addresses of people, but not names of things', () => {
    expect(
      redact({
        name: 'Spring gala',
        queue: { name: 'protect' },
        buyer: { name: 'Jane', email: 'jane@example.com' },
        row: { name: 'Jane', email: 'j@e.c', id: 'usr_1' },
        buyerName: 'Jane',
      }),
    ).toEqual({
      name: 'Spring gala',
      queue: { name: 'protect' },
      buyer: { name: '[redacted]', email: '[redacted]' },
      row: { name: '[redacted]', email: '[redacted]', id: 'usr_1' },
      buyerName: '[redacted]',
    })
  })

  it('keeps null and harmless values and does not change its input', () => {
    const input = { email: null, quantity: 3, at: new Date(0), list: [1, 'two'] }
    expect(redact(input)).toEqual(input)
    const secret = { token: 't' }
    redact({ secret })
    expect(secret.token).toBe('t')
  })

  it('logs only name, message, stack, code and cause of an error', () => {
    const error = Object.assign(new Error('refused', { cause: new Error('deeper') }), {
      code: 'ERR_BAD',
      config: { headers: { authorization: 'Bearer secret' } },
    })
    const text = JSON.stringify(redact({ error }))
    expect(text).toContain('refused')
    expect(text).toContain('ERR_BAD')
    expect(text).toContain('deeper')
    expect(text).not.toContain('Bearer')
  })

  it('limits depth and list length', () => {
    const loop: Record<string, unknown> = {}
    loop['self'] = loop
    expect(JSON.stringify(redact(loop))).toContain('[deeper]')
    expect(redact({ list: Array.from({ length: 1000 }, () => 1) })['list']).toHaveLength(50)
  })
})
