import { Body, Controller, Get, HttpCode, Module, Param, Post, Query, type DynamicModule } from '@nestjs/common'
import { Type } from 'class-transformer'
import { IsIn, IsInt, IsNumber, IsString, Max, Min, ValidateNested } from 'class-validator'
import { request as rawRequest } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AccountsModule } from '../../src/accounts/accounts.module.js'
import { HoldExpired, RateLimited, SoldOut } from '../../src/domain/errors.js'
import type { Config } from '../../src/infrastructure/config/config.js'
import { Public } from '../../src/infrastructure/http/access.js'
import { LimitByAddress } from '../../src/infrastructure/http/address-limit.js'
import { PageQuery } from '../../src/infrastructure/http/pagination.js'
import { Optional } from '../../src/infrastructure/http/optional.js'
import { InfrastructureModule } from '../../src/infrastructure/infrastructure.module.js'
import { correlationId } from '../../src/infrastructure/logging/correlation.js'
import { startTestApp, type TestApp } from '../support/app.js'
import { createTestDatabase, type TestDatabase } from '../support/database.js'
import { sharedRedis } from '../support/redis.js'

class Channel {
  @IsIn(['LUMA', 'MEETUP'])
  platform!: string

  @Optional()
  @IsNumber()
  @Min(0)
  weight?: number
}

class Thing {
  @IsInt()
  @Max(10)
  quantity!: number

  @Optional()
  @ValidateNested({ each: true })
  @Type(() => Channel)
  channels?: Channel[]

  @Optional()
  @IsString()
  note?: string
}

@Public()
@Controller('things')
class ThingsController {
  @Post()
  create(@Body() body: Thing): object {
    return { got: body, isThing: body instanceof Thing, correlationId: correlationId() }
  }

  @Get()
  list(@Query() query: PageQuery): object {
    return query
  }

  @Post(':id/pause')
  pause(@Param('id') id: string): object {
    return { characters: id.length }
  }

  @Get('sold-out')
  soldOut(): never {
    throw new SoldOut('No tickets are left.')
  }

  @Get('expired')
  expired(): never {
    throw new HoldExpired('The hold has expired.')
  }

  @Get('slow-down')
  slowDown(): never {
    throw new RateLimited('Slow down.', { retryAfterSeconds: 7.2 })
  }

  @Get('broken')
  broken(): never {
    throw new Error('the password of the database is hunter2')
  }

  @LimitByAddress(3)
  @Get('scarce')
  scarce(): object {
    return {}
  }
}

@Public()
@Controller('webhooks')
class HookController {
  @Post('luma')
  @HttpCode(202)
  receive(@Body() body: unknown): object {
    return { raw: Buffer.isBuffer(body) ? body.toString('utf8') : null, id: correlationId() }
  }
}

@Module({})
class RootModule {
  static of(config: Config): DynamicModule {
    return {
      module: RootModule,
      imports: [InfrastructureModule.of(config), AccountsModule],
      controllers: [ThingsController, HookController],
    }
  }
}

let database: TestDatabase
let service: TestApp

beforeAll(async () => {
  database = await createTestDatabase()
  service = await startTestApp({
    databaseUrl: database.url,
    redisUrl: await sharedRedis(),
    root: (config) => RootModule.of(config),
    listen: true,
  })
})

afterAll(async () => {
  await service?.close()
  await database?.drop()
})

/** Sends the body unchanged. */
async function send(
  path: string,
  body: string | Buffer,
  contentType?: string,
): Promise<{ status: number; body: string; type: string }> {
  const response = await fetch(`${service.url}${path}`, {
    method: 'POST',
    body,
    headers: contentType ? { 'content-type': contentType } : {},
  })
  return { status: response.status, body: await response.text(), type: response.headers.get('content-type') ?? '' }
}

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

describe('Request validation', () => {
  it('converts the body to an instance of the DTO', async () => {
    const { status, body } = await service.call('POST', '/things', {
      body: { quantity: 2, channels: [{ platform: 'LUMA' }] },
    })
    expect(status).toBe(201)
    expect(body).toMatchObject({ isThing: true, got: { quantity: 2, channels: [{ platform: 'LUMA' }] } })
  })

  it('reports every invalid and every unknown field by its path', async () => {
    const { status, body } = await service.call<{ code: string; errors: { field: string; message: string }[] }>(
      'POST',
      '/things',
      {
        body: {
          quantity: 11,
          channels: [
            { platform: 'LUMA', weight: -1 },
            { platform: 'X', extra: 1 },
          ],
          extra: { a: 1 },
        },
      },
    )
    expect(status).toBe(400)
    expect(body.code).toBe('VALIDATION_FAILED')
    expect(body.errors.map(({ field }) => field).toSorted()).toEqual([
      'channels.0.weight',
      'channels.1.extra',
      'channels.1.platform',
      'extra',
      'quantity',
    ])
    expect(body.errors.find(({ field }) => field === 'channels.0.weight')?.message).toBe(
      'channels.0.weight must not be less than 0',
    )
    expect(body.errors.find(({ field }) => field === 'extra')?.message).toBe('extra is not a known field')
  })

  it('reports the required fields of a missing body', async () => {
    const { status, body } = await service.call('POST', '/things')
    expect(status).toBe(400)
    expect(body).toMatchObject({ errors: [{ field: 'quantity' }] })
  })

  it.each([
    ['malformed JSON', '{"quantity":', 'application/json'],
    ['an array', '[]', 'application/json'],
    ['null', 'null', 'application/json'],
    ['a __proto__ key', '{"__proto__":{"x":1},"quantity":1}', 'application/json'],
    ['a NUL character', String.raw`{"quantity":1,"x":"\u0000"}`, 'application/json'],
    ['null for an optional field', '{"quantity":1,"channels":null}', 'application/json'],
  ])('returns 400 for %s', async (_name, body, type) => {
    const response = await send('/api/v1/things', body, type)
    expect(response.status).toBe(400)
    expect(response.type).toContain('application/problem+json')
    expect(JSON.parse(response.body)).toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ field: expect.any(String) }],
    })
  })

  it.each([
    [String.raw`C:\\u0000 and \\ud83d`, String.raw`C:\u0000 and \ud83d`],
    [String.raw`\ud83d\ude00`, '\u{1f600}'],
  ])('decodes the escaped text %s', async (escaped, text) => {
    const response = await send('/api/v1/things', `{"quantity":1,"note":"${escaped}"}`, 'application/json')
    expect([response.status, JSON.parse(response.body)]).toMatchObject([201, { got: { note: text } }])
  })

  it.each([
    ['U+0000', String.raw`{"quantity":1,"note":"a\u0000"}`, 'note'],
    ['a lone high surrogate', String.raw`{"quantity":1,"note":"\ud83d"}`, 'note'],
    [
      'a nested lone low surrogate',
      String.raw`{"quantity":1,"channels":[{"platform":"\ude00"}]}`,
      'channels.0.platform',
    ],
  ])('reports the field that contains %s', async (_name, body, field) => {
    const response = await send('/api/v1/things', body, 'application/json')
    expect([response.status, JSON.parse(response.body)]).toMatchObject([
      400,
      { code: 'VALIDATION_FAILED', errors: [{ field }] },
    ])
  })

  it.each([
    '/things?cursor=%00',
    '/things?cursor=%ED%A0%BD',
    '/things?%ED%A0%BD=1',
    '/things/%ED%A0%BD/pause',
    '/things/%00/pause',
  ])('never returns a 5xx for %s', async (path) => {
    const { status } = await service.call(path.endsWith('pause') ? 'POST' : 'GET', path)
    expect(status).toBeLessThan(500)
  })

  it('rejects fields where a route reads no body, and accepts a missing or an empty body', async () => {
    const pause = (body?: object) => service.call('POST', '/things/one/pause', body ? { body } : {})
    expect(await pause({ reason: 'x', why: 1 })).toMatchObject({
      status: 400,
      body: { code: 'VALIDATION_FAILED', errors: [{ field: 'reason' }, { field: 'why' }] },
    })
    expect((await pause()).status).toBe(201)
    expect((await pause({})).status).toBe(201)
  })

  it('accepts ids of any length in a path', async () => {
    const { status, body } = await service.call('POST', `/things/${'x'.repeat(5_000)}/pause`)
    expect({ status, body }).toEqual({ status: 201, body: { characters: 5_000 } })
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', undefined])(
    'returns 415 for the content type %s',
    async (type) => {
      const response = await send('/api/v1/things', Buffer.from('{"quantity":1}'), type)
      expect(response.status).toBe(415)
      expect(response.type).toContain('application/problem+json')
    },
  )

  it('accepts JSON with parameters and of a +json type', async () => {
    expect((await send('/api/v1/things', '{"quantity":1}', 'application/json; charset=utf-8')).status).toBe(201)
    expect((await send('/api/v1/things', '{"quantity":1}', 'application/vnd.api+json')).status).toBe(201)
  })

  it('returns 413 for more than 1 MiB, and accepts exactly 1 MiB', async () => {
    const room = 1024 * 1024 - '{"x":""}'.length
    const full = await send('/api/v1/things', `{"x":"${'y'.repeat(room)}"}`, 'application/json')
    expect(full.status).toBe(400)
    const over = await send('/api/v1/things', `{"x":"${'y'.repeat(room + 1)}"}`, 'application/json')
    expect(over.status).toBe(413)
    expect(JSON.parse(over.body)).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' })
  })

  it('returns 413 for more than 1 MiB of unknown length', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const url = new URL('/webhooks/luma', service.url)
      const call = rawRequest(url, { method: 'POST', headers: { 'transfer-encoding': 'chunked' } }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      call.on('error', reject)
      for (let n = 0; n < 17; n++) call.write(Buffer.alloc(64 * 1024, 120))
      call.end()
    })
    expect(status).toBe(413)
  })
})

describe('Webhook bodies', () => {
  it.each(['application/json', 'text/plain', 'application/x-www-form-urlencoded', undefined])(
    'arrive as raw bytes with the content type %s, well-formed or not',
    async (type) => {
      const response = await send('/webhooks/luma', Buffer.from('{"broken": é'), type)
      expect(response.status).toBe(202)
      expect(JSON.parse(response.body)).toMatchObject({ raw: '{"broken": é' })
    },
  )

  it('are limited to 1 MiB before anything else is checked', async () => {
    expect((await send('/webhooks/luma', Buffer.alloc(1024 * 1024 + 1), 'text/plain')).status).toBe(413)
  })
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
  it('is returned if the request has a valid one, also with a large body', async () => {
    const response = await fetch(`${service.url}/webhooks/luma`, {
      method: 'POST',
      body: 'x'.repeat(300_000),
      headers: { 'x-request-id': 'my-id-1' },
    })
    expect(response.headers.get('x-request-id')).toBe('my-id-1')
    expect(await response.json()).toMatchObject({ id: 'my-id-1' })
  })

  it('is generated if the request has no valid one, also for errors', async () => {
    const { headers } = await service.call('GET', '/nowhere', { headers: { 'x-request-id': 'bad id' } })
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
