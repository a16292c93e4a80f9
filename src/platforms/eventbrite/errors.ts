import type { Failure } from '../port.js'
import type { PlatformResponse } from '../http/platform-http.js'
import { isObject, optionalText } from './fields.js'
import { rejected } from './outcomes.js'

const AUTH_ERRORS = new Set(['INVALID_AUTH', 'INVALID_AUTH_HEADER', 'NO_AUTH'])

/** What an answer of Eventbrite means as a failure; null for a success. 429 is handled before. */
export function failureOf(answer: PlatformResponse): Failure | null {
  if (answer.status >= 200 && answer.status < 300) return null
  const { code, message } = errorOf(answer)
  if (answer.status === 401 || AUTH_ERRORS.has(code)) return { kind: 'AUTH_FAILED', message }
  if (answer.status === 403) return { kind: 'FORBIDDEN', message }
  if (answer.status === 404) return { kind: 'GONE', message }
  if (answer.status < 400) {
    return rejected('PERMANENTLY_MOVED', `answered ${answer.status}: the API address is wrong or lacks a slash`)
  }
  return rejected(code, message)
}

function errorOf(answer: PlatformResponse): { code: string; message: string } {
  const body = isObject(answer.json) ? answer.json : {}
  const code = optionalText(body, 'error') ?? `HTTP_${answer.status}`
  const text = optionalText(body, 'error_description') ?? 'no description'
  return { code, message: `${answer.status} ${code}: ${text.slice(0, 300)}` }
}
