import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Server as TcpServer, AddressInfo } from 'node:net'
import { afterEach, beforeEach } from 'vitest'
import { SystemClock, SystemTimers } from '../../infrastructure/time/system-time.js'
import type { Budget } from '../throttle/limiter.js'
import { LocalLimiter } from '../throttle/local-limiter.js'
import { AxiosPlatformHttp, type CallObservation, type PlatformHttpParts } from './axios-platform-http.js'
import type { PlatformRequest } from './platform-http.js'

/** With this budget a single process may spend 40 units at once, and hardly more for the duration of a test. */
export const budget: Budget = { bucket: 'test', limit: 800, windowSeconds: 86_400, reserve: 0.2, burst: 240 }
export const INITIAL_BUDGET = 40
const clock = new SystemClock()

export type Behaviour = (request: IncomingMessage, response: ServerResponse, body: string) => void

export const json =
  (status: number, body: unknown): Behaviour =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body))

export const page =
  (status: number): Behaviour =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'text/html' }).end('<html>')

interface ReceivedRequest {
  method: string | undefined
  url: string | undefined
  headers: IncomingMessage['headers']
  body: string
}

/** A client with real HTTP against a server that behaves as the test specifies; a new server for each test. */
export function useHttpBench() {
  const opened: AxiosPlatformHttp[] = []
  let server: Server
  let url = ''
  const bench = {
    behave: json(200, { ok: true }),
    received: [] as ReceivedRequest[],
    logs: [] as string[],
    observations: [] as CallObservation[],
    limiter: new LocalLimiter({ clock, instances: 1 }),
    create(parts: Partial<PlatformHttpParts> = {}): AxiosPlatformHttp {
      const http = new AxiosPlatformHttp({
        platform: 'LUMA',
        budget,
        limiter: bench.limiter,
        clock,
        timers: new SystemTimers(),
        random: Math.random,
        log: (level, message, details) => bench.logs.push(`${level} ${message} ${JSON.stringify(details)}`),
        observe: (call) => bench.observations.push(call),
        timeouts: { connectMs: 300, callMs: 400, breakerResetMs: 60_000 },
        ...parts,
      })
      opened.push(http)
      return http
    },
    read: (path = '/', more: Partial<PlatformRequest> = {}): PlatformRequest => ({
      method: 'GET',
      url: path.startsWith('http') ? path : url + path,
      headers: { authorization: 'Bearer top-secret' },
      kind: 'read',
      weight: 1,
      lane: 'protect',
      operation: 'read_channel',
      ...more,
    }),
    write: (path = '/', more: Partial<PlatformRequest> = {}): PlatformRequest =>
      bench.read(path, { method: 'POST', kind: 'write', operation: 'write_cap', json: { cap: 5 }, ...more }),
    async budgetLeft(): Promise<number> {
      for (let granted = 0; ; granted++) {
        if (!(await bench.limiter.acquire(budget, 1, 'protect')).granted) return granted
      }
    },
  }

  beforeEach(async () => {
    const limiter = new LocalLimiter({ clock, instances: 1 })
    Object.assign(bench, { behave: json(200, { ok: true }), received: [], logs: [], observations: [], limiter })
    server = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        bench.received.push({ method: request.method, url: request.url, headers: request.headers, body })
        bench.behave(request, response, body)
      })
    })
    url = await listen(server)
  })

  afterEach(async () => {
    for (const http of opened.splice(0)) http.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return bench
}

/** Resolves with the address once the server listens. */
export async function listen(server: Server | TcpServer): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
