import { request as requestHttp, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { AddressGuard } from './address-guard.js'

export interface PostOptions {
  headers: Readonly<Record<string, string>>
  body: string
  guard: AddressGuard
  /** Until the connection is open, including the lookup and TLS. */
  connectMs: number
  /** Until the response is read, from the start. */
  totalMs: number
  /** Of the response, bytes; the rest is not read. */
  maxBody: number
}

export interface PostResponse {
  status: number
  headers: IncomingMessage['headers']
  /** The first `maxBody` bytes. */
  body: string
}

/**
 * Posts to an address that people of this service have entered. Redirects are not followed, the connection is not kept, and
 * the address that is connected to has passed the guard. Rejects without a response.
 */
export function guardedPost(url: URL, { headers, body, guard, ...limits }: PostOptions): Promise<PostResponse> {
  guard.checkLiteral(url.hostname)
  const open = url.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((done, fail) => {
    const length = { 'content-length': String(Buffer.byteLength(body)) }
    const request = open(url, {
      method: 'POST',
      agent: false,
      lookup: guard.lookup,
      headers: { 'user-agent': 'traffic-police', ...headers, ...length },
    })
    const end = (ms: number, what: string) =>
      setTimeout(() => request.destroy(new Error(`${what} within ${ms} ms`)), ms)
    const connecting = end(limits.connectMs, 'no connection')
    const responding = end(limits.totalMs, 'no response')
    request.once('socket', (socket) => {
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => clearTimeout(connecting))
    })
    request.once('response', (response) => {
      beginningOf(response, limits.maxBody).then(
        (text) => done({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        fail,
      )
    })
    request.on('error', fail)
    request.once('close', () => {
      clearTimeout(connecting)
      clearTimeout(responding)
    })
    request.end(body)
  })
}

/** Leaving the loop early closes the connection. */
async function beginningOf(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size >= maxBytes) break
  }
  return Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8')
}
