import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { BOUNDED } from './bounded-client.js'

describe('a connection error without another listener', () => {
  const broken = new Error('terminating connection due to administrator command')

  it('does not end the process', () => {
    const { Client } = BOUNDED
    if (!Client) throw new Error('no client')
    expect(new Client().emit('error', broken)).toBe(true)
  })

  it('would end the process without the listener of the bounded client', () => {
    expect(() => new pg.Client().emit('error', broken)).toThrow(broken)
  })
})
