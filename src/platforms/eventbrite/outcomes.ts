import type { Failure, Outcome } from '../port.js'
import { ContractViolation } from './fields.js'

export type Rejection = Extract<Failure, { kind: 'REJECTED' }>

export function ok<T>(value: T): Outcome<T> {
  return { kind: 'OK', value }
}

export function rejected(code: string, message: string): Rejection {
  return { kind: 'REJECTED', code, message }
}

/** Reads a value out of an answer; a missing essential becomes REJECTED with code CONTRACT. */
export function decode<A, B>(outcome: Outcome<A>, read: (value: A) => B): Outcome<B> {
  if (outcome.kind !== 'OK') return outcome
  try {
    return ok(read(outcome.value))
  } catch (error) {
    if (error instanceof ContractViolation) return rejected('CONTRACT', error.message)
    throw error
  }
}

/**
 * A failure met after an earlier write of the same operation has landed. "Not sent" or "rejected" would then tell the
 * core that nothing changed, so it counts as unknown until a read settles it.
 */
export function afterLanding(failure: Failure, step: string): Failure {
  if (failure.kind === 'UNKNOWN') return failure
  return { kind: 'UNKNOWN', reason: `a write has landed, but ${step}: ${describe(failure)}` }
}

/** A write was answered without its effect, and a reading made after it shows another cap: it may be an older one. */
export function inDoubt(cap: unknown): Failure {
  return { kind: 'UNKNOWN', reason: `a write has landed, and a reading shows a cap of ${String(cap)}` }
}

export function describe(failure: Failure): string {
  if ('reason' in failure) return `${failure.kind} (${failure.reason})`
  if (failure.kind === 'THROTTLED') return `THROTTLED until ${failure.resumeAt.toISOString()}`
  if (failure.kind === 'REJECTED') return `REJECTED ${failure.code} (${failure.message})`
  return `${failure.kind} (${failure.message})`
}
