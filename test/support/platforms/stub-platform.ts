import { createServer, type IncomingHttpHeaders } from 'node:http'
import { SystemClock, SystemTimers } from '../../../src/infrastructure/time/system-time.js'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Platform } from '../../../src/domain/channel.js'
import { AxiosPlatformHttp } from '../../../src/platforms/http/axios-platform-http.js'
import type { RateLimiter } from '../../../src/platforms/throttle/limiter.js'

export interface StubRequest {
  method: string
  /** Without the query. */
  path: string
  query: URLSearchParams
  /** Parsed if it is JSON; undefined if it is empty. */
  body: unknown
  headers: IncomingHttpHeaders
}

/** The body is `json` or `text`; empty if neither is given. */
export interface StubResponse {
  status?: number
  json?: unknown
  text?: string
  type?: string
}

const unlimited: RateLimiter = {
  acquire: () => Promise.resolve({ granted: true, reservation: '1' }),
  refund: () => Promise.resolve(),
  block: () => Promise.resolve(),
  observe: () => Promise.resolve(),
}

/**
 * A platform server whose responses the test defines, for responses that the simulators do not return. Uses real HTTP
 * and the real HTTP client. Closed at the end of the test.
 */
export async function startStubPlatform(
  platform: Platform,
  respond: (request: StubRequest) => StubResponse,
  limiter: RateLimiter = unlimited,
) {
  const requests: StubRequest[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://platform')
      const raw = Buffer.concat(chunks).toString()
      const { method = '', headers } = request
      const isJson = headers['content-type'] === 'application/json'
      const body: unknown = raw === '' ? undefined : isJson ? JSON.parse(raw) : raw
      const received: StubRequest = { method, path: pathname, query: searchParams, body, headers }
      requests.push(received)
      const { status = 200, json, text, type = 'application/json' } = respond(received)
      const payload = text ?? (json === undefined ? '' : JSON.stringify(json))
      response.writeHead(status, payload === '' ? {} : { 'content-type': type }).end(payload)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const http = new AxiosPlatformHttp({
    platform,
    budget: { bucket: 'stub', limit: 100_000, windowSeconds: 60, reserve: 0 },
    limiter,
    clock: new SystemClock(),
    timers: new SystemTimers(),
    random: Math.random,
    log: () => undefined,
    timeouts: { connectMs: 500, callMs: 2_000, breakerResetMs: 1 },
  })
  onTestFinished(() => {
    http.close()
    server.closeAllConnections()
    server.close()
  })
  return { http, requests, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}
