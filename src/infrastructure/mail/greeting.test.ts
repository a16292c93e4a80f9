import { describe, expect, it } from 'vitest'
import { greeting } from './greeting.js'

describe('greeting', () => {
  it('contains an ordinary name', () => {
    for (const name of ['Jane', 'J. R. R. Tolkien', 'J.R. Ewing', 'Zoë O’Neil-Smith', '名前 太郎', 'Dr. Strange'])
      expect(greeting(name)).toBe(`Hello ${name},`)
    expect(greeting(' Jane\n')).toBe('Hello Jane,')
  })

  it('contains no name that could become a link, or carry a message', () => {
    const links = [
      'https://evil.example',
      'evil.example',
      'Win at www.evil.example/now',
      'a@evil.example',
      'x: y',
      'evil。example',
    ]
    for (const name of [
      ...links,
      'x\n\nhttps://evil.example',
      'tel:1',
      'a\\b',
      'x'.repeat(101),
      '',
      null,
      '\u202e',
      'Jane\r\nYour account is blocked',
    ])
      expect(greeting(name)).toBe('Hello,')
  })
})
