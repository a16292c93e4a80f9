import type { PendingOperation, StockGate } from './gate.js'
import type { Ledger } from './ledger.js'

/** Older than any decision still on its way to the ledger under its own time limits. */
const ABANDONED_AFTER_MS = 20_000
const BATCH = 200

export interface SweepReport {
  acknowledged: number
  givenBack: number
  /** What the gate took for them cannot be told any more: only a rebuild of the gate gives it back. */
  forgotten: number
}

/**
 * Ends what a crash left between gate and ledger. What the ledger has is acknowledged; what it has not is first kept
 * out of the ledger for good and only then given back, so that a late commit cannot follow. Each entry for itself:
 * rejects with the first failure after all have been tried.
 */
export async function sweepPending(
  gate: StockGate,
  ledger: Ledger,
  eventId: string,
  olderThanMs = ABANDONED_AFTER_MS,
): Promise<SweepReport> {
  const report: SweepReport = { acknowledged: 0, givenBack: 0, forgotten: 0 }
  const pending = await gate.pending(eventId, olderThanMs, BATCH)
  const committed = await ledger.committed(pending.map(({ operationId }) => operationId))
  const errors: unknown[] = []
  for (const operation of pending) {
    try {
      report[await end(gate, ledger, eventId, operation, committed)] += 1
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length > 0) throw errors[0]
  return report
}

async function end(
  gate: StockGate,
  ledger: Ledger,
  eventId: string,
  { operationId, taken }: PendingOperation,
  committed: ReadonlySet<string>,
): Promise<keyof SweepReport> {
  if (committed.has(operationId)) {
    await gate.acknowledge(eventId, [operationId])
    return 'acknowledged'
  }
  // Long past any time limit of a commit, and its place in the gate's history is lost with its answer.
  if (!taken) return 'forgotten'
  const kept = await ledger.void(eventId, { operationId, epoch: taken.epoch, seq: taken.seq })
  if (kept && (await gate.void(eventId, operationId, taken))) return 'givenBack'
  await gate.acknowledge(eventId, [operationId])
  return 'acknowledged'
}
