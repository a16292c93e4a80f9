import { Global, Logger, Module } from '@nestjs/common'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import { Clock } from '../infrastructure/time/clock.js'
import { GateProbe } from './gate-probe.js'
import { StockGate } from './gate.js'
import { Ledger } from './ledger.js'
import { LedgerStore } from './ledger-store.js'
import { meteredLedger, rebuildListener } from './metered.js'
import { OrderApplier } from './order-applier.js'
import { OrderStore } from './order-store.js'
import { OrderIngest } from './order-ingest.js'
import { PendingSweeper } from './pending-sweeper.js'
import { Quarantine } from './quarantine.js'
import { Rebuilder } from './rebuild.js'
import { StockEvents } from './stock-events.js'
import { StockListeners } from './stock-listeners.js'
import { Stock } from './stock.js'

const logger = new Logger('Inventory')

/** The pending sweep completes a lost acknowledgement. */
const unacknowledged = (error: unknown) =>
  logger.debug({ err: error }, 'operation not acknowledged; left to the pending sweep')

/** The only writer of stock. */
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
    {
      provide: OrderApplier,
      inject: [OrderStore, Stock, Clock],
      useFactory: (store: OrderStore, stock: Stock, clock: Clock) => new OrderApplier(store, stock, clock),
    },
    StockEvents,
    StockListeners,
    GateProbe,
    OrderIngest,
    Quarantine,
    PendingSweeper,
  ],
  exports: [Ledger, Rebuilder, Stock, OrderApplier, OrderIngest, Quarantine, StockEvents, PendingSweeper],
})
export class InventoryModule {}
