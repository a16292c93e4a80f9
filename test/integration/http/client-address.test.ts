import { afterEach, describe, expect, it } from 'vitest'
import { startThingsApp, type ThingsApp } from '../../support/http/things-app.js'

let things: ThingsApp | undefined

afterEach(async () => {
  await things?.stop()
  things = undefined
})

/** The statuses of calls to a route that permits three a minute, one per header; `null`: without the header. */
async function statuses(proxies: string, ip: string, forwarded: readonly (string | null)[]): Promise<number[]> {
  things = await startThingsApp({ TRUSTED_PROXIES: proxies })
  const results = []
  for (const text of forwarded) {
    const headers: Record<string, string> = text === null ? {} : { 'x-forwarded-for': text }
    results.push((await things.service.call('GET', '/things/scarce', { ip, headers })).status)
  }
  return results
}

describe('The client of a request', () => {
  it('is the one that a trusted proxy reports', async () => {
    const clients = ['203.0.113.1', '203.0.113.1', '203.0.113.1', '203.0.113.1', '203.0.113.2']
    expect(await statuses('10.0.0.0/8', '10.1.1.1', clients)).toEqual([200, 200, 200, 429, 200])
  })

  it('is the last one before the trusted proxies, whatever a client wrote in front of it', async () => {
    const clients = [1, 2, 3, 4].map((n) => `198.51.100.${n}, 203.0.113.1, 10.2.2.2`)
    expect(await statuses('10.0.0.0/8', '10.1.1.1', clients)).toEqual([200, 200, 200, 429])
  })

  it('is the peer when its header is missing or contains no address', async () => {
    const clients = [null, 'unknown', 'x'.repeat(8_000), ' , ']
    expect(await statuses('10.0.0.0/8', '10.1.1.1', clients)).toEqual([200, 200, 200, 429])
  })

  it('is the peer when it is not trusted', async () => {
    const clients = [1, 2, 3, 4].map((n) => `203.0.113.${n}`)
    expect(await statuses('10.0.0.0/8', '192.0.2.1', clients)).toEqual([200, 200, 200, 429])
  })

  it('is found behind a number of proxies', async () => {
    const clients = [1, 2, 3, 4].map((n) => `198.51.100.${n}, 203.0.113.1, 192.0.2.${n}`)
    expect(await statuses('2', '10.1.1.1', clients)).toEqual([200, 200, 200, 429])
  })

  it('is a /64 of IPv6', async () => {
    const clients = ['2001:db8::1', '2001:db8::2', '2001:db8::ffff:1', '2001:db8::3', '2001:db8:0:1::1']
    expect(await statuses('::1', '::1', clients)).toEqual([200, 200, 200, 429, 200])
  })
})

describe('X-Forwarded-Proto', () => {
  it('is trusted like the address', async () => {
    things = await startThingsApp({ TRUSTED_PROXIES: '10.0.0.0/8' })
    const headers = { 'x-forwarded-proto': 'https' }
    const through = await things.service.call('GET', '/things', { ip: '10.1.1.1', headers })
    expect(through.headers['strict-transport-security']).toContain('max-age=')
    const past = await things.service.call('GET', '/things', { ip: '192.0.2.1', headers })
    expect(past.headers['strict-transport-security']).toBeUndefined()
  })
})

describe('GET /metrics', () => {
  const status = async (env: Record<string, string>, ip: string, headers: Record<string, string> = {}) => {
    things ??= await startThingsApp(env)
    return (await things.service.call('GET', '//metrics', { ip, headers })).status
  }

  it('is there for trusted proxies themselves, not for their clients', async () => {
    const env = { TRUSTED_PROXIES: '10.0.0.0/8' }
    expect(await status(env, '10.1.1.1')).toBe(200)
    expect(await status(env, '10.1.1.1', { 'x-forwarded-for': '203.0.113.1' })).toBe(404)
    expect(await status(env, '10.1.1.1', { 'x-forwarded-for': '127.0.0.1, 203.0.113.1' })).toBe(404)
    expect(await status(env, '203.0.113.1')).toBe(404)
  })

  it('is there for this machine only, behind a number of proxies', async () => {
    const env = { TRUSTED_PROXIES: '1' }
    expect(await status(env, '127.0.0.1')).toBe(200)
    expect(await status(env, '10.1.1.1')).toBe(404)
  })

  it('requires METRICS_TOKEN, from everywhere', async () => {
    const token = 'a-token-for-the-metrics'
    const env = { METRICS_TOKEN: token }
    expect(await status(env, '127.0.0.1')).toBe(401)
    expect(await status(env, '127.0.0.1', { authorization: 'Bearer another token' })).toBe(401)
    expect(await status(env, '203.0.113.1', { authorization: `Bearer ${token}` })).toBe(200)
  })
})
