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
  return { kind: 'UNKNOWN', reason: `a write has landed, but ${step}: ${describe(failure)}`, answered: true }
}

/** A write was answered without its effect: what was read after it, unless that shows another cap, or nothing. */
export function readBack<T extends { value: { cap: unknown } }>(read: Outcome<T>, wanted: unknown): Outcome<T> {
  if (read.kind !== 'OK') return afterLanding(read, 'its answer was incomplete and could not be read back')
  const { cap } = read.value.value
  // A reading may be older than the write.
  if (wanted === undefined || cap === wanted) return read
  return { kind: 'UNKNOWN', reason: `a write has landed, and a reading shows a cap of ${String(cap)}` }
}

export function describe(failure: Failure): string {
  if ('reason' in failure) return `${failure.kind} (${failure.reason})`
  if (failure.kind === 'THROTTLED') return `THROTTLED until ${failure.resumeAt.toISOString()}`
  if (failure.kind === 'REJECTED') return `REJECTED ${failure.code} (${failure.message})`
  return `${failure.kind} (${failure.message})`
}
