import type { PlatformResponse } from '../../http/platform-http.js'
import type { Failure, Outcome } from '../../port.js'
import { afterWrite, decode, rejected } from '../../kit/outcomes.js'
import { isObject } from '../../kit/response-shape.js'
import { optionalText } from './contract.js'

const AUTH_ERRORS = new Set(['INVALID_AUTH', 'INVALID_AUTH_HEADER', 'NO_AUTH'])

/** The failure that a response of Eventbrite means; null for a success. 429 is handled before. */
export function failureOf(response: PlatformResponse): Failure | null {
  const { status } = response
  if (status >= 200 && status < 300) return null
  const { code, message } = errorOf(response)
  if (status === 401 || AUTH_ERRORS.has(code)) return { kind: 'AUTH_FAILED', message }
  if (status === 403) return { kind: 'FORBIDDEN', message }
  if (status === 404) return { kind: 'GONE', message }
  if (status < 400) {
    return rejected('PERMANENTLY_MOVED', `HTTP ${status}: the API URL is wrong or lacks a trailing slash`)
  }
  return rejected(code, message)
}

function errorOf({ status, json }: PlatformResponse): { code: string; message: string } {
  const body = isObject(json) ? json : {}
  const code = optionalText(body, 'error') ?? `HTTP_${status}`
  const text = optionalText(body, 'error_description') ?? 'no description'
  return { code, message: `${status} ${code}: ${text.slice(0, 300)}` }
}

/** Decodes the value of an outcome; a missing required field becomes REJECTED with code CONTRACT. */
export function decodeValue<A, B>(outcome: Outcome<A>, read: (value: A) => B): Outcome<B> {
  return outcome.kind === 'OK' ? decode(() => read(outcome.value)) : outcome
}

/** The read-back after a write whose response lacked its effect; UNKNOWN if it failed or shows another cap. */
export function readBack<T extends { value: { cap: unknown } }>(read: Outcome<T>, expected: unknown): Outcome<T> {
  if (read.kind !== 'OK') return afterWrite(read, 'its response was incomplete and the read-back failed')
  const { cap } = read.value.value
  // The read may be older than the write.
  if (expected === undefined || cap === expected) return read
  return { kind: 'UNKNOWN', reason: `a write was applied, but the read-back shows a cap of ${String(cap)}` }
}
