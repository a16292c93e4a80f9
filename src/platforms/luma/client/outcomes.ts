import type { PlatformResponse } from '../../http/platform-http.js'
import { decode, rejected } from '../../kit/outcomes.js'
import { isObject } from '../../kit/response-shape.js'
import type { Failure, Outcome } from '../../port.js'
import { optionalText } from './contract.js'

/** Parses a successful response; a contract error becomes REJECTED for a read, UNKNOWN for a write. */
export function decodeResponse<T>(parse: () => T, kind: 'read' | 'write'): Outcome<T> {
  const decoded = decode(parse)
  // A 2xx means that the write was applied: "rejected" would leave its effect out of the exposure.
  if (decoded.kind !== 'OK' && kind === 'write') return { kind: 'UNKNOWN', reason: `CONTRACT: ${decoded.message}` }
  return decoded
}

/** The failure that a response of Luma means; null for a success. 429 is handled before. */
export function failureOf({ status, json }: PlatformResponse, kind: 'read' | 'write'): Failure | null {
  if (status >= 200 && status < 300) return null
  const message =
    (isObject(json) ? optionalText(json, 'message', 'error') : null) ?? `Luma responded with status ${status}`
  if (status === 401) return { kind: 'AUTH_FAILED', message }
  if (status === 402 || status === 403) {
    return { kind: 'AUTH_FAILED', message: `${message}: the key has no API plan (Luma Plus), or not for this calendar` }
  }
  if (status === 404) return { kind: 'GONE', message }
  if (status === 408) {
    return kind === 'write' ? { kind: 'UNKNOWN', reason: message } : { kind: 'UNAVAILABLE', reason: message }
  }
  return rejected(status === 400 || status === 422 ? 'BAD_REQUEST' : `HTTP_${status}`, message)
}
