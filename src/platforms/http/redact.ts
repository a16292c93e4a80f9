const REDACTED = '[redacted]'

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
/** Eventbrite sends token and app key in plain text: `token:ABC 22/2000 reset=3533s, key:DEF 22/2000 reset=3533s`. */
const RATE_LIMIT = /\b(token|key):[^\s,]+/gi
/** Our own webhook URLs end in a secret. */
const WEBHOOK_PATH = /(\/webhooks\/[a-z]+\/)[^/?#\s"']+/gi

/**
 * Redacts tokens in queries, JSON, bearer values, rate limit headers and webhook URLs, so that the text may be logged.
 */
export function redactText(text: string): string {
  return text
    .replace(IN_QUERY, `$1${REDACTED}`)
    .replace(IN_JSON, `$1${REDACTED}`)
    .replace(BEARER, `$1 ${REDACTED}`)
    .replace(RATE_LIMIT, `$1:${REDACTED}`)
    .replace(WEBHOOK_PATH, `$1${REDACTED}`)
}

/** Like `redactText` for a URL; also redacts user and password. */
export function redactUrl(url: string): string {
  return redactText(url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, `$1${REDACTED}@`))
}

/** Redacts headers, so that they may be logged. Names in any case. */
export function redactHeaders(headers: Record<string, string>): Record<string, string> {
  const redacted = Object.entries(headers).map(([name, value]) => [
    name,
    SECRET_HEADERS.has(name.toLowerCase()) ? REDACTED : redactText(value),
  ])
  return Object.fromEntries(redacted) as Record<string, string>
}
