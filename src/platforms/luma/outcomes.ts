import type { PlatformResponse } from '../http/platform-http.js'
import type { Failure, Outcome } from '../port.js'
import { ContractError, isObject, optionalText } from './contract.js'

export const ok = <T>(value: T): Outcome<T> => ({ kind: 'OK', value })

export const unavailable = (reason: string): Failure => ({ kind: 'UNAVAILABLE', reason })

export const rejected = (code: string, message: string): Failure => ({ kind: 'REJECTED', code, message })

/**
 * Maps a failure after an earlier write of the same operation was acknowledged to UNKNOWN: something changed, so a kind
 * that means "nothing changed" must not be returned.
 */
export function afterWrite(failure: Failure): Failure {
  const detail = 'reason' in failure ? failure.reason : 'message' in failure ? failure.message : 'throttled'
  const reason = `a later part of the write failed: ${failure.kind} ${detail}`
  return { kind: 'UNKNOWN', reason, acknowledged: failure.kind !== 'UNKNOWN' || failure.acknowledged === true }
}

/** Runs `parse` on a successful response; a contract error becomes REJECTED for a read, UNKNOWN for a write. */
export function decode<T>(parse: () => T, kind: 'read' | 'write'): Outcome<T> {
  try {
    return ok(parse())
  } catch (error) {
    if (!(error instanceof ContractError)) throw error
    // A 2xx means that the write was applied: "rejected" would leave its effect out of the exposure.
    if (kind === 'write') return { kind: 'UNKNOWN', reason: `CONTRACT: ${error.message}` }
    return rejected('CONTRACT', error.message)
  }
}

/** Maps a response outside 2xx to a failure; 429 is handled before. */
export function failureOf({ status, json }: PlatformResponse, kind: 'read' | 'write'): Failure {
  const message =
    (isObject(json) ? optionalText(json, 'message', 'error') : null) ?? `Luma responded with status ${status}`
  if (status === 401 || status === 403) return { kind: 'AUTH_FAILED', message }
  if (status === 404) return { kind: 'GONE', message }
  if (status === 408) {
    return kind === 'write' ? { kind: 'UNKNOWN', reason: message } : { kind: 'UNAVAILABLE', reason: message }
  }
  return rejected(status === 400 || status === 422 ? 'BAD_REQUEST' : `HTTP_${status}`, message)
}
