import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { BOUNDED } from './bounded-client.js'

describe('a connection that breaks while nobody listens', () => {
  const broken = new Error('terminating connection due to administrator command')

  it('does not end the process', () => {
    const { Client } = BOUNDED
    if (!Client) throw new Error('no client')
    expect(new Client().emit('error', broken)).toBe(true)
  })

  it('would, without our listener', () => {
    expect(() => new pg.Client().emit('error', broken)).toThrow(broken)
  })
})
