import { Injectable } from '@nestjs/common'
import { LEDGER_ACCOUNTS, type LedgerAccount, type Balances } from '../domain/ledger-account.js'
import { replay } from '../domain/posting.js'
import type { RebuildCause } from '../inventory/rebuild.js'
import { Rebuilder } from '../inventory/rebuild.js'
import { StockGate } from '../inventory/gate.js'
import { Ledger, sumOfMovements } from '../inventory/ledger.js'
import type { CheckOptions } from './order-check.js'
import { pause } from './run-deadline.js'

interface Difference {
  ledger: Record<string, number> | null
  gate: Record<string, number> | null
  detail: string
}

/** A difference counts when so many looks, so far apart, agree that there is one. */
const LOOKS = 4
const LOOK_MS = 100
const MAX_PENDING = 2_000
/** Also what was taken within this second. */
const UP_TO_NOW_MS = -1_000

/** Compares an event's stock gate with its ledger, and the ledger's balances with its movements (I7, I14). */
@Injectable()
export class GateCheck {
  constructor(
    private readonly gate: StockGate,
    private readonly ledger: Ledger,
    private readonly rebuilder: Rebuilder,
  ) {}

  /** Throws when Redis or PostgreSQL does not answer. @throws Stopped */
  async check(eventId: string, cause: RebuildCause, { dryRun, sink, signal }: CheckOptions): Promise<void> {
    let difference: Difference | null = null
    for (let look = 1; look <= LOOKS; look++) {
      difference = await this.compare(eventId)
      if (!difference) return
      await pause(LOOK_MS, signal)
    }
    if (!difference) return
    if (!dryRun) await this.rebuilder.rebuild(eventId, cause)
    const { ledger, gate: platform, detail } = difference
    const about = { eventId, channel: null, kind: 'GATE_DRIFT', externalOrderId: null } as const
    await sink([{ ...about, ledger, platform, corrected: !dryRun, detail }])
  }

  /** Under the event's lock nothing is committed: the gate is ahead by what it took and the ledger has not seen. */
  private async compare(eventId: string): Promise<Difference | null> {
    return this.ledger.exclusive(eventId, async (ledger) => {
      const sums = await sumOfMovements(ledger.prisma, eventId)
      const broken = differing(sums, ledger.balances)
      if (broken.length > 0) {
        const detail = 'the balances differ from the sum of their movements'
        return { ledger: pick(sums, broken), gate: pick(ledger.balances, broken), detail }
      }
      const shown = await this.gate.read(eventId)
      if (!shown) return { ledger: null, gate: null, detail: 'the gate is not loaded' }
      if (shown.epoch !== ledger.epoch) {
        const detail = `the gate is of epoch ${shown.epoch}, the ledger of epoch ${ledger.epoch}`
        return { ledger: { epoch: ledger.epoch }, gate: { epoch: shown.epoch }, detail }
      }
      const expected = await this.withPending(eventId, ledger.epoch, ledger.balances)
      const wrong = differing(expected, shown.balances)
      if (wrong.length === 0) return null
      return { ledger: pick(expected, wrong), gate: pick(shown.balances, wrong), detail: 'the gate shows other stock' }
    })
  }

  private async withPending(eventId: string, epoch: number, balances: Balances): Promise<Balances> {
    const pending = await this.gate.pending(eventId, UP_TO_NOW_MS, MAX_PENDING)
    const committed = await this.ledger.committed(pending.map(({ operationId }) => operationId))
    const ahead = pending.flatMap(({ operationId, taken }) =>
      taken && taken.epoch === epoch && !committed.has(operationId) ? taken.movements : [],
    )
    return replay(balances, ahead)
  }
}

function differing(a: Balances, b: Balances): LedgerAccount[] {
  return LEDGER_ACCOUNTS.filter((account) => a[account] !== b[account])
}

function pick(balances: Balances, accounts: readonly LedgerAccount[]): Record<string, number> {
  return Object.fromEntries(accounts.map((account) => [account, balances[account]]))
}
