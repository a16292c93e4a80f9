import type { Payment } from '../payment-store.js'
import type { PreparedPayment } from '../providers/payment-provider.js'

/**
 * How a step ended. `DONE`: nothing more to do until the next notification. `OPEN`: the provider has not decided yet, it
 * is repeated with backoff. `AGAIN`: it continues at an instant. `STUCK`: only an operator can continue.
 */
export type StepResult =
  { kind: 'DONE' } | { kind: 'OPEN' } | { kind: 'AGAIN'; at: Date } | { kind: 'STUCK'; reason: string }

export const DONE: StepResult = { kind: 'DONE' }
export const OPEN: StepResult = { kind: 'OPEN' }

export function again(now: Date, afterMs: number): StepResult {
  return { kind: 'AGAIN', at: new Date(now.getTime() + afterMs) }
}

/** Throws when it was not prepared. */
export function preparedPayment({ id, holdId, reference }: Payment): PreparedPayment {
  if (reference === null) throw new Error(`payment ${id} has no provider reference`)
  return { key: holdId, reference }
}
