import {
  MAX_CAP,
  type CapReading,
  type ChannelReading,
  type ConfirmedState,
  type Failure,
  type Outcome,
} from '../platforms/port.js'

/** A cap that limits nothing is none; one that is no count of tickets at all cannot be read. */
export function checkedCap(cap: CapReading): CapReading {
  if (typeof cap !== 'number') return cap
  if (cap > MAX_CAP) return 'UNLIMITED'
  return isCount(cap) ? cap : null
}

/** A reading whose counts are none is a failure with a reason: it must not reach the record. */
export function checkedReading(outcome: Outcome<ChannelReading>): Outcome<ChannelReading> {
  if (outcome.kind !== 'OK') return outcome
  const { cap, sold, pending } = outcome.value
  if ((sold !== null && !isCount(sold)) || !isCount(pending)) {
    return outOfRange(`it shows ${String(sold)} sold and ${String(pending)} in carts`)
  }
  return { kind: 'OK', value: { ...outcome.value, cap: checkedCap(cap) } }
}

/** The write may well have been applied, so that such an answer leaves it as unknown as none. */
export function checkedState(outcome: Outcome<ConfirmedState>): Outcome<ConfirmedState> {
  if (outcome.kind !== 'OK') return outcome
  const { cap, sold, pending } = outcome.value
  if (isCount(cap) && isCount(pending) && (sold === null || sold === undefined || isCount(sold))) return outcome
  const reason = `the answer shows a cap of ${String(cap)}, ${String(sold)} sold, ${String(pending)} in carts`
  return { kind: 'UNKNOWN', reason }
}

/** Null: the counts that came with a refusal are missing or none. */
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
