import {
  MAX_CAP,
  type CapReading,
  type ChannelReading,
  type ConfirmedState,
  type Failure,
  type Outcome,
} from '../../platforms/port.js'

/** A cap above `MAX_CAP` is unlimited; one that is not a valid count is unknown. */
export function checkedCap(cap: CapReading): CapReading {
  if (typeof cap !== 'number') return cap
  if (cap > MAX_CAP) return 'UNLIMITED'
  return isCount(cap) ? cap : null
}

/** A reading with invalid counts becomes a failure: it must not be recorded. */
export function checkedReading(outcome: Outcome<ChannelReading>): Outcome<ChannelReading> {
  if (outcome.kind !== 'OK') return outcome
  const { cap, sold, pending } = outcome.value
  if ((sold !== null && !isCount(sold)) || !isCount(pending)) {
    return outOfRange(`the listing shows ${String(sold)} sold and ${String(pending)} in carts`)
  }
  return { kind: 'OK', value: { ...outcome.value, cap: checkedCap(cap) } }
}

/** A response with invalid counts becomes `UNKNOWN`, like a missing one: the write may have been applied. */
export function checkedState(outcome: Outcome<ConfirmedState>): Outcome<ConfirmedState> {
  if (outcome.kind !== 'OK') return outcome
  const { cap, sold, pending } = outcome.value
  if (isCount(cap) && isCount(pending) && (sold === null || sold === undefined || isCount(sold))) return outcome
  const reason = `the response shows a cap of ${String(cap)}, ${String(sold)} sold, ${String(pending)} in carts`
  return { kind: 'UNKNOWN', reason }
}

/** Null: the counts in a refusal are missing or invalid. */
export function checkedCounts(counts: { sold: number | null; pending: number }) {
  const { sold, pending } = counts
  return sold !== null && isCount(sold) && isCount(pending) ? { sold, pending } : null
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= MAX_CAP
}

function outOfRange(message: string): Failure {
  return { kind: 'REJECTED', code: 'OUT_OF_RANGE', message }
}
