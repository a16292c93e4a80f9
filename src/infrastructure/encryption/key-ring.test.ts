import { describe, expect, it } from 'vitest'
import { KeyRing, NotDecryptable } from './key-ring.js'

const [OLD, NEW] = ['the old key of this installation', 'the new key of this installation']

describe('The key ring', () => {
  it('decrypts what it encrypted, which does not contain the secret', () => {
    const ring = new KeyRing([OLD])
    const stored = ring.encrypt('connection con_1', 'töken-1234567890')
    expect(stored.toString('latin1')).not.toContain('1234567890')
    expect(ring.decrypt('connection con_1', stored)).toBe('töken-1234567890')
    expect(ring.encrypt('connection con_1', 'töken-1234567890').equals(stored)).toBe(false)
  })

  it('decrypts with earlier keys, encrypts with the newest, and knows which are not encrypted with it', () => {
    const stored = new KeyRing([OLD]).encrypt('a', 'secret')
    const rotated = new KeyRing([NEW, OLD])
    expect(rotated.decrypt('a', stored)).toBe('secret')
    expect(rotated.isNewest(stored)).toBe(false)
    const again = rotated.encrypt('a', 'secret')
    expect(rotated.isNewest(again)).toBe(true)
    expect(new KeyRing([NEW]).decrypt('a', again)).toBe('secret')
    expect(() => new KeyRing([NEW]).decrypt('a', stored)).toThrow(NotDecryptable)
  })

  it('refuses a value of something else, and one that was changed in any byte', () => {
    const ring = new KeyRing([OLD])
    const stored = ring.encrypt('connection con_1', 'secret')
    expect(() => ring.decrypt('connection con_2', stored)).toThrow(NotDecryptable)
    for (let at = 0; at < stored.length; at++) {
      const changed = Buffer.from(stored)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(() => ring.decrypt('connection con_1', changed), `byte ${at}`).toThrow(NotDecryptable)
    }
    for (const length of [0, 1, 7, 20, stored.length - 1]) {
      expect(() => ring.decrypt('connection con_1', stored.subarray(0, length))).toThrow(NotDecryptable)
    }
  })

  it('encrypts nothing without a key', () => {
    const none = new KeyRing([])
    expect(none.isUsable).toBe(false)
    expect(() => none.encrypt('a', 'secret')).toThrow('no key for stored secrets is configured')
    expect(none.isNewest(new KeyRing([OLD]).encrypt('a', 'secret'))).toBe(false)
  })
})
