import { describe, expect, it } from 'vitest'
import { Concurrency } from './concurrency.js'

describe('Concurrency', () => {
  it('refuses a client with too many requests, with 429, and admits others', () => {
    const concurrency = new Concurrency({ total: 10, perClient: 2 })
    expect([concurrency.enter('a'), concurrency.enter('a')]).toEqual([null, null])
    expect(concurrency.enter('a')).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 1 })
    expect(concurrency.enter('b')).toBeNull()
    concurrency.leave('a')
    expect(concurrency.enter('a')).toBeNull()
  })

  it('refuses everybody at the total, with 503', () => {
    const concurrency = new Concurrency({ total: 2, perClient: 2 })
    concurrency.enter('a')
    concurrency.enter('b')
    expect(concurrency.enter('c')).toMatchObject({ code: 'UNAVAILABLE', retryAfterSeconds: 1 })
    concurrency.leave('b')
    expect(concurrency.enter('c')).toBeNull()
  })
})
