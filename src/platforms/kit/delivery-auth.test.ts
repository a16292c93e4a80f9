import { describe, expect, it } from 'vitest'
import { isSameSecret } from '../../infrastructure/same-secret.js'
import { signedAt } from './delivery-auth.js'

const NOW = new Date('2026-11-18T12:00:00Z')
const secondsFromNow = (seconds: number) => String(NOW.getTime() / 1_000 + seconds)

describe('signedAt', () => {
  it('accepts a time up to 300 s from now, before or after', () => {
    expect(signedAt(secondsFromNow(-300), NOW)).toEqual(new Date(NOW.getTime() - 300_000))
    expect(signedAt(secondsFromNow(300), NOW)).not.toBeNull()
  })

  it.each([undefined, '', '1e9', '-5', secondsFromNow(-301), secondsFromNow(301)])('refuses %j', (seconds) => {
    expect(signedAt(seconds, NOW)).toBeNull()
  })
})

describe('isSameSecret', () => {
  it('compares secrets of any length', () => {
    expect(isSameSecret('secret', 'secret')).toBe(true)
    for (const given of ['Secret', 'secre', 'secrets', '']) expect(isSameSecret(given, 'secret')).toBe(false)
  })
})
