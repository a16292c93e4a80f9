import { describeFailure } from '../describe-failure.js'
import type { Failure, Outcome } from '../port.js'
import { ContractError } from './response-shape.js'

export type Success<T> = Extract<Outcome<T>, { kind: 'OK' }>
export type Rejection = Extract<Failure, { kind: 'REJECTED' }>

export function ok<T>(value: T): Success<T> {
  return { kind: 'OK', value }
}

export function rejected(code: string, message: string): Rejection {
  return { kind: 'REJECTED', code, message }
}

/** Runs `parse` on a successful response; a missing or invalid field becomes REJECTED with code CONTRACT. */
export function decode<T>(parse: () => T): Success<T> | Rejection {
  try {
    return ok(parse())
  } catch (error) {
    if (error instanceof ContractError) return rejected('CONTRACT', error.message)
    throw error
  }
}

/** The parsed value; null where a required field is missing or invalid. */
export function decodeOrNull<T>(parse: () => T): T | null {
  const decoded = decode(parse)
  return decoded.kind === 'OK' ? decoded.value : null
}

/**
 * A failure after an earlier write of the same operation was applied. NOT_SENT or REJECTED would mean that nothing
 * changed, so the outcome is UNKNOWN until a read.
 */
export function afterWrite(failure: Failure, step: string): Failure {
  if (failure.kind === 'UNKNOWN') return failure
  return {
    kind: 'UNKNOWN',
    reason: `a write was applied, but ${step}: ${describeFailure(failure)}`,
    acknowledged: true,
  }
}

/** The platform does not show what was requested, or not in a known form; it has not refused the credentials. */
export function isNotShown({ kind }: Outcome<unknown>): boolean {
  return kind === 'GONE' || kind === 'REJECTED'
}
