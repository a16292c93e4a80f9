import { Global, Module } from '@nestjs/common'
import { Clock } from '../infrastructure/time/clock.js'
import { Stock } from '../stock/stock.js'
import { CountedSales } from './counted-sales.js'
import { OrderApplier } from './order-applier.js'
import { OrderIngest } from './order-ingest.js'
import { OrderStore } from './order-store.js'
import { Quarantine } from './quarantine.js'

/** Orders of the platforms: the only way in which their sales enter the ledger. */
@Global()
@Module({
  providers: [
    {
      provide: OrderApplier,
      inject: [OrderStore, Stock, Clock],
      useFactory: (store: OrderStore, stock: Stock, clock: Clock) => new OrderApplier(store, stock, clock),
    },
    CountedSales,
    OrderIngest,
    Quarantine,
  ],
  exports: [CountedSales, OrderApplier, OrderIngest, Quarantine],
})
export class OrdersModule {}
