import { lookup } from 'node:dns/promises'
import { describe, expect, it } from 'vitest'
import { hashPassword, matchesPassword } from '../../../src/accounts/passwords.js'

describe('Hashing of passwords', () => {
  it('does not delay the resolution of host names', async () => {
    const hash = await hashPassword('a good password')
    const logins = Array.from({ length: 100 }, () => matchesPassword(hash, 'another password'))
    const startedAt = performance.now()
    await lookup('localhost')
    const lookupMs = performance.now() - startedAt
    await Promise.all(logins)
    const allMs = performance.now() - startedAt
    expect(lookupMs).toBeLessThan(allMs / 4)
  })

  it('refuses more than it can do in some seconds, and works afterwards', async () => {
    const hash = await hashPassword('a good password')
    const results = await Promise.allSettled(
      Array.from({ length: 221 }, () => matchesPassword(hash, 'a good password')),
    )
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
    expect(refused).toHaveLength(20)
    expect(refused[0]).toMatchObject({ code: 'UNAVAILABLE', retryAfterSeconds: 2 })
    expect(await matchesPassword(hash, 'a good password')).toBe(true)
    expect(await matchesPassword(hash, 'another password')).toBe(false)
  })

  it('serves a new client before many others that wait', async () => {
    const hash = await hashPassword('a good password')
    const order: string[] = []
    const login = async (client: string) => {
      await matchesPassword(hash, 'a good password', client)
      order.push(client)
    }
    const flood = Array.from({ length: 50 }, (_, n) => login(`198.51.100.${n % 10}`))
    await login('203.0.113.1')
    expect(order.length).toBeLessThan(15)
    await Promise.all(flood)
  })

  it('fails for one hash that cannot be read, without affecting others', async () => {
    await expect(matchesPassword('-', 'a good password')).rejects.toThrow()
    expect(await matchesPassword(undefined, 'a good password')).toBe(false)
  })
})
