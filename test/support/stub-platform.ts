import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Platform } from '../../src/domain/channel.js'
import { AxiosPlatformHttp } from '../../src/platforms/http/axios-platform-http.js'
import type { RateLimiter } from '../../src/platforms/throttle/limiter.js'

export interface Asked {
  method: string
  /** Without query. */
  path: string
  query: URLSearchParams
  /** Parsed where it is JSON; undefined where there is none. */
  body: unknown
  headers: IncomingHttpHeaders
}

/** JSON unless `text` is given; a status alone has no body. */
export interface Told {
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
 * A platform that says what a test wants said, for answers that the simulators do not give: over real HTTP, with the
 * real way out before it. Ends with the test.
 */
export async function scripted(platform: Platform, answer: (asked: Asked) => Told) {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://platform')
      const raw = Buffer.concat(chunks).toString()
      const { method = '', headers } = request
      const isJson = headers['content-type'] === 'application/json'
      const body: unknown = raw === '' ? undefined : isJson ? JSON.parse(raw) : raw
      const one: Asked = { method, path: pathname, query: searchParams, body, headers }
      asked.push(one)
      const { status = 200, json, text, type = 'application/json' } = answer(one)
      const told = text ?? (json === undefined ? '' : JSON.stringify(json))
      response.writeHead(status, told === '' ? {} : { 'content-type': type }).end(told)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const http = new AxiosPlatformHttp({
    platform,
    budget: { bucket: 'scripted', limit: 100_000, windowSeconds: 60, reserve: 0 },
    limiter: unlimited,
    clock: { now: () => new Date() },
    log: () => undefined,
    timeouts: { connectMs: 500, callMs: 2_000, breakerResetMs: 1 },
  })
  onTestFinished(() => {
    http.close()
    server.closeAllConnections()
    server.close()
  })
  return { http, asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}
