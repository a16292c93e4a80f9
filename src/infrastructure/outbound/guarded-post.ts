import { once } from 'node:events'
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
export async function guardedPost(url: URL, options: PostOptions): Promise<PostResponse> {
  const { headers, body, guard, connectMs, totalMs, maxBody } = options
  guard.checkLiteral(url.hostname)
  const open = url.protocol === 'https:' ? requestHttps : requestHttp
  const request = open(url, {
    method: 'POST',
    agent: false,
    lookup: guard.lookup,
    headers: { 'user-agent': 'traffic-police', ...headers, 'content-length': String(Buffer.byteLength(body)) },
  })
  const failed = new Promise<never>((_, reject) => {
    request.on('error', reject)
  })
  const endAfter = (ms: number, what: string) =>
    setTimeout(() => request.destroy(new Error(`${what} within ${ms} ms`)), ms)
  const connecting = endAfter(connectMs, 'no connection')
  const responding = endAfter(totalMs, 'no response')
  request.once('socket', (socket) => {
    socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => clearTimeout(connecting))
  })
  try {
    request.end(body)
    const [response] = (await Promise.race([once(request, 'response'), failed])) as [IncomingMessage]
    const text = await Promise.race([beginningOf(response, maxBody), failed])
    return { status: response.statusCode ?? 0, headers: response.headers, body: text }
  } finally {
    clearTimeout(connecting)
    clearTimeout(responding)
    request.destroy()
  }
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
