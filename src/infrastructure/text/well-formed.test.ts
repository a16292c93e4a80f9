import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isWellFormed, wellFormed } from './well-formed.js'

describe('wellFormed', () => {
  it('replaces U+0000 and lone surrogates only', () => {
    expect(wellFormed('a\u0000b \ud83d \ude00 \ud83d\ude00 é C:\\u0000')).toBe(
      'a\ufffdb \ufffd \ufffd \ud83d\ude00 é C:\\u0000',
    )
  })

  it('returns text that round-trips through UTF-8, and is idempotent', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
        (text) => {
          const stored = wellFormed(text)
          expect(isWellFormed(stored)).toBe(true)
          expect(Buffer.from(stored, 'utf8').toString('utf8')).toBe(stored)
          expect(stored).toHaveLength(text.length)
          expect(wellFormed(stored)).toBe(stored)
          expect(isWellFormed(text)).toBe(stored === text)
        },
      ),
    )
  })
})
