import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { textLines } from './text-lines.js'

const upTo = (length: number) => (line: string) => [...line].length <= length

describe('Lines of a text', () => {
  it.each([
    ['a b', 5, ['a b']],
    ['aaa bbb', 5, ['aaa', 'bbb']],
    ['aaa bbb', 3, ['aaa', 'bbb']],
    ['aa bb cc', 5, ['aa bb', 'cc']],
    ['aaaaaaa b', 4, ['aaaa', 'aaa…']],
    ['aaa bbb ccc', 4, ['aaa', 'bbb…']],
    ['  ', 4, []],
    ['😀😀😀', 2, ['😀😀', '😀']],
  ])('%j in lines of %i', (text, length, lines) => {
    expect(textLines(text, 2, upTo(length))).toEqual(lines)
  })

  it('fit, are not too many, and leave out nothing but spaces unless the text is cut', () => {
    const anyText = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '名', '😀'), maxLength: 40 })
    fc.assert(
      fc.property(anyText, fc.integer({ min: 2, max: 9 }), fc.integer({ min: 1, max: 6 }), (text, length, maxLines) => {
        const lines = textLines(text, maxLines, upTo(length))
        expect(lines.length).toBeLessThanOrEqual(maxLines)
        for (const line of lines) expect(upTo(length)(line)).toBe(true)
        const isCut = lines.at(-1)?.endsWith('…')
        if (!isCut) expect(lines.join('').replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''))
        else expect(lines).toHaveLength(maxLines)
      }),
    )
  })
})
