import { createServer as createTcpServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Budget } from '../throttle/limiter.js'
import { budget, INITIAL_BUDGET, json, listen, page, useHttpBench, type Behaviour } from './http-bench.test-support.js'

const bench = useHttpBench()

describe('AxiosPlatformHttp', () => {
  it('sends JSON and forms, and returns every response below 500', async () => {
    const http = bench.create()
    const response = await http.call(bench.write('/cap', { headers: { 'X-Luma-Api-Key': 'k' } }))
    expect(response).toMatchObject({ kind: 'RESPONSE', status: 200, json: { ok: true } })
    expect(response).toHaveProperty('headers.content-type', 'application/json; charset=utf-8')
    expect(bench.received[0]).toMatchObject({ method: 'POST', url: '/cap', body: '{"cap":5}' })
    expect(bench.received[0]?.headers).toMatchObject({ 'x-luma-api-key': 'k', 'content-type': 'application/json' })
    bench.behave = json(404, { error: 'NOT_FOUND' })
    const form = bench.write('/', { json: undefined, form: { a: '1 2', b: '&' }, weight: 0 })
    expect(await http.call(form)).toMatchObject({ kind: 'RESPONSE', status: 404, json: { error: 'NOT_FOUND' } })
    expect(bench.received[1]).toMatchObject({ body: 'a=1+2&b=%26' })
    expect(bench.received[1]?.headers).toHaveProperty('content-type', 'application/x-www-form-urlencoded')
    bench.behave = (_request, response) => response.writeHead(204).end()
    expect(await http.call(bench.read('/', { method: 'DELETE' }))).toMatchObject({
      kind: 'RESPONSE',
      status: 204,
      json: null,
    })
    expect(await bench.budgetLeft()).toBe(INITIAL_BUDGET - 2)
  })

  it.each<[string, Behaviour]>([
    ['an HTML 502', page(502)],
    ['a JSON 500', json(500, { error: 'X' })],
    ['an HTML page with 200', page(200)],
    ['an HTML page with 403', page(403)],
    ['invalid JSON', (_, response) => response.setHeader('content-type', 'application/json').end('{"a"')],
    ['a connection reset', (request) => request.socket.resetAndDestroy()],
    ['an incomplete response', (_, response) => response.writeHead(200, { 'content-length': '9' }).write('{')],
    ['no response', () => undefined],
  ])('charges %s and returns UNKNOWN for a write, UNAVAILABLE for a read', async (_name, behaviour) => {
    const http = bench.create()
    bench.behave = behaviour
    expect(await http.call(bench.write())).toMatchObject({ kind: 'UNKNOWN' })
    expect(await http.call(bench.read())).toMatchObject({ kind: 'UNAVAILABLE' })
    expect(bench.received).toHaveLength(2)
    expect(await bench.budgetLeft()).toBe(INITIAL_BUDGET - 2)
  })

  it.each([
    ['a redirect', 301],
    ['an HTML 429 of a proxy', 429],
    ['an HTML 401', 401],
  ])('returns %s as a response without a body, and does not follow it', async (_name, status) => {
    bench.behave = (_request, response) =>
      response.writeHead(status, { location: '/elsewhere', 'retry-after': '7', 'content-type': 'text/html' }).end('<a>')
    const response = await bench.create().call(bench.write())
    expect(response).toMatchObject({ kind: 'RESPONSE', status, json: null, headers: { 'retry-after': '7' } })
    expect(bench.received).toHaveLength(1)
  })

  it.each<[string, number, string | undefined, string, unknown]>([
    ['JSON without a content type', 200, undefined, '{"ok":true}', { ok: true }],
    ['JSON with a text content type', 404, 'text/plain; charset=utf-8', '{"message":"no"}', { message: 'no' }],
    ['a plain-text 404', 404, 'text/plain', 'Guest not found', null],
  ])('accepts %s as a response', async (_name, status, type, body, parsed) => {
    bench.behave = (_request, response) => response.writeHead(status, type ? { 'content-type': type } : {}).end(body)
    expect(await bench.create().call(bench.write())).toMatchObject({ kind: 'RESPONSE', status, json: parsed })
  })

  it('does not accept plain text with 200 as a response', async () => {
    bench.behave = (_request, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('all is well')
    expect(await bench.create().call(bench.read())).toMatchObject({ kind: 'UNAVAILABLE' })
  })

  it('retries and charges reads on a server that silently closes each connection; writes are not affected', async () => {
    const http = bench.create()
    bench.behave = (request, response) => {
      response.on('finish', () => setImmediate(() => request.socket.destroy()))
      json(200, { ok: true })(request, response, '')
    }
    const results = []
    for (let i = 0; i < 8; i++) results.push(await http.call(i % 2 === 0 ? bench.read() : bench.write()))
    expect(results.map(({ kind }) => kind)).toEqual(Array(8).fill('RESPONSE'))
    expect(await bench.budgetLeft()).toBeLessThanOrEqual(INITIAL_BUDGET - 8)
  })

  it('retries a read once when its keep-alive connection is reset, and never a write', async () => {
    const http = bench.create()
    await http.call(bench.read())
    let resets = 0
    bench.behave = (request, response) => {
      if (resets++ === 0) request.socket.destroy()
      else json(200, { again: true })(request, response, '')
    }
    expect(await http.call(bench.read())).toMatchObject({ kind: 'RESPONSE', json: { again: true } })
    expect(bench.received).toHaveLength(3)
    bench.behave = (request) => request.socket.destroy()
    expect(await http.call(bench.write())).toMatchObject({ kind: 'UNKNOWN' })
    expect(bench.received).toHaveLength(4)
    expect(await bench.budgetLeft()).toBe(INITIAL_BUDGET - 4)
  })

  it('stops reading a body that is too large, also when it is compressed', async () => {
    const http = bench.create({ timeouts: { callMs: 5_000 } })
    const large = Buffer.from(JSON.stringify('x'.repeat(6_000_000)))
    bench.behave = (_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(large)
    expect(await http.call(bench.read())).toMatchObject({
      kind: 'UNAVAILABLE',
      reason: expect.stringContaining('maxContent'),
    })
    bench.behave = (_request, response) =>
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
        .end(gzipSync(Buffer.from(JSON.stringify('x'.repeat(60_000_000)))))
    expect(await http.call(bench.write())).toMatchObject({
      kind: 'UNKNOWN',
      reason: expect.stringContaining('maxContent'),
    })
  })

  it('detects that not a byte was sent, and refunds the budget', async () => {
    const http = bench.create()
    const closed = createTcpServer()
    const refusing = await listen(closed)
    await new Promise((resolve) => closed.close(resolve))
    const silent = createTcpServer()
    const stalled = (await listen(silent)).replace('http:', 'https:')
    onTestFinished(() => void silent.close())

    const refused = { kind: 'NOT_SENT', reason: expect.stringContaining('ECONNREFUSED') }
    expect(await http.call(bench.write(refusing))).toMatchObject(refused)
    expect(await http.call(bench.write('http://no-such-host.invalid/'))).toMatchObject({ kind: 'NOT_SENT' })
    const start = performance.now()
    const slow = { kind: 'NOT_SENT', reason: expect.stringContaining('no connection within 300 ms') }
    expect(await http.call(bench.write(stalled))).toMatchObject(slow)
    expect(performance.now() - start).toBeLessThan(390)
    expect(await http.call(bench.read(refusing))).toMatchObject({ kind: 'UNAVAILABLE' })
    expect(await bench.budgetLeft()).toBe(INITIAL_BUDGET)
  })

  it('neither sends nor charges a fenced write, and does not count it in the circuit breaker', async () => {
    const http = bench.create()
    const outdated = { beforeSend: () => Promise.resolve(false) }
    const broken = { beforeSend: () => Promise.reject(new Error('the database is unavailable')) }
    for (let call = 0; call < 10; call++) {
      expect(await http.call(bench.write('/', { fence: outdated }))).toMatchObject({ kind: 'NOT_SENT' })
      expect(await http.call(bench.write('/', { fence: broken }))).toMatchObject({ kind: 'NOT_SENT' })
    }
    expect(bench.received).toHaveLength(0)
    expect(http.breakerState()).toBe('CLOSED')
    const current = { beforeSend: () => Promise.resolve(true) }
    expect(await http.call(bench.write('/', { fence: current }))).toMatchObject({ kind: 'RESPONSE' })
    expect(await http.call(bench.read('/', { fence: outdated }))).toMatchObject({ kind: 'RESPONSE' })
    expect(await bench.budgetLeft()).toBe(INITIAL_BUDGET - 2)
  })

  it('reports the response of a write to its fence, and nothing else', async () => {
    const http = bench.create()
    let responses = 0
    const fence = { beforeSend: () => Promise.resolve(true), responded: () => void responses++ }
    bench.behave = json(400, { error: 'X' })
    await http.call(bench.write('/', { fence }))
    expect(responses).toBe(1)
    await http.call(bench.read('/', { fence }))
    bench.behave = () => undefined
    expect(await http.call(bench.write('/', { fence }))).toMatchObject({ kind: 'UNKNOWN' })
    expect(responses).toBe(1)
  })

  it('sends no write later than the time of one call after its fence', async () => {
    let suspendedMs = 0
    const now = () => new Date(Date.now() + suspendedMs)
    const http = bench.create({ clock: { now, monotonicMs: () => now().getTime() } })
    const stamped = { beforeSend: () => Promise.resolve((suspendedMs += 60_000) > 0) }
    expect(await http.call(bench.write('/', { fence: stamped }))).toMatchObject({ kind: 'NOT_SENT' })
    expect(bench.received).toHaveLength(0)
  })

  it('uses no proxy, even when the environment configures one', async () => {
    const before = { ...process.env }
    onTestFinished(() => void (process.env = before))
    Object.assign(process.env, { HTTP_PROXY: 'http://127.0.0.1:9', http_proxy: 'http://127.0.0.1:9', NO_PROXY: '' })
    expect(await bench.create().call(bench.read())).toMatchObject({ kind: 'RESPONSE' })
  })

  it('sends nothing without budget', async () => {
    const http = bench.create()
    const start = Date.now()
    const refused = await http.call(bench.write('/', { lane: 'grow' }))
    expect(refused.kind).toBe('THROTTLED')
    if (refused.kind === 'THROTTLED') expect(refused.resumeAt.getTime()).toBeGreaterThanOrEqual(start + 5_000)
    const tooHeavy = { kind: 'NOT_SENT', reason: 'no budget: a call of weight 241 is above the burst of 240' }
    expect(await http.call(bench.write('/', { weight: 241 }))).toEqual(tooHeavy)
    expect(bench.received).toEqual([])
    expect(bench.observations).toMatchObject([{ throttled: true, statusClass: 'none', outcome: 'THROTTLED' }, {}])
  })

  it('lets a later step of an operation wait for budget in place, until the process stops', async () => {
    const quick: Budget = { bucket: 'quick', limit: 200, windowSeconds: 2, reserve: 0.2, burst: 10 }
    const http = bench.create({ budget: quick })
    while ((await bench.limiter.acquire(quick, 5, 'protect')).granted);
    expect((await http.call(bench.read('/', { weight: 5 }))).kind).toBe('THROTTLED')
    expect((await http.call(bench.read('/', { weight: 5, waits: true }))).kind).toBe('RESPONSE')
    while ((await bench.limiter.acquire(budget, 1, 'protect')).granted);
    const slow = bench.create()
    const waiting = slow.call(bench.read('/', { weight: 0.05, waits: true }))
    await sleep(50)
    slow.endWaits()
    expect((await waiting).kind).toBe('THROTTLED')
    // What is in progress can still be completed where it needs no wait.
    expect((await slow.call(bench.read('/', { weight: 0 }))).kind).toBe('RESPONSE')
  })

  it('blocks all calls until shortly after the end of a throttling', async () => {
    const http = bench.create({ random: () => 0.5 })
    const until = new Date(Date.now() + 20_000)
    expect(await http.throttled(until)).toEqual({ kind: 'THROTTLED', resumeAt: new Date(until.getTime() + 2_000) })
    const refused = await http.call(bench.write())
    expect(refused.kind).toBe('THROTTLED')
    if (refused.kind === 'THROTTLED') expect(refused.resumeAt.getTime()).toBeGreaterThan(until.getTime() + 1_900)
    await http.observe({ used: 1, limit: 800, resetInMs: 1_000 })
  })

  it('logs and measures every call without secrets', async () => {
    const http = bench.create()
    await http.call(bench.read('/a?token=top-secret'))
    bench.behave = page(502)
    await http.call(bench.write('/b?access_token=top-secret'))
    expect(bench.logs).toHaveLength(2)
    expect(bench.logs.join()).not.toContain('top-secret')
    expect(bench.logs[0]).toMatch(/^debug .*"operation":"read_channel".*token=\[redacted\].*"status":200/)
    expect(bench.logs[1]).toMatch(/^warn .*"status":502.*"outcome":"UNKNOWN".*"reason":"HTTP 502"/)
    expect(bench.observations).toMatchObject([
      { operation: 'read_channel', statusClass: '2xx', throttled: false, outcome: 'RESPONSE' },
      { operation: 'write_cap', statusClass: '5xx', throttled: false, outcome: 'UNKNOWN' },
    ])
    expect(bench.observations[0]?.seconds).toBeGreaterThan(0)
  })
})
