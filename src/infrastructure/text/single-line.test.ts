import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSingleLine, singleLine } from './single-line.js'
import { isWellFormed } from './well-formed.js'

const anyText = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) })

describe('singleLine', () => {
  it('replaces line breaks, control characters and characters that reorder text', () => {
    expect(singleLine('a\r\nb\u2028c\u001b[31m\u202ed\u0000\ud83d', 100)).toBe('a  b c [31m d\ufffd\ufffd')
    expect(singleLine('Zoë O’Neil 👩‍👧 名前', 100)).toBe('Zoë O’Neil 👩‍👧 名前')
  })

  it('limits the length, and divides no character', () => {
    expect(singleLine('x'.repeat(10_000), 200)).toHaveLength(200)
    expect(singleLine('ab👍', 3)).toBe('ab')
  })

  it('makes a well-formed line of any text, and is idempotent', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const line = singleLine(text, 20)
        expect(isSingleLine(line) && isWellFormed(line)).toBe(true)
        expect(line.length).toBeLessThanOrEqual(20)
        expect(singleLine(line, 20)).toBe(line)
      }),
    )
  })
})
