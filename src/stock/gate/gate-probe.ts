import { Injectable } from '@nestjs/common'
import { emptyBalances } from '../../domain/stock/ledger-account.js'
import { Readiness } from '../../infrastructure/health/readiness.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { StockGate } from './gate.js'

/** Not an event id: no tickets are sold for it. */
const PROBE = 'readiness-probe'

/** Readiness of the stock gate: its scripts run on this Redis and can write. */
@Injectable()
export class GateProbe {
  constructor(
    readiness: Readiness,
    private readonly gate: StockGate,
    private readonly clock: Clock,
  ) {
    readiness.register('redis', () => this.probe())
  }

  private async probe(): Promise<void> {
    // A newer epoch lets the same operation run again, so that the probe uses only three small keys.
    await this.gate.install(PROBE, this.clock.now().getTime(), emptyBalances())
    const result = await this.gate.take(PROBE, { operationId: PROBE, postings: [] })
    if (result.kind !== 'TAKEN') throw new Error(`stock gate rejects operations (${result.kind})`)
    await this.gate.acknowledge(PROBE, [PROBE])
  }
}
