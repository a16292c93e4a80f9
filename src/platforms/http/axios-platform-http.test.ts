import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { SystemClock, SystemTimers } from '../../infrastructure/time/system-time.js'
import type { Budget } from '../throttle/limiter.js'
import { LocalLimiter } from '../throttle/local-limiter.js'
import { AxiosPlatformHttp, type CallObservation, type PlatformHttpParts } from './axios-platform-http.js'
import type { PlatformRequest } from './platform-http.js'

/** With this budget a single process may spend 40 units at once, and hardly more for the duration of a test. */
const budget: Budget = { bucket: 'test', limit: 800, windowSeconds: 86_400, reserve: 0.2, burst: 240 }
const INITIAL_BUDGET = 40
const clock = new SystemClock()

type Behaviour = (request: IncomingMessage, response: ServerResponse, body: string) => void
const json =
  (status: number, body: unknown): Behaviour =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body))
const page =
  (status: number): Behaviour =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'text/html' }).end('<html>')

describe('AxiosPlatformHttp', () => {
  let server: Server
  let url: string
  let behave: Behaviour
  let received: {
    method: string | undefined
    url: string | undefined
    headers: IncomingMessage['headers']
    body: string
  }[]
  let logs: string[]
  let observations: CallObservation[]
  let limiter: LocalLimiter
  const opened: AxiosPlatformHttp[] = []

  beforeEach(async () => {
    received = []
    logs = []
    observations = []
    limiter = new LocalLimiter({ clock, instances: 1 })
    behave = json(200, { ok: true })
    server = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        received.push({ method: request.method, url: request.url, headers: request.headers, body })
        behave(request, response, body)
      })
    })
    url = await listen(server)
  })

  afterEach(async () => {
    for (const http of opened.splice(0)) http.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  async function listen(it: Server | TcpServer): Promise<string> {
    await new Promise<void>((resolve) => it.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(it.address() as AddressInfo).port}`
  }

  function create(parts: Partial<PlatformHttpParts> = {}): AxiosPlatformHttp {
    const http = new AxiosPlatformHttp({
      platform: 'LUMA',
      budget,
      limiter,
      clock,
      timers: new SystemTimers(),
      random: Math.random,
      log: (level, message, details) => logs.push(`${level} ${message} ${JSON.stringify(details)}`),
      observe: (call) => observations.push(call),
      timeouts: { connectMs: 300, callMs: 400, breakerResetMs: 60_000 },
      ...parts,
    })
    opened.push(http)
    return http
  }

  const read = (path = '/', more: Partial<PlatformRequest> = {}): PlatformRequest => ({
    method: 'GET',
    url: path.startsWith('http') ? path : url + path,
    headers: { authorization: 'Bearer top-secret' },
    kind: 'read',
    weight: 1,
    lane: 'protect',
    operation: 'read_channel',
    ...more,
  })
  const write = (path = '/', more: Partial<PlatformRequest> = {}) =>
    read(path, { method: 'POST', kind: 'write', operation: 'write_cap', json: { cap: 5 }, ...more })

  async function budgetLeft(): Promise<number> {
    for (let granted = 0; ; granted++) if (!(await limiter.acquire(budget, 1, 'protect')).granted) return granted
  }

  it('sends JSON and forms, and returns every response below 500', async () => {
    const http = create()
    const response = await http.call(write('/cap', { headers: { 'X-Luma-Api-Key': 'k' } }))
    expect(response).toMatchObject({ kind: 'RESPONSE', status: 200, json: { ok: true } })
    expect(response).toHaveProperty('headers.content-type', 'application/json; charset=utf-8')
    expect(received[0]).toMatchObject({ method: 'POST', url: '/cap', body: '{"cap":5}' })
    expect(received[0]?.headers).toMatchObject({ 'x-luma-api-key': 'k', 'content-type': 'application/json' })
    behave = json(404, { error: 'NOT_FOUND' })
    const form = write('/', { json: undefined, form: { a: '1 2', b: '&' }, weight: 0 })
    expect(await http.call(form)).toMatchObject({ kind: 'RESPONSE', status: 404, json: { error: 'NOT_FOUND' } })
    expect(received[1]).toMatchObject({ body: 'a=1+2&b=%26' })
    expect(received[1]?.headers).toHaveProperty('content-type', 'application/x-www-form-urlencoded')
    behave = (_request, response) => response.writeHead(204).end()
    expect(await http.call(read('/', { method: 'DELETE' }))).toMatchObject({
      kind: 'RESPONSE',
      status: 204,
      json: null,
    })
    expect(await budgetLeft()).toBe(INITIAL_BUDGET - 2)
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
    const http = create()
    behave = behaviour
    expect(await http.call(write())).toMatchObject({ kind: 'UNKNOWN' })
    expect(await http.call(read())).toMatchObject({ kind: 'UNAVAILABLE' })
    expect(received).toHaveLength(2)
    expect(await budgetLeft()).toBe(INITIAL_BUDGET - 2)
  })

  it.each([
    ['a redirect', 301],
    ['an HTML 429 of a proxy', 429],
    ['an HTML 401', 401],
  ])('returns %s as a response without a body, and does not follow it', async (_name, status) => {
    behave = (_request, response) =>
      response.writeHead(status, { location: '/elsewhere', 'retry-after': '7', 'content-type': 'text/html' }).end('<a>')
    const response = await create().call(write())
    expect(response).toMatchObject({ kind: 'RESPONSE', status, json: null, headers: { 'retry-after': '7' } })
    expect(received).toHaveLength(1)
  })

  it.each<[string, number, string | undefined, string, unknown]>([
    ['JSON without a content type', 200, undefined, '{"ok":true}', { ok: true }],
    ['JSON with a text content type', 404, 'text/plain; charset=utf-8', '{"message":"no"}', { message: 'no' }],
    ['a plain-text 404', 404, 'text/plain', 'Guest not found', null],
  ])('accepts %s as a response', async (_name, status, type, body, parsed) => {
    behave = (_request, response) => response.writeHead(status, type ? { 'content-type': type } : {}).end(body)
    expect(await create().call(write())).toMatchObject({ kind: 'RESPONSE', status, json: parsed })
  })

  it('does not accept plain text with 200 as a response', async () => {
    behave = (_request, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('all is well')
    expect(await create().call(read())).toMatchObject({ kind: 'UNAVAILABLE' })
  })

  it('retries and charges reads on a server that silently closes each connection; writes are not affected', async () => {
    const http = create()
    behave = (request, response) => {
      response.on('finish', () => setImmediate(() => request.socket.destroy()))
      json(200, { ok: true })(request, response, '')
    }
    const results = []
    for (let i = 0; i < 8; i++) results.push(await http.call(i % 2 === 0 ? read() : write()))
    expect(results.map(({ kind }) => kind)).toEqual(Array(8).fill('RESPONSE'))
    expect(await budgetLeft()).toBeLessThanOrEqual(INITIAL_BUDGET - 8)
  })

  it('retries a read once when its keep-alive connection is reset, and never a write', async () => {
    const http = create()
    await http.call(read())
    let resets = 0
    behave = (request, response) => {
      if (resets++ === 0) request.socket.destroy()
      else json(200, { again: true })(request, response, '')
    }
    expect(await http.call(read())).toMatchObject({ kind: 'RESPONSE', json: { again: true } })
    expect(received).toHaveLength(3)
    behave = (request) => request.socket.destroy()
    expect(await http.call(write())).toMatchObject({ kind: 'UNKNOWN' })
    expect(received).toHaveLength(4)
    expect(await budgetLeft()).toBe(INITIAL_BUDGET - 4)
  })

  it('stops reading a body that is too large, also when it is compressed', async () => {
    const http = create({ timeouts: { callMs: 5_000 } })
    const large = Buffer.from(JSON.stringify('x'.repeat(6_000_000)))
    behave = (_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(large)
    expect(await http.call(read())).toMatchObject({
      kind: 'UNAVAILABLE',
      reason: expect.stringContaining('maxContent'),
    })
    behave = (_request, response) =>
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
        .end(gzipSync(Buffer.from(JSON.stringify('x'.repeat(60_000_000)))))
    expect(await http.call(write())).toMatchObject({ kind: 'UNKNOWN', reason: expect.stringContaining('maxContent') })
  })

  it('detects that not a byte was sent, and refunds the budget', async () => {
    const http = create()
    const closed = createTcpServer()
    const refusing = await listen(closed)
    await new Promise((resolve) => closed.close(resolve))
    const silent = createTcpServer()
    const stalled = (await listen(silent)).replace('http:', 'https:')
    onTestFinished(() => void silent.close())

    const refused = { kind: 'NOT_SENT', reason: expect.stringContaining('ECONNREFUSED') }
    expect(await http.call(write(refusing))).toMatchObject(refused)
    expect(await http.call(write('http://no-such-host.invalid/'))).toMatchObject({ kind: 'NOT_SENT' })
    const start = performance.now()
    const slow = { kind: 'NOT_SENT', reason: expect.stringContaining('no connection within 300 ms') }
    expect(await http.call(write(stalled))).toMatchObject(slow)
    expect(performance.now() - start).toBeLessThan(390)
    expect(await http.call(read(refusing))).toMatchObject({ kind: 'UNAVAILABLE' })
    expect(await budgetLeft()).toBe(INITIAL_BUDGET)
  })

  it('neither sends nor charges a fenced write, and does not count it in the circuit breaker', async () => {
    const http = create()
    const outdated = { beforeSend: () => Promise.resolve(false) }
    const broken = { beforeSend: () => Promise.reject(new Error('the database is unavailable')) }
    for (let call = 0; call < 10; call++) {
      expect(await http.call(write('/', { fence: outdated }))).toMatchObject({ kind: 'NOT_SENT' })
      expect(await http.call(write('/', { fence: broken }))).toMatchObject({ kind: 'NOT_SENT' })
    }
    expect(received).toHaveLength(0)
    expect(http.breakerState()).toBe('CLOSED')
    const current = { beforeSend: () => Promise.resolve(true) }
    expect(await http.call(write('/', { fence: current }))).toMatchObject({ kind: 'RESPONSE' })
    expect(await http.call(read('/', { fence: outdated }))).toMatchObject({ kind: 'RESPONSE' })
    expect(await budgetLeft()).toBe(INITIAL_BUDGET - 2)
  })

  it('uses no proxy, even when the environment configures one', async () => {
    const before = { ...process.env }
    onTestFinished(() => void (process.env = before))
    Object.assign(process.env, { HTTP_PROXY: 'http://127.0.0.1:9', http_proxy: 'http://127.0.0.1:9', NO_PROXY: '' })
    expect(await create().call(read())).toMatchObject({ kind: 'RESPONSE' })
  })

  it('sends nothing without budget', async () => {
    const http = create()
    const start = Date.now()
    const refused = await http.call(write('/', { lane: 'grow' }))
    expect(refused.kind).toBe('THROTTLED')
    if (refused.kind === 'THROTTLED') expect(refused.resumeAt.getTime()).toBeGreaterThanOrEqual(start + 5_000)
    const tooHeavy = { kind: 'NOT_SENT', reason: 'no budget: a call of weight 241 is above the burst of 240' }
    expect(await http.call(write('/', { weight: 241 }))).toEqual(tooHeavy)
    expect(received).toEqual([])
    expect(observations).toMatchObject([{ throttled: true, statusClass: 'none', outcome: 'THROTTLED' }, {}])
  })

  it('lets a later step of an operation wait for budget in place, until the client is closed', async () => {
    const quick: Budget = { bucket: 'quick', limit: 200, windowSeconds: 2, reserve: 0.2, burst: 10 }
    const http = create({ budget: quick })
    while ((await limiter.acquire(quick, 5, 'protect')).granted);
    expect((await http.call(read('/', { weight: 5 }))).kind).toBe('THROTTLED')
    expect((await http.call(read('/', { weight: 5, continues: true }))).kind).toBe('RESPONSE')
    while ((await limiter.acquire(budget, 1, 'protect')).granted);
    const slow = create()
    const waiting = slow.call(read('/', { weight: 0.05, continues: true }))
    await sleep(50)
    slow.close()
    expect((await waiting).kind).not.toBe('RESPONSE')
  })

  it('blocks all calls until shortly after the end of a throttling', async () => {
    const http = create({ random: () => 0.5 })
    const until = new Date(Date.now() + 20_000)
    expect(await http.throttled(until)).toEqual({ kind: 'THROTTLED', resumeAt: new Date(until.getTime() + 2_000) })
    const refused = await http.call(write())
    expect(refused.kind).toBe('THROTTLED')
    if (refused.kind === 'THROTTLED') expect(refused.resumeAt.getTime()).toBeGreaterThan(until.getTime() + 1_900)
    await http.observe({ used: 1, limit: 800, resetInMs: 1_000 })
  })

  it('logs and measures every call without secrets', async () => {
    const http = create()
    await http.call(read('/a?token=top-secret'))
    behave = page(502)
    await http.call(write('/b?access_token=top-secret'))
    expect(logs).toHaveLength(2)
    expect(logs.join()).not.toContain('top-secret')
    expect(logs[0]).toMatch(/^debug .*"operation":"read_channel".*token=\[redacted\].*"status":200/)
    expect(logs[1]).toMatch(/^warn .*"status":502.*"outcome":"UNKNOWN".*"reason":"HTTP 502"/)
    expect(observations).toMatchObject([
      { operation: 'read_channel', statusClass: '2xx', throttled: false, outcome: 'RESPONSE' },
      { operation: 'write_cap', statusClass: '5xx', throttled: false, outcome: 'UNKNOWN' },
    ])
    expect(observations[0]?.seconds).toBeGreaterThan(0)
  })

  describe('circuit breaker', () => {
    const idle = { weight: 0, lane: 'bulk' as const }

    async function open(http: AxiosPlatformHttp): Promise<void> {
      behave = page(502)
      for (let i = 0; i < 5; i++) await http.call(read('/', idle))
      expect(http.breakerState()).toBe('OPEN')
      received = []
    }

    it('opens when the platform does not respond, and then neither sends nor charges calls', async () => {
      const http = create()
      await open(http)
      const refused = { kind: 'NOT_SENT', reason: 'the circuit breaker is open' }
      expect(await http.call(read('/', idle))).toEqual(refused)
      expect(await http.call(write('/', { lane: 'grow' }))).toEqual(refused)
      expect(received).toEqual([])
      expect(logs.filter((line) => line.includes('circuit breaker state changed'))).toHaveLength(1)
    })

    it('does not count 4xx responses as failures', async () => {
      const http = create()
      for (const status of [400, 401, 403, 404, 429]) {
        behave = json(status, {})
        for (let i = 0; i < 4; i++) await http.call(write('/', idle))
      }
      expect(http.breakerState()).toBe('CLOSED')
    })

    it('lets protect probe once a second, and closes after a successful probe', async () => {
      const http = create()
      await open(http)
      const kinds = await Promise.all([1, 2, 3].map(async () => (await http.call(write())).kind))
      expect(kinds.toSorted((a, b) => a.localeCompare(b))).toEqual(['NOT_SENT', 'NOT_SENT', 'UNKNOWN'])
      expect(received).toHaveLength(1)
      expect(http.breakerState()).toBe('OPEN')
      behave = json(200, {})
      await sleep(1_000)
      expect((await http.call(write())).kind).toBe('RESPONSE')
      expect(http.breakerState()).toBe('CLOSED')
      expect((await http.call(read('/', idle))).kind).toBe('RESPONSE')
      expect(await budgetLeft()).toBe(INITIAL_BUDGET - 2)
    })

    it('becomes half-open after the reset timeout, and closes after a success', async () => {
      const http = create({ timeouts: { breakerResetMs: 100 } })
      await open(http)
      await sleep(150)
      expect(http.breakerState()).toBe('HALF_OPEN')
      behave = json(200, {})
      expect((await http.call(read('/', idle))).kind).toBe('RESPONSE')
      expect(http.breakerState()).toBe('CLOSED')
    })
  })
})
