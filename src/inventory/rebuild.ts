import { LEDGER_ACCOUNTS, findInvariantViolation, type Balances } from '../domain/ledger-account.js'
import { columnsOf } from './balance-columns.js'
import type { StockGate } from './gate.js'
import { sumOfMovements, type Ledger } from './ledger.js'

/** Why a gate was loaded anew: a metric label. */
export type RebuildCause =
  'not_loaded' | 'stale' | 'lost_writes' | 'refused' | 'forgotten' | 'failover' | 'recovery' | 'operator' | 'nightly'

export interface RebuildReport {
  eventId: string
  epoch: number
  cause: RebuildCause
  /** Accounts whose balances row differed from the sum of the movements (I14): must be empty. */
  corrected: string[]
  seconds: number
}

/**
 * Loads gates from the ledger: the only code that does, for boot, failover, the CLI and the nightly run.
 * Raising the epoch under the event's lock fences every decision made by the gate that is replaced.
 */
export class Rebuilder {
  private readonly running = new Map<string, Promise<RebuildReport | null>>()

  constructor(
    private readonly ledger: Ledger,
    private readonly gate: StockGate,
    private readonly onRebuilt: (report: RebuildReport) => void,
  ) {}

  /** Locks the event, raises its epoch, sums the movements, installs them if still newer. */
  async rebuild(eventId: string, cause: RebuildCause): Promise<RebuildReport> {
    const started = performance.now()
    // Newer than the ledger's when PostgreSQL was set back to a backup.
    const there = await this.gate.epochThere(eventId)
    const { epoch, balances, corrected } = await this.ledger.exclusive(eventId, async (ledger) => {
      const sums = await sumOfMovements(ledger.prisma, eventId)
      const broken = findInvariantViolation(sums)
      if (broken) throw new Error(`the movements of ${eventId} do not add up: ${broken}`)
      const raised = Math.max(ledger.epoch, there) + 1
      await ledger.prisma.balance.update({ where: { eventId }, data: { ...columnsOf(sums), epoch: raised } })
      return { epoch: raised, balances: sums, corrected: differing(ledger.balances, sums) }
    })
    await this.gate.install(eventId, epoch, balances)
    const report = { eventId, epoch, cause, corrected, seconds: (performance.now() - started) / 1000 }
    this.onRebuilt(report)
    return report
  }

  /**
   * Makes the gate good again after it answered with `badEpoch` (null: it was not loaded). Does nothing when somebody
   * else has done it meanwhile. Callers at the same time share one rebuild.
   */
  async repair(eventId: string, badEpoch: number | null, cause: RebuildCause): Promise<void> {
    const running = this.running.get(eventId)
    if (running) return void (await running)
    const work = this.rebuildUnlessDone(eventId, badEpoch, cause).finally(() => this.running.delete(eventId))
    this.running.set(eventId, work)
    await work
  }

  private async rebuildUnlessDone(eventId: string, badEpoch: number | null, cause: RebuildCause) {
    const [{ epoch }, shown] = await Promise.all([this.ledger.read(eventId), this.gate.read(eventId)])
    const repaired = shown?.epoch === epoch && epoch !== badEpoch
    return repaired ? null : this.rebuild(eventId, cause)
  }
}

function differing(a: Balances, b: Balances): string[] {
  return LEDGER_ACCOUNTS.filter((account) => a[account] !== b[account])
}
