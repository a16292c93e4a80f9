import { Global, Logger, Module } from '@nestjs/common'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import { Clock } from '../infrastructure/time/clock.js'
import { GateProbe } from './gate/gate-probe.js'
import { StockGate } from './gate/gate.js'
import { LedgerCheckpoints } from './gate/ledger-checkpoints.js'
import { Ledger } from './ledger.js'
import { LedgerStore } from './ledger-store.js'
import { meteredLedger, rebuildListener } from './metered.js'
import { PendingSweeper } from './gate/pending-sweeper.js'
import { Rebuilder } from './gate/rebuild.js'
import { StockEvents } from './stock-events.js'
import { StockListeners } from './stock-listeners.js'
import { Stock } from './stock.js'

const logger = new Logger('Stock')

/** The pending sweep completes a lost acknowledgement. */
const unacknowledged = (error: unknown) =>
  logger.debug({ err: error }, 'operation not acknowledged; left to the pending sweep')

/** The stock of each event: gate, ledger and the transactions over both. */
@Global()
@Module({
  providers: [
    {
      provide: Ledger,
      inject: [LedgerStore, Metrics],
      useFactory: (store: LedgerStore, metrics: Metrics) => meteredLedger(new Ledger(store), metrics),
    },
    {
      provide: Rebuilder,
      inject: [Ledger, StockGate, Metrics, Clock],
      useFactory: (ledger: Ledger, gate: StockGate, metrics: Metrics, clock: Clock) =>
        new Rebuilder(ledger, gate, rebuildListener(metrics), clock),
    },
    {
      provide: Stock,
      inject: [StockGate, Ledger, Rebuilder],
      useFactory: (gate: StockGate, ledger: Ledger, rebuilder: Rebuilder) =>
        new Stock(gate, ledger, rebuilder, unacknowledged),
    },
    StockEvents,
    StockListeners,
    GateProbe,
    LedgerCheckpoints,
    PendingSweeper,
  ],
  exports: [Ledger, Rebuilder, Stock, StockEvents, PendingSweeper],
})
export class StockModule {}
