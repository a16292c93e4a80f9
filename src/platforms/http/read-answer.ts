import type { PlatformResponse } from './platform-http.js'

/** A response as it came over the wire. Header names are lower-case. */
export interface RawResponse {
  status: number
  headers: Record<string, string>
  body: Buffer
}

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i
const MARKUP = /[/+](?:xhtml|html|xml)\b/i

/**
 * The platform's answer, or the reason why it is none: a 5xx, a page of markup (a proxy's), or a body that is not the
 * JSON it should be. Redirects, 401 and 429 are answers whatever their body, because their status says that nothing was
 * done; so is a refusal in plain words, and an empty body. `json` is null then. A body that is not said to be JSON and
 * reads as such is taken for it.
 */
export function readResponse({ status, headers, body }: RawResponse): PlatformResponse | { failed: string } {
  if (status >= 500) return { failed: `HTTP ${status}` }
  const answer = (json: unknown): PlatformResponse => ({ kind: 'ANSWER', status, headers, json })
  if (body.length === 0) return answer(null)
  const type = headers['content-type'] ?? 'no content type'
  const speaksForItself = status === 401 || status === 429 || (status >= 300 && status < 400)
  const notJson = { failed: `HTTP ${status} with ${type}, not JSON` }
  if (MARKUP.test(type)) return speaksForItself ? answer(null) : notJson
  try {
    return answer(JSON.parse(body.toString('utf8')) as unknown)
  } catch {
    if (speaksForItself || (status >= 400 && !JSON_TYPE.test(type))) return answer(null)
    return JSON_TYPE.test(type) ? { failed: `HTTP ${status} with unreadable JSON` } : notJson
  }
}
