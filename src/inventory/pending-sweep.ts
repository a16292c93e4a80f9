import type { StockGate } from './gate.js'
import type { Ledger } from './ledger.js'

/** Older than any decision still on its way to the ledger under its own time limits. */
const ABANDONED_AFTER_MS = 20_000
const BATCH = 200

export interface SweepReport {
  acknowledged: number
  givenBack: number
}

/**
 * Ends what a crash left between gate and ledger. What the ledger has is acknowledged; what it has not is first kept
 * out of the ledger for good and only then given back, so that a late commit cannot follow.
 */
export async function sweepPending(
  gate: StockGate,
  ledger: Ledger,
  eventId: string,
  olderThanMs = ABANDONED_AFTER_MS,
): Promise<SweepReport> {
  const report: SweepReport = { acknowledged: 0, givenBack: 0 }
  const pending = await gate.pending(eventId, olderThanMs, BATCH)
  const committed = await ledger.committed(pending.map(({ operationId }) => operationId))
  for (const { operationId, taken } of pending) {
    if (committed.has(operationId)) {
      await gate.acknowledge(eventId, [operationId])
      report.acknowledged += 1
    } else if (taken && (await ledger.void(eventId, { operationId, epoch: taken.epoch, seq: taken.seq }))) {
      if (await gate.void(eventId, operationId, taken)) report.givenBack += 1
      else await gate.acknowledge(eventId, [operationId])
    }
  }
  return report
}
