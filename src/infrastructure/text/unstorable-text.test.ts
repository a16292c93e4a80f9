import { describe, expect, it } from 'vitest'
import { findTextFault } from './unstorable-text.js'

describe('findTextFault', () => {
  it('names the field by its dotted path', () => {
    expect(findTextFault({ a: 1, channels: [{ label: 'fine' }, { label: 'b\u0000d' }] })).toEqual({
      field: 'channels.1.label',
      message: 'must not contain NUL characters',
    })
    expect(findTextFault({ buyer: { name: '\ud83d' } })).toMatchObject({ field: 'buyer.name' })
    expect(findTextFault({ 'a\udc00': 1 })).toMatchObject({ field: 'body' })
  })

  it('judges what was meant, not how it was written', () => {
    expect(findTextFault(JSON.parse(String.raw`{"name":"C:\\u0000","face":"\ud83d\ude00"}`))).toBeNull()
    expect(findTextFault(JSON.parse(String.raw`{"name":"C:\u0000"}`))).toMatchObject({ field: 'name' })
  })

  it('ends on a value of any depth', () => {
    const deep: unknown = JSON.parse('{"a":'.repeat(50_000) + '1' + '}'.repeat(50_000))
    expect(findTextFault(deep)?.message).toContain('levels deep')
  })
})
