const HIDDEN = '[redacted]'

const SECRET_HEADERS = new Set([
  'authorization',
  'proxy-authorization',
  'x-luma-api-key',
  'cookie',
  'set-cookie',
  'eventbrite-api-waypoint-token',
])

const SECRET_NAMES =
  'access_token|refresh_token|client_secret|client_assertion|api_key|assertion|password|secret|token|key'
const IN_QUERY = new RegExp(`([?&;](?:${SECRET_NAMES})=)[^&#;\\s"']+`, 'gi')
const IN_JSON = new RegExp(`("(?:${SECRET_NAMES})"\\s*:\\s*")[^"]*`, 'gi')
const BEARER = /\b(bearer|basic)\s+[\w.~+/=-]+/gi
/** Eventbrite shows token and app key in clear: `token:ABC 22/2000 reset=3533s, key:DEF 22/2000 reset=3533s`. */
const RATE_LIMIT = /\b(token|key):[^\s,]+/gi
/** Our own webhook addresses end in a secret. */
const WEBHOOK_PATH = /(\/webhooks\/eventbrite\/)[^/?#\s"']+/gi

/** A text that may be logged: no token in queries, JSON, bearer values, rate limit headers or webhook addresses. */
export function redactText(text: string): string {
  return text
    .replace(IN_QUERY, `$1${HIDDEN}`)
    .replace(IN_JSON, `$1${HIDDEN}`)
    .replace(BEARER, `$1 ${HIDDEN}`)
    .replace(RATE_LIMIT, `$1:${HIDDEN}`)
    .replace(WEBHOOK_PATH, `$1${HIDDEN}`)
}

/** An address that may be logged: also without user and password. */
export function redactUrl(url: string): string {
  return redactText(url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, `$1${HIDDEN}@`))
}

/** Headers that may be logged. Names in any case. */
export function redactHeaders(headers: Record<string, string>): Record<string, string> {
  const shown = Object.entries(headers).map(([name, value]) => [
    name,
    SECRET_HEADERS.has(name.toLowerCase()) ? HIDDEN : redactText(value),
  ])
  return Object.fromEntries(shown) as Record<string, string>
}
