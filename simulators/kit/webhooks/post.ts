import { request } from 'node:http'

export interface OutgoingWebhook {
  url: string
  headers: Record<string, string>
  body: string
}

/** Sends one webhook until the signal aborts. Resolves with the status, 0 without a response; never rejects. */
export type PostWebhook = (webhook: OutgoingWebhook, signal: AbortSignal) => Promise<number>

/** A new connection for each request: platforms deliver from several source ports. */
export const postOverHttp: PostWebhook = ({ url, headers, body }, signal) =>
  new Promise((resolve) => {
    const outgoing = request(url, {
      method: 'POST',
      agent: false,
      signal,
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
    })
    outgoing.once('response', (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    outgoing.on('error', () => resolve(0))
    outgoing.end(body)
  })
