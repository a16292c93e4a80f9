import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp } from '../../support/service/app.js'
import { startThingsApp, type ThingsApp } from '../../support/http/things-app.js'

let things: ThingsApp
let service: TestApp

beforeAll(async () => {
  things = await startThingsApp()
  service = things.service
})

afterAll(() => things?.stop())

const send: ThingsApp['send'] = (...request) => things.send(...request)

describe('Problem responses', () => {
  it('have every member, the content type and the path', async () => {
    const { status, headers, body } = await service.call('GET', '/things/sold-out?token=secret')
    expect(status).toBe(409)
    expect(headers['content-type']).toBe('application/problem+json; charset=utf-8')
    expect(body).toEqual({
      type: 'urn:trafficpolice:problem:sold-out',
      title: 'Sold out',
      status: 409,
      detail: 'No tickets are left.',
      code: 'SOLD_OUT',
      instance: '/api/v1/things/sold-out',
    })
  })

  it('have status 410 for an expired hold, and Retry-After in whole seconds', async () => {
    expect((await service.call('GET', '/things/expired')).body).toMatchObject({ status: 410, code: 'HOLD_EXPIRED' })
    const slow = await service.call('GET', '/things/slow-down')
    expect(slow.status).toBe(429)
    expect(slow.headers['retry-after']).toBe('8')
  })

  it('hide internal details', async () => {
    const { status, body } = await service.call('GET', '/things/broken')
    expect(status).toBe(500)
    expect(body['code']).toBe('INTERNAL_ERROR')
    expect(JSON.stringify(body)).not.toMatch(/hunter2|at .*\.ts/)
  })

  it.each([
    ['GET', '//nowhere'],
    ['GET', '/nowhere'],
    ['DELETE', '/things'],
    ['PUT', '//webhooks/luma'],
  ] as const)('have the code NOT_FOUND for %s %s', async (method, path) => {
    const { status, body, headers } = await service.call(method, path)
    expect(status).toBe(404)
    expect(headers['content-type']).toContain('application/problem+json')
    expect(body['code']).toBe('NOT_FOUND')
  })

  it('have the code NOT_FOUND for an unknown route, before its body is parsed', async () => {
    expect((await send('/api/v1/nowhere', '{"broken', 'application/json')).status).toBe(404)
    expect((await send('/webhooks/nowhere', 'x', 'text/plain')).status).toBe(404)
  })

  it('do not repeat the token of a webhook address', async () => {
    const { body } = await service.call('POST', '//webhooks/eventbrite/very-secret/more')
    expect(JSON.stringify(body)).not.toContain('very-secret')
  })

  it.each(['/%E0%A4%A', '/api/v1/things/%zz', '/api/v1/things?cursor=%00', '/api/v1/auth/sessions/a%00b'])(
    'have status 400 for the malformed path %s',
    async (path) => {
      const response = await fetch(service.url + path)
      expect(response.status).toBe(400)
      expect(response.headers.get('content-type')).toContain('application/problem+json')
      expect(response.headers.get('x-request-id')).toBeTruthy()
      expect(await response.json()).toMatchObject({ code: 'VALIDATION_FAILED', status: 400 })
    },
  )
})

describe('Pagination', () => {
  it('returns 20 rows by default and up to 100', async () => {
    expect((await service.call('GET', '/things')).body).toEqual({ limit: 20 })
    expect((await service.call('GET', '/things?limit=100')).body).toEqual({ limit: 100 })
  })

  it('ignores a parameter without a value', async () => {
    expect((await service.call('GET', '/things?limit=&cursor=')).body).toEqual({ limit: 20 })
  })

  it.each(['limit=0', 'limit=101', 'limit=many', 'limit=1.5', 'limit=1&limit=2'])('rejects ?%s', async (query) => {
    const { status, body } = await service.call('GET', `/things?${query}`)
    expect(status).toBe(400)
    expect(body).toMatchObject({ errors: [{ field: 'limit' }] })
  })
})

describe('The correlation id', () => {
  let behindProxy: ThingsApp

  beforeAll(async () => {
    behindProxy = await startThingsApp({ TRUSTED_PROXIES: '127.0.0.1' })
  })

  afterAll(() => behindProxy?.stop())

  it('is returned if the request of a trusted proxy has a valid one, also with a large body', async () => {
    const response = await fetch(`${behindProxy.service.url}/webhooks/luma`, {
      method: 'POST',
      body: 'x'.repeat(300_000),
      headers: { 'x-request-id': 'my-id-1' },
    })
    expect(response.headers.get('x-request-id')).toBe('my-id-1')
    expect(await response.json()).toMatchObject({ id: 'my-id-1' })
  })

  it('is generated for a caller that is no trusted proxy', async () => {
    const headers = { 'x-request-id': 'my-id-1', 'x-forwarded-for': '127.0.0.1' }
    for (const path of ['/things', '/nowhere', '/things/%zz']) {
      const past = await behindProxy.service.call('GET', path, { ip: '192.0.2.1', headers })
      const withoutProxy = await service.call('GET', path, { headers })
      for (const generated of [past, withoutProxy])
        expect(generated.headers['x-request-id'], path).toMatch(/^req_[0-9a-f]{32}$/)
    }
  })

  it('is generated if the request has no valid one, also for errors', async () => {
    const { headers } = await behindProxy.service.call('GET', '/nowhere', { headers: { 'x-request-id': 'bad id' } })
    expect(headers['x-request-id']).toMatch(/^req_[0-9a-f]{32}$/)
  })
})

describe('The rate limit by address', () => {
  it('counts requests per IP address', async () => {
    const from = (ip: string) => service.call('GET', '/things/scarce', { ip })
    for (let n = 0; n < 3; n++) expect((await from('10.0.0.1')).status).toBe(200)
    const refused = await from('10.0.0.1')
    expect(refused.status).toBe(429)
    expect(refused.body['code']).toBe('RATE_LIMITED')
    const seconds = Number(refused.headers['retry-after'])
    expect(seconds).toBeGreaterThan(55)
    expect(seconds).toBeLessThanOrEqual(60)
    expect((await from('10.0.0.2')).status).toBe(200)
  })

  it('ignores an address in a header', async () => {
    const from = (n: number) =>
      service.call('GET', '/things/scarce', { ip: '10.0.0.3', headers: { 'x-forwarded-for': `10.1.0.${n}` } })
    const statuses = []
    for (let n = 0; n < 4; n++) statuses.push((await from(n)).status)
    expect(statuses).toEqual([200, 200, 200, 429])
  })
})

describe('The HTTP server', () => {
  it('sends security headers that forbid inline scripts', async () => {
    const { headers } = await service.call('GET', '//health/live')
    const policy = String(headers['content-security-policy'])
    expect(policy).toContain("default-src 'self'")
    expect(policy).not.toContain('unsafe')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['strict-transport-security']).toBeUndefined()
  })

  it('documents the API with bearer authentication and problem responses', async () => {
    const { status, body } = await service.call<{
      paths: Record<string, Record<string, { responses: Record<string, unknown>; security?: unknown }>>
      components: { securitySchemes: unknown; schemas: Record<string, unknown> }
    }>('GET', '//docs-json')
    expect(status).toBe(200)
    expect(body.components.securitySchemes).toMatchObject({ bearer: { type: 'http', scheme: 'bearer' } })
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining([
        '/api/v1/auth/login',
        '/api/v1/auth/sessions/{id}',
        '/api/v1/operators',
        '/health/ready',
      ]),
    )
    expect(body.components.schemas).toHaveProperty('ProblemDto')
    expect(body.components.schemas).toHaveProperty('SessionDtoPage')
    expect(body.paths['/api/v1/auth/login']?.['post']?.responses).toHaveProperty('default')
  })

  it('serves the API documentation and its scripts under a policy that allows them', async () => {
    const page = await fetch(`${service.url}/docs`)
    expect(page.status).toBe(200)
    expect(page.headers.get('content-security-policy')).toContain("style-src 'self' 'unsafe-inline'")
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self';")
    const html = await page.text()
    const inline = [...html.matchAll(/<script\b([^>]*)>/g)].filter(([, attributes]) => !attributes?.includes('src='))
    expect(inline).toEqual([])
    const scripts = [...html.matchAll(/<script[^>]*src="([^"]+)"/g)].map(([, source = '']) => new URL(source, page.url))
    expect(scripts.length).toBeGreaterThan(0)
    for (const script of scripts) expect((await fetch(script)).status).toBe(200)
  })

  it('returns 200 for liveness and readiness', async () => {
    expect((await service.call('GET', '//health/live')).status).toBe(200)
    const ready = await service.call('GET', '//health/ready')
    expect(ready.status).toBe(200)
    expect(ready.body).toMatchObject({
      status: 'ok',
      details: { postgresql: { status: 'up' }, redis: { status: 'up' } },
    })
  })

  it('counts requests by route, not by path', async () => {
    await service.call('GET', '/nowhere/at/all/123')
    const { status, headers, body } = await service.call<string>('GET', '//metrics')
    expect(status).toBe(200)
    expect(headers['content-type']).toContain('text/plain; version=0.0.4')
    expect(body).toContain('process_resident_memory_bytes')
    expect(body).toMatch(
      /trafficpolice_http_request_seconds_count\{method="GET",route="\/api\/v1\/things\/sold-out",status="409"\} \d/,
    )
    expect(body).toMatch(/route="unmatched",status="404"/)
    expect(body).not.toContain('nowhere')
  })

  it('shows metrics to this machine only', async () => {
    expect((await service.call('GET', '//metrics', { ip: '10.0.0.9' })).status).toBe(404)
    expect((await service.call('GET', '//metrics', { headers: { 'x-forwarded-for': '127.0.0.1' } })).status).toBe(404)
    expect((await service.call('GET', '//metrics', { ip: '::1' })).status).toBe(200)
  })

  it('survives a client that disconnects during its request', async () => {
    const { port } = new URL(service.url)
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write('POST /webhooks/luma HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf')
        setTimeout(() => socket.destroy(), 50)
      })
      socket.on('close', () => resolve())
    })
    expect((await service.call('GET', '//health/live')).status).toBe(200)
  })
})
