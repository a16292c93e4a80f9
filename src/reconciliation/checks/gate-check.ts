import { Injectable } from '@nestjs/common'
import { differingAccounts, unitsOf, type LedgerAccount, type Balances } from '../../domain/stock/ledger-account.js'
import { replay } from '../../domain/stock/posting.js'
import { Timers } from '../../infrastructure/time/timers.js'
import type { RebuildCause } from '../../stock/gate/rebuild.js'
import { Rebuilder } from '../../stock/gate/rebuild.js'
import { StockGate } from '../../stock/gate/gate.js'
import { Ledger } from '../../stock/ledger.js'
import type { CheckOptions } from '../orders/order-check.js'
import { pause } from '../run/run-deadline.js'

interface Difference {
  ledger: Record<string, number> | null
  gate: Record<string, number> | null
  detail: string
}

/** A difference counts only if this number of consecutive comparisons, this far apart, finds one. */
const COMPARISONS = 4
const COMPARISON_INTERVAL_MS = 100
const MAX_PENDING = 2_000
/** A negative minimum age includes operations of the current instant. */
const NO_MIN_AGE_MS = -1_000

/** Compares an event's stock gate with its ledger, and the ledger's balances with its movements (I7, I14). */
@Injectable()
export class GateCheck {
  constructor(
    private readonly gate: StockGate,
    private readonly ledger: Ledger,
    private readonly rebuilder: Rebuilder,
    private readonly timers: Timers,
  ) {}

  /** Throws when Redis or PostgreSQL is unavailable. @throws RunStopped */
  async check(eventId: string, cause: RebuildCause, { dryRun, sink, signal }: CheckOptions): Promise<void> {
    let difference: Difference | null = null
    for (let comparison = 1; comparison <= COMPARISONS; comparison++) {
      difference = await this.compare(eventId)
      if (!difference) return
      await pause(COMPARISON_INTERVAL_MS, signal, this.timers)
    }
    if (!difference) return
    if (!dryRun) await this.rebuilder.rebuild(eventId, cause)
    const { ledger, gate: platform, detail } = difference
    const drift = { eventId, channel: null, kind: 'GATE_DRIFT', externalOrderId: null } as const
    await sink([{ ...drift, ledger, platform, corrected: !dryRun, detail }])
  }

  /** Holds the event's lock, so nothing is committed: the gate is ahead of the ledger by its pending operations. */
  private async compare(eventId: string): Promise<Difference | null> {
    return this.ledger.exclusive(eventId, async (ledger) => {
      const sums = await ledger.sumOfMovements()
      const unbalanced = differingAccounts(sums, ledger.balances)
      if (unbalanced.length > 0) {
        const detail = 'the balances differ from the sum of their movements'
        return { ledger: selectAccounts(sums, unbalanced), gate: selectAccounts(ledger.balances, unbalanced), detail }
      }
      const gate = await this.gate.read(eventId)
      if (!gate) return { ledger: null, gate: null, detail: 'the gate is not loaded' }
      if (gate.epoch !== ledger.epoch) {
        const detail = `the gate has epoch ${gate.epoch}, the ledger has epoch ${ledger.epoch}`
        return { ledger: { epoch: ledger.epoch }, gate: { epoch: gate.epoch }, detail }
      }
      const expected = await this.addPending(eventId, ledger.epoch, ledger.balances)
      const differences = differingAccounts(expected, gate.balances)
      if (differences.length === 0) return null
      return {
        ledger: selectAccounts(expected, differences),
        gate: selectAccounts(gate.balances, differences),
        detail: 'the balances of the gate differ from the ledger',
      }
    })
  }

  private async addPending(eventId: string, epoch: number, balances: Balances): Promise<Balances> {
    const pending = await this.gate.pending(eventId, NO_MIN_AGE_MS, MAX_PENDING)
    const committed = await this.ledger.committed(pending.map(({ operationId }) => operationId))
    const ahead = pending.flatMap(({ operationId, taken }) =>
      taken && taken.epoch === epoch && !committed.has(operationId) ? taken.movements : [],
    )
    return replay(balances, ahead)
  }
}

function selectAccounts(balances: Balances, accounts: readonly LedgerAccount[]): Record<string, number> {
  return Object.fromEntries(accounts.map((account) => [account, unitsOf(balances, account)]))
}
