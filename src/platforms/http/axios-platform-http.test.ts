import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { SystemClock } from '../../infrastructure/clock.js'
import type { Budget } from '../throttle/limiter.js'
import { LocalLimiter } from '../throttle/local-limiter.js'
import { AxiosPlatformHttp, type CallObservation, type PlatformHttpParts } from './axios-platform-http.js'
import type { PlatformRequest } from './platform-http.js'

/** Alone with this budget a process may spend 40 at once (and hardly more for the length of a test). */
const budget: Budget = { bucket: 'test', limit: 800, windowSeconds: 86_400, reserve: 0.2, burst: 240 }
const FIRST_ROUND = 40
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

describe('the way out to a platform', () => {
  let server: Server
  let url: string
  let behave: Behaviour
  let seen: { method: string | undefined; url: string | undefined; headers: IncomingMessage['headers']; body: string }[]
  let logs: string[]
  let observations: CallObservation[]
  let limiter: LocalLimiter
  const opened: AxiosPlatformHttp[] = []

  beforeEach(async () => {
    seen = []
    logs = []
    observations = []
    limiter = new LocalLimiter({ clock, instances: 1 })
    behave = json(200, { ok: true })
    server = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        seen.push({ method: request.method, url: request.url, headers: request.headers, body })
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
    for (let taken = 0; ; taken++) if (!(await limiter.acquire(budget, 1, 'protect')).granted) return taken
  }

  it('sends JSON and forms, and hands on whatever the platform answers', async () => {
    const http = create()
    const answer = await http.call(write('/cap', { headers: { 'X-Luma-Api-Key': 'k' } }))
    expect(answer).toMatchObject({ kind: 'ANSWER', status: 200, json: { ok: true } })
    expect(answer).toHaveProperty('headers.content-type', 'application/json; charset=utf-8')
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/cap', body: '{"cap":5}' })
    expect(seen[0]?.headers).toMatchObject({ 'x-luma-api-key': 'k', 'content-type': 'application/json' })
    behave = json(404, { error: 'NOT_FOUND' })
    const form = write('/', { json: undefined, form: { a: '1 2', b: '&' }, weight: 0 })
    expect(await http.call(form)).toMatchObject({ kind: 'ANSWER', status: 404, json: { error: 'NOT_FOUND' } })
    expect(seen[1]).toMatchObject({ body: 'a=1+2&b=%26' })
    expect(seen[1]?.headers).toHaveProperty('content-type', 'application/x-www-form-urlencoded')
    behave = (_request, response) => response.writeHead(204).end()
    expect(await http.call(read('/', { method: 'DELETE' }))).toMatchObject({ kind: 'ANSWER', status: 204, json: null })
    expect(await budgetLeft()).toBe(FIRST_ROUND - 2)
  })

  it.each<[string, Behaviour]>([
    ['HTML 502', page(502)],
    ['JSON 500', json(500, { error: 'X' })],
    ['a page with 200', page(200)],
    ['a page with 403', page(403)],
    ['broken JSON', (_, response) => response.setHeader('content-type', 'application/json').end('{"a"')],
    ['a reset', (request) => request.socket.resetAndDestroy()],
    ['half an answer', (_, response) => response.writeHead(200, { 'content-length': '9' }).write('{')],
    ['silence', () => undefined],
  ])('%s: unknown for a write, unavailable for a read, and charged', async (_name, behaviour) => {
    const http = create()
    behave = behaviour
    expect(await http.call(write())).toMatchObject({ kind: 'UNKNOWN' })
    expect(await http.call(read())).toMatchObject({ kind: 'UNAVAILABLE' })
    expect(seen).toHaveLength(2)
    expect(await budgetLeft()).toBe(FIRST_ROUND - 2)
  })

  it.each([
    ['a redirect', 301],
    ['a proxy’s 429', 429],
    ['a 401 as a page', 401],
  ])('%s is an answer, not followed and without a body', async (_name, status) => {
    behave = (_request, response) =>
      response.writeHead(status, { location: '/elsewhere', 'retry-after': '7', 'content-type': 'text/html' }).end('<a>')
    const answer = await create().call(write())
    expect(answer).toMatchObject({ kind: 'ANSWER', status, json: null, headers: { 'retry-after': '7' } })
    expect(seen).toHaveLength(1)
  })

  it.each<[string, number, string | undefined, string, unknown]>([
    ['JSON that nobody says is JSON', 200, undefined, '{"ok":true}', { ok: true }],
    ['JSON said to be text', 404, 'text/plain; charset=utf-8', '{"message":"no"}', { message: 'no' }],
    ['a refusal in plain words', 404, 'text/plain', 'Guest not found', null],
  ])('%s is an answer', async (_name, status, type, body, parsed) => {
    behave = (_request, response) => response.writeHead(status, type ? { 'content-type': type } : {}).end(body)
    expect(await create().call(write())).toMatchObject({ kind: 'ANSWER', status, json: parsed })
  })

  it('plain words with 200 are none', async () => {
    behave = (_request, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('all is well')
    expect(await create().call(read())).toMatchObject({ kind: 'UNAVAILABLE' })
  })

  it('a server that closes after each answer without a word: reads are made again and charged, writes are not hit', async () => {
    const http = create()
    behave = (request, response) => {
      response.on('finish', () => setImmediate(() => request.socket.destroy()))
      json(200, { ok: true })(request, response, '')
    }
    const answers = []
    for (let i = 0; i < 8; i++) answers.push(await http.call(i % 2 === 0 ? read() : write()))
    expect(answers.map(({ kind }) => kind)).toEqual(Array(8).fill('ANSWER'))
    expect(await budgetLeft()).toBeLessThanOrEqual(FIRST_ROUND - 8)
  })

  it('a read whose kept connection is cut off is made once more, a write never', async () => {
    const http = create()
    await http.call(read())
    let cuts = 0
    behave = (request, response) => {
      if (cuts++ === 0) request.socket.destroy()
      else json(200, { again: true })(request, response, '')
    }
    expect(await http.call(read())).toMatchObject({ kind: 'ANSWER', json: { again: true } })
    expect(seen).toHaveLength(3)
    behave = (request) => request.socket.destroy()
    expect(await http.call(write())).toMatchObject({ kind: 'UNKNOWN' })
    expect(seen).toHaveLength(4)
    expect(await budgetLeft()).toBe(FIRST_ROUND - 4)
  })

  it('stops reading a body that is too large, also a packed one', async () => {
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

  it('knows when not a byte went out, and gives the budget back', async () => {
    const http = create()
    const nobody = createTcpServer()
    const refusing = await listen(nobody)
    await new Promise((resolve) => nobody.close(resolve))
    const mute = createTcpServer()
    const stalled = (await listen(mute)).replace('http:', 'https:')
    onTestFinished(() => void mute.close())

    const refused = { kind: 'NOT_SENT', reason: expect.stringContaining('ECONNREFUSED') }
    expect(await http.call(write(refusing))).toMatchObject(refused)
    expect(await http.call(write('http://no-such-host.invalid/'))).toMatchObject({ kind: 'NOT_SENT' })
    const start = performance.now()
    const slow = { kind: 'NOT_SENT', reason: expect.stringContaining('no connection within 300 ms') }
    expect(await http.call(write(stalled))).toMatchObject(slow)
    expect(performance.now() - start).toBeLessThan(390)
    expect(await http.call(read(refusing))).toMatchObject({ kind: 'UNAVAILABLE' })
    expect(await budgetLeft()).toBe(FIRST_ROUND)
  })

  it('a fence keeps an outdated write back: nothing is sent or charged, and the breaker does not mind', async () => {
    const http = create()
    const outdated = { beforeSend: () => Promise.resolve(false) }
    const broken = { beforeSend: () => Promise.reject(new Error('the database is away')) }
    for (let call = 0; call < 10; call++) {
      expect(await http.call(write('/', { fence: outdated }))).toMatchObject({ kind: 'NOT_SENT' })
      expect(await http.call(write('/', { fence: broken }))).toMatchObject({ kind: 'NOT_SENT' })
    }
    expect(seen).toHaveLength(0)
    expect(http.breakerState()).toBe('CLOSED')
    const current = { beforeSend: () => Promise.resolve(true) }
    expect(await http.call(write('/', { fence: current }))).toMatchObject({ kind: 'ANSWER' })
    expect(await http.call(read('/', { fence: outdated }))).toMatchObject({ kind: 'ANSWER' })
    expect(await budgetLeft()).toBe(FIRST_ROUND - 2)
  })

  it('goes through no proxy, whatever the environment says', async () => {
    const before = { ...process.env }
    onTestFinished(() => void (process.env = before))
    Object.assign(process.env, { HTTP_PROXY: 'http://127.0.0.1:9', http_proxy: 'http://127.0.0.1:9', NO_PROXY: '' })
    expect(await create().call(read())).toMatchObject({ kind: 'ANSWER' })
  })

  it('without budget nothing goes out', async () => {
    const http = create()
    const start = Date.now()
    const refused = await http.call(write('/', { lane: 'grow' }))
    expect(refused.kind).toBe('THROTTLED')
    if (refused.kind === 'THROTTLED') expect(refused.resumeAt.getTime()).toBeGreaterThanOrEqual(start + 5_000)
    const hopeless = { kind: 'NOT_SENT', reason: 'no budget: a call of weight 241 is above the burst of 240' }
    expect(await http.call(write('/', { weight: 241 }))).toEqual(hopeless)
    expect(seen).toEqual([])
    expect(observations).toMatchObject([{ throttled: true, statusClass: 'none', outcome: 'THROTTLED' }, {}])
  })

  it('a later step of an operation waits for budget in place, and no longer once the way out is closed', async () => {
    const quick: Budget = { bucket: 'quick', limit: 200, windowSeconds: 2, reserve: 0.2, burst: 10 }
    const http = create({ budget: quick })
    while ((await limiter.acquire(quick, 5, 'protect')).granted);
    expect((await http.call(read('/', { weight: 5 }))).kind).toBe('THROTTLED')
    expect((await http.call(read('/', { weight: 5, continues: true }))).kind).toBe('ANSWER')
    while ((await limiter.acquire(budget, 1, 'protect')).granted);
    const slow = create()
    const waiting = slow.call(read('/', { weight: 0.05, continues: true }))
    await sleep(50)
    slow.close()
    expect((await waiting).kind).not.toBe('ANSWER')
  })

  it('a platform that throttles keeps everyone away until a little after', async () => {
    const http = create({ random: () => 0.5 })
    const until = new Date(Date.now() + 20_000)
    expect(await http.throttled(until)).toEqual({ kind: 'THROTTLED', resumeAt: new Date(until.getTime() + 2_000) })
    const refused = await http.call(write())
    expect(refused.kind).toBe('THROTTLED')
    if (refused.kind === 'THROTTLED') expect(refused.resumeAt.getTime()).toBeGreaterThan(until.getTime() + 1_900)
    await http.observe({ used: 1, limit: 800, resetInMs: 1_000 })
  })

  it('logs and measures every call, and never a secret', async () => {
    const http = create()
    await http.call(read('/a?token=top-secret'))
    behave = page(502)
    await http.call(write('/b?access_token=top-secret'))
    expect(logs).toHaveLength(2)
    expect(logs.join()).not.toContain('top-secret')
    expect(logs[0]).toMatch(/^debug .*"operation":"read_channel".*token=\[redacted\].*"status":200/)
    expect(logs[1]).toMatch(/^warn .*"status":502.*"outcome":"UNKNOWN".*"reason":"HTTP 502"/)
    expect(observations).toMatchObject([
      { operation: 'read_channel', statusClass: '2xx', throttled: false, outcome: 'ANSWER' },
      { operation: 'write_cap', statusClass: '5xx', throttled: false, outcome: 'UNKNOWN' },
    ])
    expect(observations[0]?.seconds).toBeGreaterThan(0)
  })

  describe('breaker', () => {
    const idle = { weight: 0, lane: 'bulk' as const }

    async function open(http: AxiosPlatformHttp): Promise<void> {
      behave = page(502)
      for (let i = 0; i < 5; i++) await http.call(read('/', idle))
      expect(http.breakerState()).toBe('OPEN')
      seen = []
    }

    it('opens on a platform that does not answer, and spares it and the budget', async () => {
      const http = create()
      await open(http)
      const refused = { kind: 'NOT_SENT', reason: 'the breaker is open' }
      expect(await http.call(read('/', idle))).toEqual(refused)
      expect(await http.call(write('/', { lane: 'grow' }))).toEqual(refused)
      expect(seen).toEqual([])
      expect(logs.filter((line) => line.includes('Breaker changed'))).toHaveLength(1)
    })

    it('does not mind what the platform refuses', async () => {
      const http = create()
      for (const status of [400, 401, 403, 404, 429]) {
        behave = json(status, {})
        for (let i = 0; i < 4; i++) await http.call(write('/', idle))
      }
      expect(http.breakerState()).toBe('CLOSED')
    })

    it('lets protect probe once a second, and closes when that works', async () => {
      const http = create()
      await open(http)
      const kinds = await Promise.all([1, 2, 3].map(async () => (await http.call(write())).kind))
      expect(kinds.toSorted((a, b) => a.localeCompare(b))).toEqual(['NOT_SENT', 'NOT_SENT', 'UNKNOWN'])
      expect(seen).toHaveLength(1)
      expect(http.breakerState()).toBe('OPEN')
      behave = json(200, {})
      await sleep(1_000)
      expect((await http.call(write())).kind).toBe('ANSWER')
      expect(http.breakerState()).toBe('CLOSED')
      expect((await http.call(read('/', idle))).kind).toBe('ANSWER')
      expect(await budgetLeft()).toBe(FIRST_ROUND - 2)
    })

    it('tries again by itself after its rest', async () => {
      const http = create({ timeouts: { breakerResetMs: 100 } })
      await open(http)
      await sleep(150)
      expect(http.breakerState()).toBe('HALF_OPEN')
      behave = json(200, {})
      expect((await http.call(read('/', idle))).kind).toBe('ANSWER')
      expect(http.breakerState()).toBe('CLOSED')
    })
  })
})
