import { Injectable, type OnModuleInit } from '@nestjs/common'
import type { BackgroundTask } from '../infrastructure/background/background-task.js'
import { BackgroundTasks } from '../infrastructure/background/background-tasks.js'
import { DecoratedMethods, type DecoratedMethod } from '../infrastructure/background/decorated-methods.js'
import { RunRecord } from '../infrastructure/background/run-record.js'
import { Clock } from '../infrastructure/time/clock.js'
import { ON_STOCK_CHANGED, type OnStockChangedOptions } from './on-stock-changed.js'
import { StockEvents } from './stock-events.js'

/** Subscribes the methods with `@OnStockChanged` as background tasks. */
@Injectable()
export class StockListeners implements OnModuleInit {
  constructor(
    private readonly methods: DecoratedMethods,
    private readonly tasks: BackgroundTasks,
    private readonly events: StockEvents,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    for (const method of this.methods.find<OnStockChangedOptions>(ON_STOCK_CHANGED))
      this.tasks.add(new StockListenerTask(method, this.events, this.clock))
  }
}

/** One method with `@OnStockChanged`, by whose name it is known. */
class StockListenerTask implements BackgroundTask {
  readonly kind = 'stock listener'
  readonly name
  readonly runsIn
  readonly declaredBy
  readonly provider
  readonly everyMs = null
  readonly record
  private unsubscribe: () => void = () => undefined

  constructor(
    private readonly method: DecoratedMethod<OnStockChangedOptions>,
    private readonly events: StockEvents,
    clock: Clock,
  ) {
    this.name = this.declaredBy = method.declaredBy
    this.runsIn = method.options.runsIn ?? ('worker' as const)
    this.provider = method.provider
    this.record = new RunRecord(clock)
  }

  start(): Promise<void> {
    this.unsubscribe = this.events.onChanged((change) =>
      this.record.measure(async () => void (await this.method.call(change))),
    )
    return Promise.resolve()
  }

  stop(): Promise<void> {
    this.unsubscribe()
    return Promise.resolve()
  }
}
