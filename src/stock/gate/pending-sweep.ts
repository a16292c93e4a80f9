import type { PendingOperation, StockGate } from './gate.js'
import type { Ledger } from '../ledger.js'

/** Longer than the time limits of any operation still on its way to the ledger. */
const ABANDONED_AFTER_MS = 20_000
const BATCH = 200

export interface PendingSweepReport {
  acknowledged: number
  voided: number
  /** Operations with an expired result: only a rebuild of the gate restores their units. */
  expired: number
}

/**
 * Resolves operations that a crash left between gate and ledger. Committed ones are acknowledged; the others are first
 * voided permanently in the ledger and then in the gate, so that no late commit can follow. Operations are independent:
 * rejects with the first error after all have been tried.
 */
export async function sweepPending(
  gate: StockGate,
  ledger: Ledger,
  eventId: string,
  olderThanMs = ABANDONED_AFTER_MS,
): Promise<PendingSweepReport> {
  const report: PendingSweepReport = { acknowledged: 0, voided: 0, expired: 0 }
  const pending = await gate.pending(eventId, olderThanMs, BATCH)
  if (pending.length === 0) return report
  const committed = await ledger.committed(pending.map(({ operationId }) => operationId))
  const errors: unknown[] = []
  for (const operation of pending) {
    try {
      report[await resolve(gate, ledger, eventId, operation, committed)] += 1
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length > 0) throw errors[0]
  return report
}

async function resolve(
  gate: StockGate,
  ledger: Ledger,
  eventId: string,
  { operationId, taken }: PendingOperation,
  committed: ReadonlySet<string>,
): Promise<keyof PendingSweepReport> {
  if (committed.has(operationId)) {
    await gate.acknowledge(eventId, [operationId])
    return 'acknowledged'
  }
  // Past any time limit of a commit, and its position in the gate's history has expired with its result.
  if (!taken) return 'expired'
  const voided = await ledger.void(eventId, { operationId, epoch: taken.epoch, seq: taken.seq })
  if (voided && (await gate.void(eventId, operationId, taken))) return 'voided'
  await gate.acknowledge(eventId, [operationId])
  return 'acknowledged'
}
