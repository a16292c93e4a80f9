import { request as rawRequest } from 'node:http'
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
