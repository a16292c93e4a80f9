const REDACTED = '[redacted]'
const MAX_DEPTH = 6
const MAX_LIST = 50

/** Matched against field names in lower case without `-` and `_`. */
const SECRET_FIELDS =
  /^(authorization|proxyauthorization|cookie|setcookie|.*password|passwordhash|.*token|.*secret|.*secretkey|.*privatekey|apikey|xlumaapikey|.*signature|assertion)$/
const PERSONAL_FIELDS = /^(.*email|buyername|guestname|membername|firstname|lastname|fullname|phone|phonenumber)$/
const PERSONS = /^(buyer|member|guest|user|attendee|profile|customer|person)$/

/**
 * A copy of log fields without secrets, e-mail addresses and people's names, recognized by field names. A plain `name` is
 * redacted inside a person or next to an `email` field. Depth and list length are limited.
 */
export function redact(fields: Record<string, unknown>): Record<string, unknown> {
  return redactObject(fields, '', 0)
}

function redactObject(object: Record<string, unknown>, parent: string, depth: number): Record<string, unknown> {
  const isPerson = PERSONS.test(plain(parent)) || 'email' in object
  const entries = Object.entries(object).map(([key, value]): [string, unknown] => {
    const name = plain(key)
    const hidden = SECRET_FIELDS.test(name) || PERSONAL_FIELDS.test(name) || (isPerson && name === 'name')
    return [key, hidden && value !== null && value !== undefined ? REDACTED : redactValue(value, key, depth + 1)]
  })
  return Object.fromEntries(entries)
}

function redactValue(value: unknown, key: string, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Error) return describeError(value)
  if (value instanceof Date) return value
  if (Buffer.isBuffer(value)) return `[${value.length} bytes]`
  if (depth > MAX_DEPTH) return '[deeper]'
  if (Array.isArray(value)) return value.slice(0, MAX_LIST).map((item) => redactValue(item, key, depth + 1))
  return redactObject(value as Record<string, unknown>, key, depth)
}

/** The standard fields of an error only: errors of HTTP clients contain whole requests including credentials. */
export function describeError(error: Error, depth = 0): Record<string, unknown> {
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  const { cause } = error
  const because = cause instanceof Error && depth < MAX_DEPTH ? { cause: describeError(cause, depth + 1) } : {}
  return { type: error.name, message: error.message, stack: error.stack, ...code, ...because }
}

function plain(key: string): string {
  return key.replaceAll(/[-_]/g, '').toLowerCase()
}
