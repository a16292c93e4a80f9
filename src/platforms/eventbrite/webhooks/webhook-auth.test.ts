import { describe, expect, it } from 'vitest'
import { authenticate } from './webhook-auth.js'

describe('authenticate', () => {
  const check = (pathToken: string | null, webhookToken: string | null) =>
    authenticate({ headers: {}, body: Buffer.from('{}'), pathToken }, webhookToken)

  it('accepts only the secret segment of the path', () => {
    expect(check('3f9c0example', '3f9c0example')).toBe('AUTHENTIC')
    expect(check('3f9c0examplE', '3f9c0example')).toBe('FORGED')
    expect(check('3f9c0', '3f9c0example')).toBe('FORGED')
    expect(check('', '3f9c0example')).toBe('FORGED')
    expect(check(null, '3f9c0example')).toBe('FORGED')
  })

  it('accepts neither the old segment after a rotation nor any without a configured secret', () => {
    expect(check('3f9c0example', 'rotated')).toBe('FORGED')
    expect(check('', '')).toBe('FORGED')
    expect(check('3f9c0example', null)).toBe('FORGED')
  })
})
