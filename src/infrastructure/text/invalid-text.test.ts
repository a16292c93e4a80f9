import { describe, expect, it } from 'vitest'
import { findInvalidText } from './invalid-text.js'

describe('findInvalidText', () => {
  it('names the field by its dotted path', () => {
    expect(findInvalidText({ a: 1, channels: [{ label: 'fine' }, { label: 'b\u0000d' }] })).toEqual({
      field: 'channels.1.label',
      message: 'must not contain NUL characters',
    })
    expect(findInvalidText({ buyer: { name: '\ud83d' } })).toMatchObject({ field: 'buyer.name' })
    expect(findInvalidText({ 'a\udc00': 1 })).toMatchObject({ field: 'body' })
  })

  it('rejects control characters but line breaks and tabs', () => {
    expect(findInvalidText({ key: 'a\r\n\tb' })).toBeNull()
    for (const character of ['\u0001', '\u0008', '\u000b', '\u001b', '\u007f', '\u009b'])
      expect(findInvalidText({ name: `a${character}[31m` })).toEqual({
        field: 'name',
        message: 'must not contain control characters',
      })
  })

  it('checks decoded text, not JSON escape sequences', () => {
    expect(findInvalidText(JSON.parse(String.raw`{"name":"C:\\u0000","face":"\ud83d\ude00"}`))).toBeNull()
    expect(findInvalidText(JSON.parse(String.raw`{"name":"C:\u0000"}`))).toMatchObject({ field: 'name' })
  })

  it('rejects values that are nested too deeply', () => {
    const deep: unknown = JSON.parse('{"a":'.repeat(50_000) + '1' + '}'.repeat(50_000))
    expect(findInvalidText(deep)?.message).toContain('levels deep')
  })
})
