import type { PlatformResponse } from './platform-http.js'

/** An HTTP response as received. Header names are lower-case. */
export interface RawResponse {
  status: number
  headers: Record<string, string>
  body: Buffer
}

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i
const MARKUP = /[/+](?:xhtml|html|xml)\b/i

/**
 * Parses a response, or returns the reason why it is unusable: a 5xx, markup (a proxy's page), or a body that should be
 * JSON and is not. Redirects, 401 and 429 are valid with any body, because the status alone shows that nothing was
 * done; so are a plain-text 4xx and an empty body. `json` is null then. A body without a JSON content type is still
 * parsed if it is JSON.
 */
export function readResponse({ status, headers, body }: RawResponse): PlatformResponse | { failed: string } {
  if (status >= 500) return { failed: `HTTP ${status}` }
  const response = (json: unknown): PlatformResponse => ({ kind: 'RESPONSE', status, headers, json })
  if (body.length === 0) return response(null)
  const type = headers['content-type'] ?? 'no content type'
  const statusSuffices = status === 401 || status === 429 || (status >= 300 && status < 400)
  const notJson = { failed: `HTTP ${status} with ${type}, not JSON` }
  if (MARKUP.test(type)) return statusSuffices ? response(null) : notJson
  try {
    return response(JSON.parse(body.toString('utf8')) as unknown)
  } catch {
    if (statusSuffices || (status >= 400 && !JSON_TYPE.test(type))) return response(null)
    return JSON_TYPE.test(type) ? { failed: `HTTP ${status} with unreadable JSON` } : notJson
  }
}
