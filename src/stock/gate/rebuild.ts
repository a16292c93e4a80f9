import { differingAccounts, findInvariantViolation } from '../../domain/stock/ledger-account.js'
import type { Clock } from '../../infrastructure/time/clock.js'
import type { StockGate } from './gate.js'
import type { Ledger } from '../ledger.js'

/** Cause of a gate rebuild: a metric label. */
export type RebuildCause =
  'not_loaded' | 'stale' | 'lost_writes' | 'refused' | 'forgotten' | 'failover' | 'recovery' | 'operator' | 'nightly'

export interface RebuildReport {
  eventId: string
  epoch: number
  cause: RebuildCause
  /** Accounts whose balance differed from the sum of the movements (I14): must be empty. */
  corrected: string[]
  seconds: number
}

/**
 * Loads gates from the ledger: the only code that does so, for startup, failover, the CLI and the nightly run.
 * Raising the epoch under the event's lock fences all operations accepted by the replaced gate.
 */
export class Rebuilder {
  private readonly running = new Map<string, Promise<RebuildReport | null>>()

  constructor(
    private readonly ledger: Ledger,
    private readonly gate: StockGate,
    private readonly onRebuilt: (report: RebuildReport) => void,
    private readonly clock: Clock,
  ) {}

  /**
   * Stores the sum of the movements, then locks the event, raises its epoch, adds later movements to the sum, and
   * installs the result if its epoch is still the newest.
   */
  async rebuild(eventId: string, cause: RebuildCause): Promise<RebuildReport> {
    const started = this.clock.monotonicMs()
    // Before the lock: under it only the few movements after the stored sum are added up.
    await this.ledger.advanceCheckpoint(eventId, 1)
    // Newer than the ledger's epoch if PostgreSQL was restored from a backup.
    const gateEpoch = await this.gate.installedEpoch(eventId)
    const { epoch, balances, corrected } = await this.ledger.exclusive(eventId, async (ledger) => {
      const sums = await ledger.sumOfMovements()
      const before = ledger.balances
      const violation = findInvariantViolation(sums)
      if (violation) throw new Error(`the movements of ${eventId} violate an invariant: ${violation}`)
      const raised = Math.max(ledger.epoch, gateEpoch) + 1
      await ledger.restart(raised, sums)
      return { epoch: raised, balances: sums, corrected: differingAccounts(before, sums) }
    })
    await this.gate.install(eventId, epoch, balances)
    const report = { eventId, epoch, cause, corrected, seconds: (this.clock.monotonicMs() - started) / 1000 }
    this.onRebuilt(report)
    return report
  }

  /**
   * Repairs the gate after a result with `badEpoch` (null: not loaded). Does nothing if it has been rebuilt in the
   * meantime. Concurrent callers share one rebuild.
   */
  async repair(eventId: string, badEpoch: number | null, cause: RebuildCause): Promise<void> {
    const running = this.running.get(eventId)
    if (running) return void (await running)
    const repair = this.rebuildUnlessDone(eventId, badEpoch, cause).finally(() => this.running.delete(eventId))
    this.running.set(eventId, repair)
    await repair
  }

  private async rebuildUnlessDone(eventId: string, badEpoch: number | null, cause: RebuildCause) {
    const [{ epoch }, loaded] = await Promise.all([this.ledger.read(eventId), this.gate.read(eventId)])
    const repaired = loaded?.epoch === epoch && epoch !== badEpoch
    return repaired ? null : this.rebuild(eventId, cause)
  }
}
